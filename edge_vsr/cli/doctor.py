"""`edge-vsr doctor`: what a support engineer would ask of this box."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge_vsr.camera.base import CaptureWish
from edge_vsr.cli.follow import bytes_of
from edge_vsr.cli.layers import take_file
from edge_vsr.cli.log import CLEAR_LINE
from edge_vsr.cli.run import KEYS
from edge_vsr.config import default_spool
from edge_vsr.doctor.camera import check_camera
from edge_vsr.doctor.cameras import check_cameras
from edge_vsr.doctor.cpu import check_cpu
from edge_vsr.doctor.date import check_date
from edge_vsr.doctor.disk import check_disk
from edge_vsr.doctor.encoders import check_encoders
from edge_vsr.doctor.finding import Finding, Level, worst
from edge_vsr.doctor.heat import check_heat
from edge_vsr.doctor.memory import check_memory
from edge_vsr.doctor.models import check_models
from edge_vsr.doctor.picamera import check_picamera
from edge_vsr.doctor.runtimes import check_runtimes
from edge_vsr.doctor.uplink import check_uplink
from edge_vsr.redact import redact
from edge_vsr.secrets import find_secret
from edge_vsr.uplink.options import UplinkOptions

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
    """Examine this box: runtimes, processor, encoders, models, cameras, memory, disk, date, heat, far end.

    Exits with 0 if all is well, 10 if the worst finding is a warning, 11 if it is an error.
    """
    take_file(context, config, KEYS)
    settings = {**(context.default_map or {}), **({"uplink": uplink} if uplink else {})}
    findings = list(_shown(_examination(settings, send=send)))
    if as_json:
        entries = [{**asdict(one), "level": one.level.name.lower()} for one in findings]
        sys.stdout.write(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(findings)
    raise typer.Exit(EXIT_CODES[worst(findings)])


def _examination(settings: Mapping[str, Any], *, send: bool) -> Iterator[Finding]:
    """What the settings ask for is looked at where they are made; the rest as a run without them would have it."""
    far_ends = settings.get("uplink") or []
    spool = settings.get("spool") or default_spool(settings.get("camera", "demo"), far_ends[0] if far_ends else "out")
    yield from check_cpu()
    yield from check_runtimes()
    yield from check_models()
    yield from check_encoders()
    yield from check_cameras()
    yield from check_picamera()
    if camera := settings.get("camera"):
        yield from check_camera(camera, CaptureWish(rtsp_transport=settings.get("rtsp_transport", "tcp")))
    yield from check_memory()
    yield from check_disk(Path(spool), bytes_of(settings.get("spool_mb") or KEYS["spool_mb"].default))
    yield from check_date()
    yield from check_heat()
    for far_end in far_ends:
        yield from check_uplink(far_end, _options(settings), send=send)


def _options(settings: Mapping[str, Any]) -> UplinkOptions:
    paths = {
        name: Path(value) for name, value in settings.items() if name.startswith("uplink_") and KEYS[name].kind is Path
    }
    return UplinkOptions(
        ca_file=paths.get("uplink_ca"),
        client_certificate=paths.get("uplink_cert"),
        client_key=paths.get("uplink_key"),
        bearer_token=find_secret("uplink_token", paths.get("uplink_token_file")),
    )


def _shown(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding without secrets; what was looked at last stands on the terminal meanwhile."""
    terminal = sys.stderr.isatty()
    for finding in findings:
        if terminal:
            sys.stderr.write(f"{CLEAR_LINE}{finding.name} ...")
            sys.stderr.flush()
        yield replace(finding, text=redact(" ".join(finding.text.split())))
    if terminal:
        sys.stderr.write(CLEAR_LINE)


def _print(findings: Iterable[Finding]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        word = Text(finding.level.name.lower(), COLOURS[finding.level])
        table.add_row(word, finding.name, finding.text + (f"\n  -> {finding.fix}" if finding.fix else ""))
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(table)
