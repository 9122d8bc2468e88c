"""The states of the disk that a spool lies on."""

import errno
from enum import Enum

from edge_vsr.uplink.durable import NO_ROOM


class SpoolState(Enum):
    """Whether segments can be stored."""

    READY = "ready"
    FULL = "full"
    """The disk is full, and giving up segments does not make enough room."""
    READ_ONLY = "read-only"
    FAILING = "failing"
    """Any other error of the disk."""

    @classmethod
    def after(cls, error: OSError) -> "SpoolState":
        if error.errno in NO_ROOM:
            return cls.FULL
        return cls.READ_ONLY if error.errno == errno.EROFS else cls.FAILING


def reason(error: OSError) -> str:
    """What is wrong, and what to do about it where that is known."""
    text = error.strerror or str(error)
    match SpoolState.after(error):
        case SpoolState.FULL:
            return f"{text}; make room there, or give another folder"
        case SpoolState.READ_ONLY:
            return f"{text}; mount it for writing, or give another folder"
    return text
