"""What to run on a box, from what was measured on it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_vsr.bench.jobs import WHOLE, Found, Row
from edge_vsr.policy.ladder import COMPUTE_MARGIN, Limits
from edge_vsr.rung import Rung
from edge_vsr.sr.store import Model

AS_FAST = 1.05
"""Times the fastest: within that, fewer threads are better, since the encoder wants some."""
LEAST_FPS = 0.9
"""Share of the wanted frame rate that the whole pipeline has to reach."""


@dataclass(frozen=True, slots=True)
class Advice:
    """For one box, one size and one frame rate."""

    model: str
    runtime: str
    threads: int
    tile: str
    """"whole", or width and height of luma samples."""
    least: str
    most: str
    """The rungs between which `run` is to choose."""
    ms: float
    """A frame of that size, nine times out of ten."""
    because: tuple[str, ...] = ()
    """In words."""


def advise(rows: Iterable[Row], models: Mapping[str, Model], fps: float, default: str) -> Advice | None:
    """The best of the networks that keep up with `fps` on whole frames; else the fastest, for `restore` alone. None if
    no network ran.

    Only networks of one scale, trained on one kind of picture, can be told apart by their figures: those that are like
    the one called `default`, if that was measured.
    """
    fastest = {name: _fastest(mine) for name, mine in _by_model(rows).items() if name in models}
    if not fastest:
        return None
    like = models[default] if default in fastest else models[min(fastest, key=lambda name: _ms(fastest[name]))]
    alike = [name for name in fastest if kind_of(models[name]) == kind_of(like)]
    interval = 1000 / fps
    given = COMPUTE_MARGIN * interval
    in_time = [name for name in alike if _ms(fastest[name]) <= given]
    if in_time:
        name = max(in_time, key=lambda one: _quality(models[one], [models[other] for other in alike]))
        most, reason = (
            Rung.ENHANCED,
            f"the best that takes at most {given:.0f} ms, {COMPUTE_MARGIN:.0%} of a frame's time",
        )
    else:
        name = min(alike, key=lambda one: _ms(fastest[one]))
        most, reason = Rung.NATIVE, f"none takes at most {given:.0f} ms; this is the fastest, for `restore`"
    row = fastest[name]
    because = [f"{name} takes {_ms(row):.1f} ms at {fps:g} frames/s: {reason}"]
    if (gain := row.found.float_ratio) is not None:
        slower = f"INT8 takes {1 / gain:.2f} times as long as float in it" if gain else ""
        because.append(f"INT8 is {gain:.2f} times as fast as float in {row.job.runtime}" if gain >= 1 else slower)
    return Advice(
        name, row.job.runtime, row.job.threads, row.job.tile, Limits().least.value, most.value, _ms(row), tuple(because)
    )


def confirmed(advice: Advice, found: Found) -> Advice:
    """`advice`, with what the whole pipeline showed: a box that is late with all of it, or was not seen to keep up, is
    not to super-resolve."""
    if advice.most != Rung.ENHANCED.value:
        return advice
    pipeline = found.pipeline
    if pipeline is None:
        reason = f"the whole pipeline gave no result ({found.error}), so `enhanced` is not advised"
        return replace(advice, most=Rung.NATIVE.value, because=(*advice.because, reason))
    if pipeline.fps >= LEAST_FPS * pipeline.fps_asked:
        kept_up = f"the whole pipeline made {pipeline.fps:.1f} of {pipeline.fps_asked:g} frames/s"
        return replace(advice, because=(*advice.because, kept_up))
    late = (
        f"the whole pipeline made only {pipeline.fps:.1f} of {pipeline.fps_asked:g} frames/s, so `enhanced` is too much"
    )
    return replace(advice, most=Rung.NATIVE.value, because=(*advice.because, late))


def kind_of(model: Model) -> tuple[int, str]:
    """Scale and source: the figures of others say nothing beside those of this one."""
    return model.scale, model.source


def _by_model(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        if row.job.kind == "network" and row.found.times:
            by_model.setdefault(row.job.model, []).append(row)
    return by_model


def _fastest(rows: Sequence[Row]) -> Row:
    best = min(map(_ms, rows))
    near = [row for row in rows if _ms(row) <= AS_FAST * best]
    return min(near, key=lambda row: (row.job.threads, row.job.tile != WHOLE, _ms(row)))


def _ms(row: Row) -> float:
    return row.found.times.p90 if row.found.times else float("inf")


def _quality(model: Model, others: Sequence[Model]) -> tuple[float, int]:
    """PSNR-Y over the sets that all have; where there are none, the larger is taken for the better."""
    sets = set.intersection(*(set(one.metrics) for one in others))
    return sum(model.metrics[name] for name in sets), model.parameters
