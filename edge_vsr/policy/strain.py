"""Whether the box can take super-resolution now. Pure: readings in, words out."""

from edge_vsr.heat import Heat
from edge_vsr.memory import MIB

HOT = 5.0
"""Degrees Celsius below the chip's own limit, from which the network stops."""
COOL = 12.0
"""The same, up to which it does not begin: it heats by some degrees itself."""
LEAST_SPARE = 32 * MIB
"""Bytes of memory that must be left while it runs."""
ENOUGH_SPARE = 64 * MIB
"""Before it begins."""


def strain(heat: Heat | None, spare: int | None, *, running: bool) -> str | None:
    """What stands against super-resolution, in words; None if nothing does.

    `spare` is memory that is left, in bytes; None where unknown, as for `heat`. `running`: it is being done, and need
    not stop as early as it must not begin.
    """
    if heat is not None:
        if heat.under_voltage:
            return "the power supply is too weak"
        if heat.throttled:
            return "the processor is throttled"
        if heat.headroom is not None and heat.headroom < (HOT if running else COOL):
            return f"the chip has {heat.celsius:.0f} °C, its limit is {heat.limit:.0f}"
    if spare is not None and spare < (LEAST_SPARE if running else ENOUGH_SPARE):
        return f"only {max(0, spare) // MIB} MiB of memory are left"
    return None
