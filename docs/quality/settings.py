"""Ways of coding half-size frames, judged by what is restored of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from docs.quality.bench import Bench, Sent
from docs.quality.clip import SHRINKS, read_clip
from docs.quality.coding import USUAL
from docs.quality.curves import bd_rate, by_psnr, by_vmaf
from docs.quality.figures import JUDGED, SettingFigures
from docs.quality.measure import Tell, restoring, shrunk

OPTIONS: Mapping[str, Mapping[str, str]] = {
    "deblock 1:1": {"deblock": "1:1"},
    "deblock -1:-1": {"deblock": "-1:-1"},
    "deblock -2:-2": {"deblock": "-2:-2"},
    "no deblocking": {"x264-params": "no-deblock=1"},
    "psy-rd 0": {"psy-rd": "0:0"},
    "psy-rd 0.5": {"psy-rd": "0.5:0"},
    "psy-rd 1.5": {"psy-rd": "1.5:0"},
    "aq-mode 0": {"aq-mode": "0"},
    "aq-mode 2": {"aq-mode": "2"},
    "aq-mode 3": {"aq-mode": "3"},
    "aq-strength 0.5": {"aq-strength": "0.5"},
    "aq-strength 1.3": {"aq-strength": "1.3"},
    "mbtree over 10 frames, late by as many": {"rc-lookahead": "10", "x264-params": "mbtree=1:sync-lookahead=0"},
    "tune psnr": {"tune": "psnr,zerolatency"},
    "tune ssim": {"tune": "ssim,zerolatency"},
    "tune film": {"tune": "film,zerolatency"},
    "trellis 1": {"trellis": "1"},
    "one slice": {"x264-params": "sliced-threads=0:slices=1:threads=1"},
    "ref 3": {"refs": "3"},
    "subme 4": {"x264-params": "subme=4"},
    "preset fast": {"preset": "fast"},
    "no weighting of frames": {"x264-params": "weightp=0"},
}
"""What is different, of libx264's options."""


def compare(
    paths: Sequence[Path], frames: int, work: Path, model: str, names: Sequence[str], tell: Tell
) -> tuple[SettingFigures, ...]:
    """Each setting against the usual one, on all clips; `all` of them, or those with these `names`."""
    way = restoring(model)
    every = [*(name for name in SHRINKS if name != "area"), *OPTIONS]
    wanted = every if "all" in names else list(names)
    if unknown := set(wanted) - set(every):
        raise SystemExit(f"no setting {', '.join(unknown)}; there are: {', '.join(every)}")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in wanted}
    for path in paths:
        clip = read_clip(path, frames)
        bench = Bench(clip, work, tell)
        plain = shrunk(clip, SHRINKS["area"])
        usual = bench.curve(Sent("half size", plain, USUAL), way, JUDGED)
        for name in wanted:
            if name in SHRINKS:
                sent = Sent(f"half size, {name}", shrunk(clip, SHRINKS[name]), USUAL)
            else:
                sent = Sent("half size", plain, {**USUAL, **OPTIONS[name]})
            curve = bench.curve(sent, way, JUDGED)
            found[name].append((bd_rate(usual, curve, by_psnr), bd_rate(usual, curve, by_vmaf)))
    return tuple(
        SettingFigures(name, tuple(psnr for psnr, _ in rates), tuple(vmaf for _, vmaf in rates))
        for name, rates in found.items()
    )
