"""Rate and quality: how two curves compare. Pure."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

STEPS = 2000
"""In which a crossing is looked for."""


@dataclass(frozen=True, slots=True)
class Point:
    """One way at one rate."""

    kbits: float
    psnr: float
    """PSNR-Y in dB."""
    vmaf: float
    """0..100."""
    flicker: float = math.nan
    """Mean difference of luma between two frames where nothing moves; NaN where all does, or it was not measured."""


Curve = tuple[Point, ...]
Measure = Callable[[Point], float]


def by_psnr(point: Point) -> float:
    return point.psnr


def by_vmaf(point: Point) -> float:
    return point.vmaf


def bd_rate(reference: Iterable[Point], tested: Iterable[Point], measure: Measure = by_psnr) -> float:
    """Bjontegaard's delta rate in percent, negative for fewer bits: the mean distance of the two curves, in log rate
    over quality, piecewise cubic (PCHIP), where they overlap; NaN where they do not. (ITU-T VCEG-M33; JCTVC-B055.)"""
    ours, theirs = (_by_quality(points, measure) for points in (tested, reference))
    least, most = max(ours[0][0], theirs[0][0]), min(ours[0][-1], theirs[0][-1])
    if most <= least:
        return math.nan

    def area(curve: tuple[list[float], list[float]]) -> float:
        return float(PchipInterpolator(*curve).integrate(least, most))

    return (math.exp((area(ours) - area(theirs)) / (most - least)) - 1) * 100


@dataclass(frozen=True, slots=True)
class Crossing:
    """The rate above which one way is better than another."""

    kbits: float
    known: str = "at"
    """Or "below", or "above": the curves that were measured do not go so far."""


def crossing(small: Iterable[Point], full: Iterable[Point], measure: Measure = by_psnr) -> Crossing:
    """From which rate on `full` stays the better one."""
    ours, theirs = (_by_rate(points, measure) for points in (small, full))
    least, most = max(ours[0][0], theirs[0][0]), min(ours[0][-1], theirs[0][-1])
    rates = np.linspace(least, most, STEPS)
    ahead = PchipInterpolator(*theirs)(rates) >= PchipInterpolator(*ours)(rates)
    if ahead.all():
        return Crossing(math.exp(least), "below")
    if not ahead[-1]:
        return Crossing(math.exp(most), "above")
    return Crossing(math.exp(rates[int(np.flatnonzero(~ahead)[-1]) + 1]))


def _by_quality(points: Iterable[Point], measure: Measure) -> tuple[list[float], list[float]]:
    """Quality, strictly rising, and log rate."""
    best: dict[float, float] = {}
    for point in points:
        best[measure(point)] = math.log(point.kbits)
    qualities = sorted(best)
    return qualities, [best[quality] for quality in qualities]


def _by_rate(points: Iterable[Point], measure: Measure) -> tuple[list[float], list[float]]:
    """Log rate, strictly rising, and quality."""
    found = {math.log(point.kbits): measure(point) for point in points}
    return sorted(found), [found[rate] for rate in sorted(found)]
