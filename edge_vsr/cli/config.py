"""`edge-vsr config`: make a configuration, check it, and show what a run would take from where."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edge_vsr.cli import run
from edge_vsr.cli.config_file import shows_secret_to_others
from edge_vsr.cli.example import example
from edge_vsr.cli.keys import as_text
from edge_vsr.cli.layers import settings_of
from edge_vsr.cli.refusal import Refusal, in_one_line
from edge_vsr.errors import OutputError, UsageError
from edge_vsr.redact import redact
from edge_vsr.secrets import find_secret

SECRETS = ("uplink_token", "metrics_token")
"""What has no key of its own, but a key NAME_file, a variable, or a credential."""
WIDE = 500
"""Columns, where no terminal sets them."""

app = typer.Typer(help="Make, check and show the configuration of a run.", no_args_is_help=True)

ConfigArgument = Annotated[
    Path | None, typer.Argument(metavar="FILE", envvar="EDGE_VSR_CONFIG", help="The configuration.")
]


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; - for standard output.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a configuration with every key, explained; it is readable by its owner alone."""
    text = example(run.KEYS)
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
        with os.fdopen(os.open(path, flags, 0o600), "w") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError(f"{path} is there already; --force replaces it") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    sys.stdout.write(f"{path} is written; set camera and uplink in it\n")


@app.command()
def check(path: ConfigArgument = None) -> None:
    """Tell whether a run would start with this file and environment: keys, ranges, addresses, certificates, models."""
    context = _context(path, "--check")
    with context:
        context.command.invoke(context)
    if path is not None and shows_secret_to_others(path, context.default_map or {}):
        sys.stderr.write(f"edge-vsr: {path} has a password in it, and others can read it; run: chmod 600 {path}\n")
    sys.stdout.write(f"{path or 'the environment'} is in order\n")


@app.command()
def show(path: ConfigArgument = None) -> None:
    """Show every key's value with this file and this environment, and where it comes from; secrets are left out."""
    table = Table(box=None, pad_edge=False)
    for column in ("key", "value", "from", "live"):
        table.add_column(column)
    context = _context(path)
    for setting in settings_of(context, run.KEYS):
        text = "" if setting.value is None else redact(as_text(setting.value))
        table.add_row(setting.key.name, text, setting.source, setting.key.follows.value)
    for name in SECRETS:
        if find_secret(name, context.params[f"{name}_file"]):
            table.add_row(name, "***", "secret", "")
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(table)


def _context(path: Path | None, *flags: str) -> Any:
    """Of `edge-vsr run` with `path`, before it does anything. Raises UsageError."""
    alone = typer.Typer(add_completion=False)
    alone.command("run", **run.SETTINGS)(run.command)
    words = [*(("--config", str(path)) if path else ()), *flags]
    try:
        return typer.main.get_command(alone).make_context("run", words)
    except Refusal as refusal:
        raise UsageError(in_one_line(refusal, run.KEYS)) from None
