"""Files that are whole in themselves: none that makes FFmpeg read others, whatever its name says it is."""

import errno
from pathlib import Path

import av
from av.container import InputContainer

from edge_vsr.camera.short import short_format
from edge_vsr.frame import LARGEST_SIDE

_LEADS_ELSEWHERE = frozenset(
    {"avisynth", "concat", "dash", "hls", "image2", "imf", "lavfi", "mlv", "rtp", "rtsp", "sap", "sdp", "vapoursynth"}
    | {"vobsub", "webm_dash_manifest"}
)
MODEST = {"max_pixels": str(LARGEST_SIDE**2)}
"""An option of FFmpeg's decoders, which else make gigabytes of a few bytes."""
PLAIN = {"format_whitelist": ",".join(sorted(av.formats_available - _LEADS_ELSEWHERE)), **MODEST}
"""Options of FFmpeg to open one with. What opening decodes is modest, too, where the format says what there is."""


def open_plain(path: Path) -> InputContainer:
    """Open a file as what it is. Raises av.FFmpegError or OSError."""
    # Absolute, since FFmpeg takes "2026-11-22T10:00.mp4" for an address; and titles need not be UTF-8.
    return av.open(str(path.absolute()), format=short_format(path), options=PLAIN, metadata_errors="replace")


def too_large(error: av.FFmpegError | OSError) -> bool:
    """Whether a file was refused for the size that it says its pictures have. FFmpeg's reader of .y4m adds the six
    bytes of a frame's mark to its error for that, EINVAL, which makes another of it."""
    return error.errno == errno.EBUSY
