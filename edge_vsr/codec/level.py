"""The level of an H.264 stream: what a decoder must be able to take (ITU-T H.264, table A-1)."""

from fractions import Fraction

from edge_vsr.frame import Size

_LEVELS = (
    ("1", 1_485, 99, 64),
    ("1.1", 3_000, 396, 192),
    ("1.2", 6_000, 396, 384),
    ("1.3", 11_880, 396, 768),
    ("2", 11_880, 396, 2_000),
    ("2.1", 19_800, 792, 4_000),
    ("2.2", 20_250, 1_620, 4_000),
    ("3", 40_500, 1_620, 10_000),
    ("3.1", 108_000, 3_600, 14_000),
    ("3.2", 216_000, 5_120, 20_000),
    ("4", 245_760, 8_192, 20_000),
    ("4.1", 245_760, 8_192, 50_000),
    ("4.2", 522_240, 8_704, 50_000),
    ("5", 589_824, 22_080, 135_000),
    ("5.1", 983_040, 36_864, 240_000),
    ("5.2", 2_073_600, 36_864, 240_000),
    ("6", 4_177_920, 139_264, 240_000),
    ("6.1", 8_355_840, 139_264, 480_000),
    ("6.2", 16_711_680, 139_264, 800_000),
)
"""Name, macroblocks a second, macroblocks a frame, kbit/s."""


def level_for(size: Size, rate: Fraction, kbits: float) -> str:
    """The lowest level for frames of `size` at `rate` a second and `kbits`; the highest where none is enough."""
    columns, rows = -(-size.width // 16), -(-size.height // 16)
    for name, most_a_second, most_a_frame, most_kbits in _LEVELS:
        fits = columns * rows <= most_a_frame and max(columns, rows) ** 2 <= 8 * most_a_frame
        if fits and columns * rows * rate <= most_a_second and kbits <= most_kbits:
            return name
    return _LEVELS[-1][0]
