"""How hot the box is, and whether heat or a weak power supply slows it down: what Linux tells in sysfs.

Sources: the kernel's documentation of thermal zones and cooling devices (driver-api/thermal/sysfs-api), of hwmon
(hwmon/sysfs-interface) and of Intel's throttle counters (ABI/testing/sysfs-devices-system-cpu); for the Raspberry Pi
the firmware's `get_throttled` bits and its documented soft limit. What is not there is not known, and never an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

RASPBERRY_LIMIT = 80.0
"""Degrees Celsius at which a Raspberry Pi's firmware begins to slow the processor; its trip points name only 110."""

_UNDER_VOLTAGE = 1 << 0
_SLOWED = 1 << 1 | 1 << 2 | 1 << 3  # frequency capped, throttled, at the soft limit; from bit 16 on: has ever been so
_PROCESSOR = re.compile(r"cpu|soc|pkg|package|core|bigcore|tsens", re.IGNORECASE)
_PROCESSOR_SENSORS = ("coretemp", "k10temp", "zenpower")
_PROCESSOR_COOLERS = re.compile(r"(thermal-)?cpufreq|processor", re.IGNORECASE)
_LIMIT_TRIPS = ("passive", "hot", "critical")
_BELIEVABLE = (-60.0, 200.0)
"""Degrees Celsius; drivers of sensors that are away tell of 0 K or of 65535."""


@dataclass(frozen=True, slots=True)
class Heat:
    """The box at one moment."""

    celsius: float | None
    """Of the processor, where it is nearest to its limit; None if nothing tells."""
    limit: float | None
    """Degrees Celsius at which the chip slows itself down; None if nothing tells."""
    throttled: bool
    """The processor is slowed down now, or was since the last reading."""
    under_voltage: bool
    """The power supply is too weak now."""

    @property
    def headroom(self) -> float | None:
        """Degrees Celsius until the chip slows itself down, below 0 beyond that; None if unknown."""
        return None if self.celsius is None or self.limit is None else self.limit - self.celsius


NOTHING_KNOWN = Heat(celsius=None, limit=None, throttled=False, under_voltage=False)


class HeatSensor(Protocol):
    """Tells how hot the box is. Used by one thread."""

    def read(self) -> Heat:
        """The heat now; takes a few milliseconds and never fails."""


@dataclass(slots=True)
class SysfsHeat:
    """This machine's own sensors; tests have a folder of their own."""

    root: Path = Path("/sys")
    _throttles: int | None = field(default=None, init=False, repr=False)

    def read(self) -> Heat:
        bits = self._firmware_bits()
        raspberry = bits is not None
        celsius, limit = self._hottest(RASPBERRY_LIMIT if raspberry else None)
        bits = bits or 0
        return Heat(
            celsius,
            limit,
            throttled=any((bits & _SLOWED, self._throttled_since_last(), self._cooled_by_slowing())),
            under_voltage=bool(bits & _UNDER_VOLTAGE) or self._voltage_alarm(),
        )

    def _firmware_bits(self) -> int | None:
        """None where this is no Raspberry Pi."""
        for path in self.root.glob("devices/platform/soc*/*firmware/get_throttled"):
            try:
                return int(_text(path), 16)
            except ValueError:
                continue
        return None

    def _hottest(self, most: float | None) -> tuple[float | None, float | None]:
        """Temperature and limit of the sensor nearest to its limit, or of the hottest if none has one."""
        readings = [*self._zones(_PROCESSOR), *self._sensors()] or [*self._zones(re.compile(""))]
        bounded = [
            (celsius, min((bound for bound in (limit, most) if bound is not None), default=None))
            for celsius, limit in readings
        ]
        known = [(celsius, limit) for celsius, limit in bounded if limit is not None]
        if known:
            return min(known, key=lambda reading: reading[1] - reading[0])
        return max((celsius for celsius, _ in bounded), default=None), None

    def _zones(self, kinds: re.Pattern[str]) -> Iterator[tuple[float, float | None]]:
        for zone in sorted(self.root.glob("class/thermal/thermal_zone*")):
            celsius = _celsius(zone / "temp")
            if celsius is not None and kinds.search(_text(zone / "type")):
                trips = [
                    _celsius(path.with_name(path.name.removesuffix("type") + "temp"))
                    for path in zone.glob("trip_point_*_type")
                    if _text(path) in _LIMIT_TRIPS
                ]
                yield celsius, min((trip for trip in trips if trip is not None and trip > 0), default=None)

    def _sensors(self) -> Iterator[tuple[float, float | None]]:
        for chip in self._chips(*_PROCESSOR_SENSORS):
            for path in sorted(chip.glob("temp*_input")):
                celsius = _celsius(path)
                if celsius is not None:
                    yield celsius, _celsius(path.with_name(path.name.removesuffix("input") + "crit"))

    def _chips(self, *names: str) -> Iterator[Path]:
        return (chip for chip in sorted(self.root.glob("class/hwmon/hwmon*")) if _text(chip / "name") in names)

    def _voltage_alarm(self) -> bool:
        return any(_number(chip / "in0_lcrit_alarm") for chip in self._chips("rpi_volt"))

    def _cooled_by_slowing(self) -> bool:
        devices = self.root.glob("class/thermal/cooling_device*")
        return any(
            _PROCESSOR_COOLERS.match(_text(one / "type")) and (_number(one / "cur_state") or 0) > 0 for one in devices
        )

    def _throttled_since_last(self) -> bool:
        """Intel counts how often heat slowed a core; the count since the machine started says nothing about now."""
        counts = [
            _number(path) or 0 for path in self.root.glob("devices/system/cpu/cpu*/thermal_throttle/*_throttle_count")
        ]
        before, self._throttles = self._throttles, sum(counts)
        return before is not None and self._throttles > before


class FakeHeat:
    """A sensor for tests: it tells what it was told."""

    def __init__(self, heat: Heat = NOTHING_KNOWN) -> None:
        self.heat = heat

    def read(self) -> Heat:
        return self.heat


def _text(path: Path) -> str:
    """Empty where there is no such file, or the driver does not answer."""
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    try:
        return int(_text(path))
    except ValueError:
        return None


def _celsius(path: Path) -> float | None:
    """Of a file in thousandths of a degree; None for what cannot be."""
    thousandths = _number(path)
    if thousandths is None or not _BELIEVABLE[0] < thousandths / 1000 < _BELIEVABLE[1]:
        return None
    return thousandths / 1000
