"""Memory that a step of training frees, kept for the next one."""

from edge_vsr.memory import MIB, MMAP_THRESHOLD, TOP_PAD, TRIM_THRESHOLD, set_allocator

NEVER = 2**31 - 1
LARGEST_MMAP_THRESHOLD = 32 * MIB
AT_ONCE = 256 * MIB


def keep_freed_memory() -> None:
    """Give nothing back to the kernel before the process ends, which by the C library's own settings clears the same
    megabytes anew at every operation: half of a step's time. What a run at the edge wants is the opposite."""
    set_allocator({TRIM_THRESHOLD: NEVER, TOP_PAD: AT_ONCE, MMAP_THRESHOLD: LARGEST_MMAP_THRESHOLD})
