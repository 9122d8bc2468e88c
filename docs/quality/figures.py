"""What was measured, as it is kept beside this module: pages and plots are made of it without any clip."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from docs.quality.curves import Curve, Point

JUDGED = (30, 34, 38, 42)
"""Constant rate factors at half size, by which curves are compared."""
WIDER = (22, 26)
"""And those by which their crossing is found besides."""
LESS = (6, 10)
"""By so much more is the full size coded, for about the same bits."""
COARSEST = 51
FULL, LANCZOS, BICUBIC = "full size", "Lanczos", "bicubic"


def full_size_factors(factors: tuple[int, ...]) -> tuple[int, ...]:
    """At full size for those at half size."""
    return tuple(sorted({min(COARSEST, factor + more) for factor in factors for more in LESS}))


@dataclass(frozen=True, slots=True)
class ClipFigures:
    """One clip's."""

    name: str
    width: int
    height: int
    rate: float
    frames: int
    curves: Mapping[str, Curve]
    """By the way, from the most bits to the fewest; of JUDGED, and of WIDER where a crossing is looked for."""
    int8_loss: Mapping[str, float] = field(default_factory=dict)
    """dB that a model loses against its float original, the mean over JUDGED."""

    def judged(self, way: str) -> Curve:
        """Without WIDER."""
        count = len(full_size_factors(JUDGED) if way == FULL else JUDGED)
        return self.curves[way][-count:]

    def bits_a_sample(self, kbits: float) -> float:
        """A luma sample of the full size."""
        return kbits * 1000 / (self.width * self.height * self.rate)


@dataclass(frozen=True, slots=True)
class SettingFigures:
    """What a way of coding half-size frames saves, once they are restored, in percent of the usual way's bits."""

    name: str
    psnr: tuple[float, ...]
    """BD-rate on PSNR-Y, by clip; NaN where the two do not overlap."""
    vmaf: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them."""

    models: tuple[str, ...]
    """The first one is what tables without a column for it are of."""
    clips: tuple[ClipFigures, ...]
    settings: tuple[SettingFigures, ...] = ()
    settings_clips: tuple[str, ...] = ()
    settings_model: str = ""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises OSError, ValueError, KeyError or TypeError."""
        table = json.loads(path.read_text())
        return cls(
            models=tuple(table["models"]),
            clips=tuple(_clip(entry) for entry in table["clips"]),
            settings=tuple(_setting(entry) for entry in table["settings"]),
            settings_clips=tuple(table["settings_clips"]),
            settings_model=table["settings_model"],
        )

    def save(self, path: Path) -> None:
        """As JSON, figures rounded to what they can be trusted for."""
        path.write_text(json.dumps(_rounded(asdict(self)), indent=1) + "\n")


def _clip(entry: dict[str, Any]) -> ClipFigures:
    curves = {
        way: tuple(Point(*(math.nan if one is None else one for one in point)) for point in points)
        for way, points in entry["curves"].items()
    }
    return ClipFigures(**{**entry, "curves": curves})


def _setting(entry: dict[str, Any]) -> SettingFigures:
    psnr, vmaf = (tuple(math.nan if one is None else one for one in entry[key]) for key in ("psnr", "vmaf"))
    return SettingFigures(entry["name"], psnr, vmaf)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return None if math.isnan(value) else round(value, 3)
        case {"kbits": kbits, "psnr": psnr, "vmaf": vmaf, "flicker": flicker}:
            return [round(kbits, 2), round(psnr, 3), round(vmaf, 2), _rounded(flicker)]
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case list() | tuple():
            return [_rounded(one) for one in value]
    return value
