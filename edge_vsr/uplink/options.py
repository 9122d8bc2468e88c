"""What an uplink needs to know besides its address."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class UplinkOptions:
    """Time-outs in seconds."""

    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's."""
    client_certificate: Path | None = None
    """PEM certificate to show to the far end, with its chain."""
    client_key: Path | None = None
    """PEM key of that certificate; None where it is in the same file."""
    bearer_token: str | None = field(default=None, repr=False)
    verify: bool = True
    """Ask the far end how much of each segment it keeps; one round trip each."""
    connect_timeout: float = 10.0
    answer_timeout: float = 30.0
    """For one object, on top of the time that its bytes need at `slowest`."""
    slowest: float = 16.0
    """kbit/s; a link slower than this counts as away."""
    picture_timeout: float = 5.0
    """For one picture of a live stream."""
