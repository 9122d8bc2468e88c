"""Heat, throttling and the power supply."""

from collections.abc import Iterator

from edge_vsr.doctor.finding import Finding, note, ok, warning
from edge_vsr.heat import HeatSensor, SysfsHeat

CLOSE = 10.0
"""Degrees Celsius below the limit from which a box under load will soon reach it."""


def check_heat(sensor: HeatSensor | None = None) -> Iterator[Finding]:
    """As it is now; throttling of the past does not count."""
    heat = (sensor or SysfsHeat()).read()
    if heat.celsius is None:
        yield note("heat", "nothing tells the processor's temperature")
    else:
        text = f"{heat.celsius:.0f} °C" + (f", slows itself down at {heat.limit:.0f}" if heat.limit else "")
        hot = heat.headroom is not None and heat.headroom < CLOSE
        yield warning("heat", text, "give it a heat sink, a fan or shade") if hot else ok("heat", text)
    if heat.throttled:
        yield warning("throttled", "the processor is slowed down", "cool it, or allow a lower --rung")
    if heat.under_voltage:
        yield warning(
            "power", "the supply's voltage is too low", "use the supply made for this board, and a short cable"
        )
