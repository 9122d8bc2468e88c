"""`edge-vsr doctor`: what a support engineer would ask of this box."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge_vsr.cli.log import CLEAR_LINE
from edge_vsr.doctor.cpu import check_cpu
from edge_vsr.doctor.date import check_date
from edge_vsr.doctor.finding import Finding, Level, note, worst
from edge_vsr.doctor.heat import check_heat
from edge_vsr.doctor.imports import check_needed
from edge_vsr.doctor.memory import check_memory
from edge_vsr.doctor.picamera import check_picamera
from edge_vsr.doctor.runtimes import check_runtimes
from edge_vsr.redact import redact

COLOURS = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.ERROR: "red"}
EXIT_CODES = {Level.OK: 0, Level.NOTE: 0, Level.WARNING: 10, Level.ERROR: 11}
"""Beyond those of errors.py: the box was examined, and this is what came of it."""
WIDE = 500
"""Columns, where no terminal sets them."""


def command(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="EDGE_VSR_CONFIG", help="Examine what this file asks for, too."),
    ] = None,
    uplink: Annotated[
        list[str] | None, typer.Option(help="Far end to reach; that of the file or of EDGE_VSR_UPLINK if left out.")
    ] = None,
    send: Annotated[
        bool, typer.Option(help="Measure an HTTP far end's rate by an object of 256 kB, edge-vsr-doctor.jpg.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a list of findings.")] = False,
) -> None:
    """Examine this box: processor, packages, runtimes, memory, date, heat, models, encoders, cameras, disk, far end.

    Exits with 0 if all is well, 10 if the worst finding is a warning, 11 if it is an error.
    """
    findings = list(_shown(_examination(context, config, uplink, send=send)))
    if as_json:
        entries = [{**asdict(one), "level": one.level.name.lower()} for one in findings]
        sys.stdout.write(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(findings)
    raise typer.Exit(EXIT_CODES[worst(findings)])


def _examination(
    context: typer.Context, config: Path | None, uplink: list[str] | None, *, send: bool
) -> Iterator[Finding]:
    needed = list(check_needed())
    starts = worst(needed) is Level.OK
    if starts:
        # Imported here: it takes these packages into this process, which one that does not suit the box would end.
        from edge_vsr.cli.examination import examine, settings_of

        settings = settings_of(context, config, uplink)
    yield from check_cpu()
    yield from needed
    yield from check_runtimes()
    yield from check_picamera()
    yield from check_memory()
    yield from check_date()
    yield from check_heat()
    if starts:
        yield from examine(settings, send=send)
    else:
        yield note("the rest", "not examined: models, encoders, cameras, disk and far end want what does not start")


def _shown(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding without secrets; what was looked at last stands on the terminal meanwhile."""
    terminal = sys.stderr.isatty()
    try:
        for finding in findings:
            if terminal:
                sys.stderr.write(f"{CLEAR_LINE}{finding.name} ...")
                sys.stderr.flush()
            yield replace(finding, text=redact(" ".join(finding.text.split())))
    finally:
        if terminal:
            sys.stderr.write(CLEAR_LINE)


def _print(findings: Iterable[Finding]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        word = Text(finding.level.name.lower(), COLOURS[finding.level])
        table.add_row(word, finding.name, finding.text + (f"\n  -> {finding.fix}" if finding.fix else ""))
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(table)
