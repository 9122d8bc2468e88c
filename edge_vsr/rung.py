"""The ladder of what is sent."""

from enum import Enum


class Rung(Enum):
    """From least to most bits."""

    STILL = "still"
    """One picture every few seconds, as the camera delivers it."""
    LOW = "low"
    """Half size, to be restored at the far end."""
    NATIVE = "native"
    """As the camera delivers it."""
    ENHANCED = "enhanced"
    """Super-resolved on the box."""

    @property
    def seconds(self) -> float:
        """Of video in one segment."""
        return STILL_SECONDS if self is Rung.STILL else SEGMENT_SECONDS


SEGMENT_SECONDS = 2.0
STILL_SECONDS = 10.0
"""So long that 16 kbit/s carry a picture worth looking at."""
