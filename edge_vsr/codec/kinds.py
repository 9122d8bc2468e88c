"""The encoders that there are, and what FFmpeg has to be told for each to code without delay."""

from collections.abc import Callable
from dataclasses import dataclass

from edge_vsr.codec.encoder import LEAST_BITS, LEAST_FULLNESS, USUAL_FULLNESS, Encoder, EncoderSettings
from edge_vsr.codec.ffmpeg import FfmpegEncoder
from edge_vsr.codec.level import Codec
from edge_vsr.codec.program import ProgramEncoder
from edge_vsr.codec.svt import LIBRARY as SVT_LIBRARY
from edge_vsr.codec.svt import SvtEncoder
from edge_vsr.codec.video_frame import Pixels
from edge_vsr.memory import MIB

PRESET = "veryfast"
"""Of libx264 and libx265, a trade of time against bits."""
ONE_SLICE = 8_000_000
"""Luma samples a second, 960x540 at 15 frames a second, that libx264 codes with one thread. Without delay each thread
makes a slice of its own, which knows nothing of the others: three of them take 5 to 12 % more bits at 384x216, and more
processors make more of them (docs/quality.md)."""
USUAL_AQ, RESTORED_AQ = "1.0", "0.5"
"""Strength of libx264's adaptive quantization: bits for flat areas, at the cost of the others. Half of the usual one is
better on every clip once the picture is restored, by 3 to 18 % of the bits for the same PSNR-Y, 3 to 20 % for the same
VMAF (docs/quality.md)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One encoder."""

    name: str
    """As users know it."""
    library: str
    """As FFmpeg knows it."""
    codec: Codec
    options: Callable[[EncoderSettings, float, float], dict[str, str]]
    """For settings, the share of the rate's buffer that is full at the start, and `crf`."""
    crf: float = 0.0
    """Quality of libx264 and libx265, 0..51, smaller is better."""
    pixels: Pixels = "yuv420p"
    devices: str | None = None
    """A pattern of what must be in /dev; None for software, which needs nothing."""
    bytes_a_sample: float = 25.0
    """Of luma, that it holds, and beside them `bytes_always`; measured, see docs/memory.md."""
    bytes_always: int = 0

    def open(
        self,
        settings: EncoderSettings,
        fullness: float = USUAL_FULLNESS,
        appetite: float | None = None,  # noqa: ARG002  for encoders that cannot find it out by themselves
    ) -> Encoder:
        """One that goes on with a stream whose encoder before left `fullness` of the rate's buffer, and knew the
        scene's `appetite`. Raises EncoderError."""
        least = max(LEAST_FULLNESS, LEAST_BITS / settings.buffer_bits)
        fullness = min(USUAL_FULLNESS, max(least, fullness))
        return self._opened(self.options(settings, fullness, self.crf), settings, fullness)

    def _opened(self, options: dict[str, str], settings: EncoderSettings, fullness: float) -> Encoder:
        return FfmpegEncoder(self.library, options, settings, fullness, self.pixels)


@dataclass(frozen=True, slots=True)
class ProgramKind(Kind):
    """One of the ffmpeg program's encoders, for H.264."""

    before: tuple[str, ...] = ()
    """Arguments of the program, before its input."""

    def _opened(self, options: dict[str, str], settings: EncoderSettings, fullness: float) -> Encoder:
        return ProgramEncoder(self.library, options, settings, fullness, self.before)


@dataclass(frozen=True, slots=True)
class SvtKind(Kind):
    """SVT-AV1, which sets its own options."""

    def open(
        self, settings: EncoderSettings, fullness: float = USUAL_FULLNESS, appetite: float | None = None
    ) -> Encoder:
        return SvtEncoder(settings, fullness, appetite)


def _x264(settings: EncoderSettings, fullness: float, crf: float) -> dict[str, str]:
    return {
        "preset": PRESET,
        "tune": "zerolatency",
        "crf": str(crf),
        "maxrate": f"{settings.kbits}k",
        "bufsize": str(settings.buffer_bits),
        "rc_init_occupancy": str(round(settings.buffer_bits * fullness)),
        "level": settings.level,
        "forced-idr": "1",
        "sc_threshold": "0",
        "g": "9999",
        "aq-strength": RESTORED_AQ if settings.restored else USUAL_AQ,
        "threads": "1" if settings.samples_a_second <= ONE_SLICE else "auto",
    }


def _x265(settings: EncoderSettings, fullness: float, crf: float) -> dict[str, str]:
    parameters = {
        "vbv-maxrate": settings.kbits,
        "vbv-bufsize": max(1, settings.buffer_bits // 1000),
        "vbv-init": f"{fullness:.3f}",
        "level-idc": settings.level,
        "high-tier": 0,
        "keyint": -1,
        "open-gop": 0,
        "scenecut": 0,
        "repeat-headers": 1,
        # Its account of itself is 2 kB before each keyframe.
        "info": 0,
        "log-level": "none",
    }
    return {
        "preset": PRESET,
        "tune": "zerolatency",
        "crf": str(crf),
        "forced-idr": "1",
        "x265-params": ":".join(f"{name}={value}" for name, value in parameters.items()),
    }


def _v4l2m2m(settings: EncoderSettings, _fullness: float, _crf: float) -> dict[str, str]:
    return {"b": f"{settings.kbits}k", "g": "9999"}


def _qsv(settings: EncoderSettings, fullness: float, _crf: float) -> dict[str, str]:
    return {
        "preset": PRESET,
        # With equal figures it is a constant rate, which fills quiet scenes up.
        "b": f"{round(settings.kbits * 0.9)}k",
        "maxrate": f"{settings.kbits}k",
        "bufsize": str(settings.buffer_bits),
        "rc_init_occupancy": str(round(settings.buffer_bits * fullness)),
        "level": settings.level.replace(".", "") if "." in settings.level else f"{settings.level}0",
        "async_depth": "1",
        "look_ahead": "0",
        "forced_idr": "1",
        "bf": "0",
        "g": "9999",
    }


def _vaapi(settings: EncoderSettings, _fullness: float, _crf: float) -> dict[str, str]:
    return {
        "vf": "format=nv12,hwupload",
        "rc_mode": "VBR",
        "b:v": f"{round(settings.kbits * 0.9)}k",
        "maxrate": f"{settings.kbits}k",
        "bufsize": str(settings.buffer_bits),
        "level": settings.level,
        "bf": "0",
        "g": "9999",
    }


X264 = Kind("x264", "libx264", "h264", _x264, crf=23.0)
X265 = Kind("x265", "libx265", "hevc", _x265, crf=26.0, bytes_a_sample=50.0, bytes_always=32 * MIB)
SVTAV1 = SvtKind(
    "svtav1", SVT_LIBRARY, "av1", lambda _settings, _fullness, _crf: {}, bytes_a_sample=52.0, bytes_always=16 * MIB
)
H264_QSV = Kind("h264_qsv", "h264_qsv", "h264", _qsv, pixels="nv12", devices="dri/renderD*")
H264_V4L2M2M = Kind("h264_v4l2m2m", "h264_v4l2m2m", "h264", _v4l2m2m, devices="video*")
H264_VAAPI = ProgramKind(
    "h264_vaapi",
    "h264_vaapi",
    "h264",
    _vaapi,
    devices="dri/renderD*",
    # The first render node whose driver can: a box may have several, and a first one without.
    before=("-init_hw_device", "vaapi=any", "-filter_hw_device", "any"),
)
HARDWARE = (H264_QSV, H264_V4L2M2M, H264_VAAPI)
"""In the order in which they are tried."""
KINDS = {kind.name: kind for kind in (X264, X265, SVTAV1, *HARDWARE)}
