"""Segments for tests."""

from edge_vsr.segment import Segment, SegmentInfo, SegmentNames

NAMES = SegmentNames("20261122T110205Z", "a1b2c3")


def info(
    sequence: int, names: SegmentNames = NAMES, *, duration: float = 2.0, discontinuity: bool = False
) -> SegmentInfo:
    return SegmentInfo(
        name=names.name(sequence),
        sequence=sequence,
        start=1_790_000_000.0 + 2.0 * sequence,
        duration=duration,
        frames=50,
        dropped=0,
        width=640,
        height=360,
        rung="native",
        discontinuity=discontinuity,
    )


def segment(sequence: int, size: int = 1000, names: SegmentNames = NAMES) -> Segment:
    return Segment(info(sequence, names), bytes([sequence % 256]) * size)
