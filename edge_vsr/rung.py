"""The ladder of what is sent."""

from enum import Enum


class Rung(Enum):
    """From least to most bits."""

    LOW = "low"
    """Half size, to be restored at the far end."""
    NATIVE = "native"
    """As the camera delivers it."""
    ENHANCED = "enhanced"
    """Super-resolved on the box."""
