"""The level of a stream: what a decoder must be able to take (ITU-T H.264, table A-1; H.265, tables A.8 and
A.9; AV1 specification, A.3)."""

from fractions import Fraction
from typing import Literal

from edge_vsr.frame import Size

Codec = Literal["h264", "hevc", "av1"]
"""FFmpeg's names."""

_H264 = (
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

_HEVC = (
    ("1", 552_960, 36_864, 128),
    ("2", 3_686_400, 122_880, 1_500),
    ("2.1", 7_372_800, 245_760, 3_000),
    ("3", 16_588_800, 552_960, 6_000),
    ("3.1", 33_177_600, 983_040, 10_000),
    ("4", 66_846_720, 2_228_224, 12_000),
    ("4.1", 133_693_440, 2_228_224, 20_000),
    ("5", 267_386_880, 8_912_896, 25_000),
    ("5.1", 534_773_760, 8_912_896, 40_000),
    ("5.2", 1_069_547_520, 8_912_896, 60_000),
    ("6", 1_069_547_520, 35_651_584, 60_000),
    ("6.1", 2_139_095_040, 35_651_584, 120_000),
    ("6.2", 4_278_190_080, 35_651_584, 240_000),
)
"""Name, luma samples a second, luma samples a frame, kbit/s in the main tier."""
_AV1 = (
    ("2.0", 4_423_680, 147_456, 1_500),
    ("2.1", 8_363_520, 278_784, 3_000),
    ("3.0", 19_975_680, 665_856, 6_000),
    ("3.1", 31_950_720, 1_065_024, 10_000),
    ("4.0", 70_778_880, 2_359_296, 12_000),
    ("4.1", 141_557_760, 2_359_296, 20_000),
    ("5.0", 267_386_880, 8_912_896, 30_000),
    ("5.1", 534_773_760, 8_912_896, 40_000),
    ("5.2", 1_069_547_520, 8_912_896, 60_000),
    ("6.0", 1_069_547_520, 35_651_584, 60_000),
    ("6.1", 2_139_095_040, 35_651_584, 100_000),
    ("6.2", 4_278_190_080, 35_651_584, 160_000),
)
"""The same, in the main tier."""
_LEVELS = {"h264": (16, _H264), "hevc": (1, _HEVC), "av1": (1, _AV1)}
"""The unit that pictures are measured in, and the table."""


def level_for(codec: Codec, size: Size, rate: Fraction, kbits: float) -> str:
    """The lowest level for frames of `size` at `rate` a second and `kbits`; the highest where none is enough."""
    unit, levels = _LEVELS[codec]
    columns, rows = -(-size.width // unit), -(-size.height // unit)
    for name, most_a_second, most_a_frame, most_kbits in levels:
        fits = columns * rows <= most_a_frame and max(columns, rows) ** 2 <= 8 * most_a_frame
        if fits and columns * rows * rate <= most_a_second and kbits <= most_kbits:
            return name
    return levels[-1][0]
