"""`edge-vsr bench`: what this box can do, what to run on it, and how it compares with others."""

import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge_vsr.bench import profile
from edge_vsr.bench.compare import missing, pairs, verdict
from edge_vsr.bench.machine import Box
from edge_vsr.bench.plan import Mode, thread_counts, twins, unnamed
from edge_vsr.bench.plot import check_plotting, plot
from edge_vsr.bench.report import Report, check_writable
from edge_vsr.bench.session import Session, Wish
from edge_vsr.bench.table import as_csv, failures, peaks_table, pipeline_line, pipeline_table, rows_table
from edge_vsr.camera.pattern import DEMO_RATE, DEMO_SIZE
from edge_vsr.cli.log import start_logging
from edge_vsr.clock import SystemClock
from edge_vsr.errors import ModelError, UsageError
from edge_vsr.frame import LARGEST_SIDE, Size
from edge_vsr.heat import SysfsHeat
from edge_vsr.places import check_place, place_to_save
from edge_vsr.restoring.whole import whole_file
from edge_vsr.sr.engines import RUNTIMES, check_installed, usable_cpus
from edge_vsr.sr.library import Library, open_library
from edge_vsr.sr.store import Model
from edge_vsr.sr.upscaler import BICUBIC

DEFAULT_MODEL = "ear-s-x2"
LEAST_SIDE = 64
"""Of the demo camera's scene."""
WIDE = 500
"""Columns, where no terminal sets them."""
FASTEST = 240


def command(
    quick: Annotated[bool, typer.Option("--quick", help="Under a minute: all processors, whole frames.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All networks, all numbers of threads, and tiles.")] = False,
    size: Annotated[str, typer.Option(help="Luma samples of the frames, before they are made larger.")] = str(
        DEMO_SIZE
    ),
    fps: Annotated[
        float, typer.Option(min=0.1, max=FASTEST, help="Frames a second that the camera is to have.")
    ] = float(DEMO_RATE),
    model: Annotated[
        list[str] | None,
        typer.Option(help="Network; may be given again; if left out those that may be advised, with --full all."),
    ] = None,
    runtime: Annotated[
        list[str] | None, typer.Option(help="onnxruntime or openvino; may be given again; both if left out.")
    ] = None,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, max=256, help="May be given again; few and all if left out.")
    ] = None,
    frames: Annotated[int | None, typer.Option(min=3, max=100_000, help="At most, of each row.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, max=3600, help="At most, for each row's frames.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report, for --compare.")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one line a row.")] = None,
    plot_to: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw it; needs the extra `plot`.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the advice as the defaults of `run` and `restore` on this box.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A.json B.json", help="Measure nothing: compare two reports, B with A."),
    ] = None,
) -> None:
    """Measure networks in every runtime, the whole pipeline, and the floor below them; then say what to run."""
    start_logging()
    # What ends a service ends it as Ctrl-C does: no process is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if compare:
        _compare(*compare)
        return
    began = time.monotonic()
    if quick and full:
        raise UsageError("--quick and --full are two ways; give one")
    mode = Mode.QUICK if quick else Mode.FULL if full else Mode.USUAL
    library = open_library()
    models = _models(model or (), library, mode)
    wish = Wish(
        mode=mode,
        models=models,
        runtimes=_runtimes(runtime),
        threads=sorted(set(threads or thread_counts(mode, usable_cpus()))),
        size=_size(size),
        fps=fps,
        default=DEFAULT_MODEL,
        frames=frames,
        seconds=seconds,
        folders={name: str(library.store_of(name).folder) for name in models if not library.is_released(name)},
    )
    if (save or plot_to) and Box.this().emulated:
        raise UsageError("this processor is emulated, which has no speed to save or to draw; measure on the box itself")
    for path in filter(None, (json, csv, plot_to)):
        check_writable(path)
    if plot_to:
        if plot_to.suffix.lower() != ".png":
            raise UsageError(f"--plot {plot_to}: it is drawn as a PNG; give a name that ends in .png")
        check_plotting()
    place = place_to_save() / profile.NAME if save else None
    if place:
        check_place(place, profile.WHAT)
    report = _measured(wish, began)
    if json:
        report.save(json)
    if csv:
        with whole_file(csv) as part:
            part.write_text(as_csv(report), "utf-8")
    _show(report)
    if not model:
        tell_unmeasured(models, library.stores[0].models)
    if place:
        _save(report, place)
    if plot_to:
        picture = plot(report)
        with whole_file(plot_to) as part:
            part.write_bytes(picture)


def _measured(wish: Wish, began: float) -> Report:
    console = Console(stderr=True)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        return Session(wish, SysfsHeat(), progress, SystemClock(), began).report()


def _show(report: Report) -> None:
    console = _console()
    console.print(rows_table(report))
    if report.box.emulated:
        console.print("\nthis processor is emulated: what ran is shown, and no speed, for it would be none")
    else:
        console.print()
        console.print(peaks_table(report))
    for row in report.of_kind("pipeline"):
        if line := pipeline_line(row):
            console.print(f"\n{line}")
            console.print(pipeline_table(row))
    for line in failures(report):
        console.print(f"no result: {line}")
    for doubt in report.doubts():
        console.print(f"doubtful: {doubt}; run it again on a quiet, cool machine")
    if report.advice:
        words = profile.Profile.of(report.advice, report.box, report.made).in_words()
        console.print(f"\nadvice for {report.size} at {report.fps:g} frames/s: {words}")
        for reason in report.advice.because:
            console.print(f"  {reason}")


def tell_unmeasured(measured: Mapping[str, Model], released: Mapping[str, Model]) -> None:
    """Where nobody named any: which others take as long as one that was measured, and how to measure the rest."""
    same = twins(measured, released)
    if same:
        said = ", ".join(f"{name} as {like}" for name, like in same.items())
        _console().print(f"as fast, being the same networks with other weights: {said}")
    if left := [name for name in released if name not in measured and name not in same]:
        _console().print(f"not measured without --full or --model: {', '.join(left)}")


def _save(report: Report, place: Path) -> None:
    if report.advice is None:
        raise ModelError("no network ran, so there is no advice to save; the lines above say why")
    profile.Profile.of(report.advice, report.box, report.made).save(place)
    _console().print(f"saved: `run` and `restore` use it from now on ({place})")


def _compare(before: Path, after: Path) -> None:
    first, second = Report.load_from(before), Report.load_from(after)
    table = Table(box=None, pad_edge=False)
    for column in ("", "A", "B", "B / A", ""):
        table.add_column(column, justify="left" if not column else "right")
    found = list(pairs(first, second))
    if not found:
        raise UsageError(f"{before} and {after} have no measurement in common; measure both with the same --size")
    for pair in found:
        label = f"{pair.job.label}{', INT8 GMAC/s' if pair.took is None else ', ms'}"
        table.add_row(label, f"{pair.before:.2f}", f"{pair.after:.2f}", str(pair.took or ""), verdict(pair))
    console = _console()
    for name, one in (("A", first), ("B", second)):
        console.print(f"{name}: {one.box.processor}, edge-vsr {one.box.version}, {one.made}, luma {one.size}")
    console.print(table)
    console.print("B / A of the medians; in brackets what the middle halves of the times allow")
    for line in missing(first, second):
        console.print(line)
    for name, one in (("A", first), ("B", second)):
        for doubt in one.doubts():
            console.print(f"doubtful: {name}: {doubt}")


def _console() -> Console:
    # In a pipe one line a row, however long.
    return Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False, soft_wrap=True)


def _models(names: Sequence[str], library: Library, mode: Mode) -> Mapping[str, Model]:
    """Those of the box's own take as long as what they were made of, and are measured when they are named."""
    if BICUBIC in names:
        raise UsageError("--model bicubic: it is measured in any case; name networks")
    released = library.stores[0]
    if not (names or released.models):
        raise ModelError(f"no models in {released.folder}; reinstall edge-vsr")
    if not names:
        return unnamed(mode, released.models, DEFAULT_MODEL)
    return {name: library.store_of(name).models[name] for name in names}


def _runtimes(names: Sequence[str] | None) -> tuple[str, ...]:
    for name in names or ():
        if name not in RUNTIMES:
            raise UsageError(f"runtime {name!r} is unknown; choose {' or '.join(RUNTIMES)}, or none for both")
        check_installed(name)
    return tuple(dict.fromkeys(names or RUNTIMES))


def _size(text: str) -> Size:
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise UsageError(f"--size: {error}") from error
    if size.width % 2 or size.height % 2 or min(size.width, size.height) < LEAST_SIDE:
        raise UsageError(f"--size {size}: sides must be even and at least {LEAST_SIDE}")
    if max(size.width, size.height) > LARGEST_SIDE // 4:
        raise UsageError(f"--size {size}: a side may have {LARGEST_SIDE // 4} samples at most")
    return size
