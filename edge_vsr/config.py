"""What one run is asked to do, checked once."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Literal

from edge_vsr.errors import UsageError
from edge_vsr.frame import Size
from edge_vsr.redact import redact
from edge_vsr.rung import Rung

MOST_PARALLEL = 4
SendingOrder = Literal["oldest-first", "newest-first"]

_LIVE = re.compile(r"(rtsps?|rtmps?|srt)://", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^:/?#@]*):[^/?#]*(?=@)")


class SuperResolution(Enum):
    """Whether the box super-resolves before the uplink."""

    AUTO = "auto"
    """When link and compute allow it."""
    ON = "on"
    OFF = "off"


class EncoderChoice(Enum):
    """What encodes."""

    AUTO = "auto"
    """Hardware that has coded the first frame well, else libx264."""
    X264 = "x264"
    X265 = "x265"
    SVTAV1 = "svtav1"
    H264_V4L2M2M = "h264_v4l2m2m"
    H264_QSV = "h264_qsv"
    H264_VAAPI = "h264_vaapi"


@dataclass(frozen=True, slots=True)
class RunConfig:
    """`edge-vsr run`, typed."""

    camera: str = field(repr=False)
    uplink: str = field(repr=False)
    """The far end that the spool is for."""
    seconds: float | None = None
    """Length of the run; None for no end."""
    sr: SuperResolution = SuperResolution.AUTO
    model: str = "auto"
    model_like: str | None = None
    """A network as fast as which `auto` chooses."""
    rung: Rung | None = None
    """The one rung to send on; None lets the policy choose."""
    rate: Fraction | None = None
    """Frames a second; None for the camera's own."""
    size: Size | None = None
    """Of the camera's frames; None for its own."""
    rtsp_transport: Literal["tcp", "udp"] = "tcp"
    encoder: EncoderChoice = EncoderChoice.AUTO
    runtime: str = "auto"
    threads: int | None = None
    """Of the network; None for all processors."""
    tile: tuple[int, int] | None = None
    """Rows and columns of luma samples that the network makes at a time; None for whole frames."""
    change_threshold: int | None = None
    """Change in levels of detail up to which a tile of a live camera's last frame is kept; None follows its noise, 0
    keeps what is the same."""
    attention_seconds: float = 10.0
    """Between two times that the network's attention is asked about a camera that stands still."""
    memory: int | None = None
    """Bytes for the whole process; None for what is free."""
    spool: Path | None = None
    """Folder; None for `default_spool`."""
    spool_bytes: int | None = 1 << 30
    """Of segments that wait; over it some are given up. None for no bound."""
    spool_seconds: float | None = None
    """Age at which what waits is given up; None for never."""
    order: SendingOrder = "oldest-first"
    """What is sent first after an outage."""
    parallel: int = 2
    """Segments on their way at once, over HTTP; 1..4."""
    ca_file: Path | None = None
    """PEM certificates to trust at the far end instead of the system's."""
    client_certificate: Path | None = None
    """PEM certificate to show to the far end."""
    client_key: Path | None = None
    """PEM key of that; None where it is in the same file."""
    live_uplink: str | None = field(default=None, repr=False)
    """A live far end besides, best effort."""
    mqtt: str | None = field(default=None, repr=False)
    """Address of a broker that is told how the run is doing."""
    mqtt_allow: str = ""
    """Commands that it may give, with commas between."""
    mqtt_ca: Path | None = None
    """PEM certificates to trust there instead of the system's."""
    mqtt_still_seconds: float | None = None
    """Between two stills; None for only those that are asked for."""
    mqtt_discovery: bool = False
    """Announce the run to Home Assistant."""
    bearer_token: str | None = field(default=None, repr=False)
    """For an HTTP far end."""
    bearer_token_file: Path | None = None
    """Where that comes from, if it is a file."""
    metrics_token: str | None = field(default=None, repr=False)
    """That who asks for metrics must have."""
    metrics_token_file: Path | None = None
    """Where that comes from, if it is a file."""
    verify: bool = True
    """Ask an HTTP far end how much of each segment it keeps."""

    def __post_init__(self) -> None:
        if self.rung is Rung.ENHANCED and self.sr is SuperResolution.OFF:
            raise UsageError("--rung enhanced needs super-resolution; leave out --sr off")
        if self.rung not in (None, Rung.ENHANCED) and self.sr is SuperResolution.ON:
            raise UsageError(f"--sr on sends the enhanced rung; leave out --rung {self.rung.value}")
        rtmp = [one for one in (self.uplink, self.live_uplink) if one and re.match("rtmps?://", one, re.IGNORECASE)]
        if self.encoder is EncoderChoice.X265 and rtmp:
            raise UsageError("RTMP carries H.264; leave out --encoder x265, or push over RTSP or SRT")
        live = [one for one in (self.uplink, self.live_uplink) if one and _LIVE.match(one)]
        if self.encoder is EncoderChoice.SVTAV1 and live:
            raise UsageError("AV1 goes to far ends that keep segments; leave out --encoder svtav1, or the live uplink")
        if not 1 <= self.parallel <= MOST_PARALLEL:
            raise UsageError(f"--parallel {self.parallel} is not a number from 1 to {MOST_PARALLEL}")
        if self.client_key and not self.client_certificate:
            raise UsageError("--uplink-key needs --uplink-cert, the certificate that it belongs to")

    @property
    def least(self) -> Rung:
        """The lowest rung that the policy may choose."""
        if self.rung:
            return self.rung
        return Rung.ENHANCED if self.sr is SuperResolution.ON else Rung.STILL

    @property
    def most(self) -> Rung:
        """The highest rung that the policy may choose."""
        if self.rung:
            return self.rung
        return Rung.NATIVE if self.sr is SuperResolution.OFF else Rung.ENHANCED


def default_spool(camera: str, uplink: str) -> Path:
    """A folder of its own for each camera and far end, so that nothing is ever sent to another one. A password or a
    signature that changes does not make it another one.

    Below systemd's state directory where there is one, else below the user's (XDG Base Directory Specification). Raises
    UsageError for a user without any.
    """
    state = os.environ.get("STATE_DIRECTORY", "").partition(":")[0] or _user_state() / "edge-vsr"
    where = _lasting(uplink) if "://" in uplink else str(Path(uplink).expanduser().resolve())
    plain = re.sub(r"[^A-Za-z0-9]+", "-", redact(camera)).strip("-")[:40] or "camera"
    digest = hashlib.sha256(f"{_without_password(camera)}\n{where}".encode()).hexdigest()
    return Path(state) / "spool" / f"{plain}-{digest[:8]}"


def _lasting(url: str) -> str:
    """What stays of a far end's address when its credentials change."""
    without = _without_password(url)
    # Of PUT the query is the signature; of SRT it names the stream.
    return without.partition("?")[0] if without.lower().startswith("http") else without


def _without_password(address: str) -> str:
    return _PASSWORD.sub(r"\1", address)


def _user_state() -> Path:
    try:
        return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        raise UsageError("this user has no home for a spool; give a folder with --spool") from None
