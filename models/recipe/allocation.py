"""Memory that a step of training frees, kept for the next one."""

import ctypes

# <malloc.h> of the GNU C library; its own values ask the kernel for the same megabytes anew at every operation.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
NEVER = 2**31 - 1
LARGEST_MMAP_THRESHOLD = 32 << 20
AT_ONCE = 256 << 20


def keep_freed_memory() -> None:
    """Give nothing back to the kernel before the process ends: half of a step's time went into pages that were cleared
    anew. Does nothing where the C library has no such settings."""
    settings = getattr(ctypes.CDLL(None), "mallopt", None)
    if settings is not None:
        for setting, value in (
            (M_TRIM_THRESHOLD, NEVER),
            (M_TOP_PAD, AT_ONCE),
            (M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD),
        ):
            settings(setting, value)
