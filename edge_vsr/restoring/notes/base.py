"""What is noted beside the samples of a picture."""

from dataclasses import dataclass, field

INCH = 0.0254
"""Metres."""
MOST_PROFILE = 8 << 20
"""Bytes of a colour profile; a larger one is not meant to be one."""


@dataclass(frozen=True, slots=True)
class Notes:
    """As far as a file has them."""

    exif: bytes | None = field(default=None, repr=False)
    """Exif, beginning with its byte order."""
    profile: bytes | None = field(default=None, repr=False)
    """An ICC colour profile."""
    resolution: tuple[float, float] | None = None
    """Samples a metre, across and down; both more than 0."""

    def fits(self, *, gray: bool) -> bool:
        """Whether the profile, if there is one, is of pictures in gray or in RGB (ICC.1:2022, 7.2.8)."""
        return self.profile is None or self.profile[16:20] == (b"GRAY" if gray else b"RGB ")
