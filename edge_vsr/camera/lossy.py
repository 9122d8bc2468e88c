"""Which files lost something when they were coded."""

from pathlib import Path

import av

from edge_vsr.camera.plain import open_plain


def is_lossy_video(path: Path) -> bool:
    """Whether the first video stream was coded with loss, as far as its codec tells: one that can do both, as H.264
    can, nearly always does. So is what cannot be read; whoever reads it says why."""
    if not path.is_file():  # a pipe is read once
        return True
    try:
        with open_plain(path) as container:
            codec = container.streams.video[0].codec_context.codec
    except (av.FFmpegError, OSError, IndexError, AttributeError):  # PyAV: what has no decoder has no context
        return True
    return bool(codec.lossy or not codec.lossless)
