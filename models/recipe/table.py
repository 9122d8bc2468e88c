"""All released models of clean pictures in one table, with their targets and other networks:
`python -m models.recipe.table`.

What it shows was measured before; `tests/benchmarks` prints it with the times of the machine at hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from models.recipe.peers import PEERS, SETS, TARGETS, Peer, Target
from models.recipe.record import RUNTIMES, STORE, Record, Timing, released

HEAD = ("", "parameters", "GMAC", *SETS, *(f"{name}, ms" for name in RUNTIMES.values()))


def table(records: Sequence[Record]) -> str:
    """Markdown: for each scale the models, each above its target, then the peers."""
    scales = sorted({record.recipe.scale for record in records})
    return "\n\n".join(_of_scale([r for r in records if r.recipe.scale == scale], scale) for scale in scales)


def _of_scale(records: Sequence[Record], scale: int) -> str:
    rows = [row for record in records for row in _model(record)]
    rows += [_peer(peer) for peer in PEERS if peer.scale == scale]
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    frame = records[0].frame
    title = f"x{scale}, PSNR-Y in dB; GMAC and ms for one luma frame of {frame} to {frame.times(scale)}"
    where = "\n".join(dict.fromkeys(_where(record.timing) for record in records if record.timing))
    notes = "Models in INT8, peers in float. A figure with a star was measured as ours are, the others are the papers'."
    return "\n".join([title, "", *(f"| {' | '.join(line)} |" for line in lines), "", *filter(None, [where, notes])])


def _where(timing: Timing) -> str:
    return f"Medians (least..most) with {timing.threads} threads on {timing.processor}."


def _model(record: Record) -> Iterator[Sequence[str]]:
    name = record.recipe.name
    psnr = {row.name: f"{row.least:.2f}" for row in record.quality}
    times = dict.fromkeys(RUNTIMES, "")
    if record.timing:
        speeds = record.timing.runtimes.items()
        times |= {runtime: f"{speed.median:.1f} ({speed.least:.1f}..{speed.most:.1f})" for runtime, speed in speeds}
    yield name, f"{record.parameters:,}", f"{record.gmac:.1f}", *_by_set(psnr), *times.values()
    if name in TARGETS:
        yield _target(TARGETS[name])


def _target(target: Target) -> Sequence[str]:
    psnr = {name: f"{value:.1f}" for name, value in target.psnr.items()}
    return "its target", "", "", *_by_set(psnr), "", f"{target.time:g} in the faster"


def _peer(peer: Peer) -> Sequence[str]:
    psnr = {name: f"{value:.2f}" for name, value in peer.paper.items()}
    psnr |= {name: f"{value:.2f}*" for name, value in peer.measured.items()}
    return peer.name, peer.parameters, "", *_by_set(psnr), "", ""


def _by_set(figures: Mapping[str, str]) -> list[str]:
    return [figures.get(name, "") for name in SETS]


def main(store: Annotated[Path, typer.Option(exists=True)] = STORE) -> None:
    """Print it."""
    typer.echo(table([record for record in released(store) if not record.recipe.lossy]))


if __name__ == "__main__":
    typer.run(main)
