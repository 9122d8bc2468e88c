"""The states of a spool, most of which are those of its disk."""

import errno
from enum import Enum

from edge_vsr.uplink.durable import NO_ROOM


class SpoolState(Enum):
    """Whether segments can be stored."""

    READY = "ready"
    UNKNOWN_FILES = "unknown-files"
    """They can; beside them lie files that no version up to this one describes, which are left alone and not sent."""
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
