"""`edge-vsr service`: the systemd unit, one instance a camera."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edge_vsr.errors import MissingDependency
from edge_vsr.unit import ServiceUnit, check_name

WIDE = 500
"""Columns, where no terminal sets them."""

app = typer.Typer(no_args_is_help=True, help="Run at boot, one instance a camera, under systemd.")


@app.command()
def install() -> None:
    """Put the unit into place, or bring it up to date; configuration and spool stay as they are."""
    changed = ServiceUnit().install()
    sys.stdout.write("edge-vsr@.service is installed\n" if changed else "edge-vsr@.service is up to date\n")
    sys.stdout.write(
        "a camera called front: write /etc/edge-vsr/front.toml, then run: systemctl enable --now edge-vsr@front\n"
        "instances that run take a new version with: systemctl restart 'edge-vsr@*'\n"
    )


@app.command()
def uninstall(
    purge: Annotated[bool, typer.Option("--purge", help="Remove configuration, secrets and spool as well.")] = False,
) -> None:
    """Stop every instance and remove the unit. What waits in a spool is kept, and so is the configuration."""
    kept = ServiceUnit().uninstall(purge=purge)
    sys.stdout.write("edge-vsr@.service is removed\n")
    if kept:
        sys.stdout.write(f"kept: {', '.join(map(str, kept))}; --purge removes that as well\n")


@app.command()
def status() -> None:
    """Show every instance: its state, how often it was restarted, and what it says of itself."""
    instances = ServiceUnit().instances()
    if not instances:
        sys.stdout.write("no instance; start one with: systemctl enable --now edge-vsr@front\n")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "state", "restarts", "says"):
        table.add_column(column)
    for one in instances:
        table.add_row(one.name, one.state, str(one.restarts), one.status)
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(table)


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="Of the instance; all if left out.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=1_000_000, help="How many of the last.")] = 100,
) -> None:
    """Show the journal of an instance, or of all."""
    ServiceUnit().need_systemd()
    unit = f"edge-vsr@{check_name(name) if name else '*'}.service"
    words = ["journalctl", "--no-pager", f"--unit={unit}", f"--lines={lines}", *(["--follow"] if follow else [])]
    try:
        os.execvp(words[0], words)  # noqa: S606  no shell
    except OSError:
        raise MissingDependency(
            "there is no journalctl on this machine; the log is where its service manager writes it"
        ) from None
