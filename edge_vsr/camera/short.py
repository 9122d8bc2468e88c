"""Files that are too short for FFmpeg to tell what they are."""

from pathlib import Path

PACKET = 188
"""Bytes of a packet of MPEG-TS, ISO/IEC 13818-1."""
SYNC = 0x47
"""The byte that each begins with."""
_LEAST, _MOST = 5, 64
"""Packets: fewer might be a text by chance, and of more FFmpeg is sure itself."""


def short_format(path: Path) -> str | None:
    """FFmpeg's name of the format of a short file, where that can be told; None for FFmpeg to find out.

    A still, or a segment of few frames, has 9 packets or so, of which FFmpeg says that the file ends too early.
    """
    try:
        if not path.is_file() or path.stat().st_size >= (_MOST + 1) * PACKET:  # a pipe is read once
            return None
        heads = path.read_bytes()[::PACKET]
    except OSError:
        return None
    return "mpegts" if len(heads) >= _LEAST and set(heads) == {SYNC} else None
