"""The tables of docs/quality.md. Pure."""

import math
from collections.abc import Iterable, Sequence

from docs.quality.curves import Crossing, Point, bd_rate, by_psnr, by_vmaf, crossing
from docs.quality.figures import BICUBIC, FULL, JUDGED, LANCZOS, ClipFigures, Figures

END = "<!-- end -->\n"
NOTHING = "Nothing was measured yet.\n"


def filled(page: str, figures: Figures) -> str:
    """`page` with these figures' tables."""
    tables = {
        "restored": restored_table(figures),
        "points": points_table(figures),
        "flicker": flicker_table(figures),
        "crossings": crossings_table(figures),
        "settings": settings_table(figures),
    }
    for name, made in tables.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        if begin:
            page = f"{before}{begin}{made}{END}{rest.partition(END)[2]}"
    return page


def restored_table(figures: Figures) -> str:
    """BD-rates, by model and clip."""
    rows = []
    for model in figures.models:
        found = [_rates(clip, model) for clip in figures.clips]
        for clip, rates in zip(figures.clips, found, strict=True):
            loss = f"{clip.int8_loss[model]:+.3f} dB" if model in clip.int8_loss else ""
            rows.append([model, clip.name, f"{clip.width}x{clip.height}", *map(_percent, rates), loss])
        means = (_mean([rates[column] for rates in found]) for column in range(4))
        rows.append([f"**{model}**", "**mean**", "", *(f"**{_percent(mean)}**" for mean in means), ""])
    head = ("network", "clip", "size", *_heads("Lanczos"), *_heads("full size"), "INT8 loses")
    return _table(head, rows)


def points_table(figures: Figures) -> str:
    """PSNR-Y and VMAF of the first model at the judged rates."""
    if not figures.models:
        return NOTHING
    model = figures.models[0]
    rows = [
        [clip.name, *(f"{mine.kbits:.0f} kbit/s: {_pair(mine)} ({_pair(plain)})" for mine, plain in pairs)]
        for clip in figures.clips
        for pairs in [list(zip(clip.judged(model), clip.judged(LANCZOS), strict=True))]
    ]
    return _table(("clip", *(f"CRF {factor}" for factor in JUDGED)), rows)


def flicker_table(figures: Figures) -> str:
    """What changes from frame to frame where nothing moves: the first model, and bicubic of the same bits."""
    if not figures.models:
        return NOTHING
    model = figures.models[0]
    rows = [
        [clip.name, *(_beside(mine.flicker, plain.flicker) for mine, plain in pairs)]
        for clip in figures.clips
        if BICUBIC in clip.curves
        for pairs in [list(zip(clip.judged(model), clip.judged(BICUBIC), strict=True))]
    ]
    return _table(("clip", *(f"CRF {factor}" for factor in JUDGED)), rows) if rows else NOTHING


def crossings_table(figures: Figures) -> str:
    """From which rate on full size is better than the first model."""
    if not figures.models:
        return NOTHING
    model, rows, found = figures.models[0], [], []
    for clip in figures.clips:
        both = [crossing(clip.curves[model], clip.curves[FULL], measure) for measure in (by_psnr, by_vmaf)]
        found.append([clip.bits_a_sample(one.kbits) for one in both])
        rate = f"{clip.width}x{clip.height}, {clip.rate:.3g}/s"
        rows.append([clip.name, rate, *(_cell(clip, one) for one in both)])
    medians = (f"**{sorted(column)[len(column) // 2]:.3f}**" for column in zip(*found, strict=True))
    rows.append(["**median, bits a sample**", "", *medians])
    return _table(("clip", "size and rate", "by PSNR-Y", "by VMAF"), rows)


def settings_table(figures: Figures) -> str:
    """What other ways of coding save, after the restore."""
    if not figures.settings:
        return NOTHING
    rows = [
        [one.name, *map(_both, one.psnr, one.vmaf), _both(_mean(one.psnr), _mean(one.vmaf))]
        for one in sorted(figures.settings, key=lambda one: _mean((*one.psnr, *one.vmaf)))
    ]
    return _table(("setting", *figures.settings_clips, "mean"), rows)


def _rates(clip: ClipFigures, model: str) -> tuple[float, float, float, float]:
    mine = clip.judged(model)
    plain, full = clip.judged(LANCZOS), clip.judged(FULL)
    return (
        bd_rate(plain, mine, by_psnr),
        bd_rate(plain, mine, by_vmaf),
        bd_rate(full, mine, by_psnr),
        bd_rate(full, mine, by_vmaf),
    )


def _heads(other: str) -> tuple[str, str]:
    return f"to {other}, PSNR-Y", f"to {other}, VMAF"


def _cell(clip: ClipFigures, one: Crossing) -> str:
    sign = {"at": "", "below": "< ", "above": "> "}[one.known]
    return f"{sign}{one.kbits:.0f} kbit/s, {sign}{clip.bits_a_sample(one.kbits):.3f}"


def _pair(point: Point) -> str:
    return f"{point.psnr:.2f} dB, {point.vmaf:.1f}"


def _beside(mine: float, plain: float) -> str:
    return "all moves" if math.isnan(mine) else f"{mine:.2f} ({plain:.2f})"


def _both(psnr: float, vmaf: float) -> str:
    return f"{_percent(psnr)}, {_percent(vmaf)}"


def _percent(value: float) -> str:
    return "no overlap" if math.isnan(value) else f"{value:+.1f} %"


def _mean(values: Sequence[float]) -> float:
    """Of those that are known."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)
