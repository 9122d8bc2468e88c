"""The command line: one module a command."""

import logging
import os
import signal
import sys
from typing import NoReturn

import typer

from edge_vsr import __version__
from edge_vsr.cli import bench, calibrate, config, doctor, models, restore, run, send, service, status
from edge_vsr.cli.hide import hide_addresses
from edge_vsr.cli.layers import CONTEXT_SETTINGS
from edge_vsr.cli.log import is_journal
from edge_vsr.cli.profile import ProfiledCommand
from edge_vsr.cli.refusal import Refusal, in_one_line
from edge_vsr.errors import EdgeVsrError, UsageError
from edge_vsr.redact import redact

INTERRUPTED = 128 + signal.SIGINT

app = typer.Typer(
    name="edge-vsr",
    help="Camera to uplink with INT8 super-resolution, for small boxes at the end of thin links.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    pass


app.command("run", cls=ProfiledCommand, context_settings=CONTEXT_SETTINGS)(run.command)
app.command("send")(send.command)
app.command("restore", cls=ProfiledCommand)(restore.command)
app.command("bench")(bench.command)
app.command("calibrate")(calibrate.command)
app.command("doctor")(doctor.command)
app.command("status")(status.command)
app.add_typer(models.app, name="models")
app.add_typer(config.app, name="config")
app.add_typer(service.app, name="service")


def main() -> None:
    """Run the command line; every known failure is one line on standard error and its own exit code."""
    hide_addresses()
    try:
        code = app(standalone_mode=False)
    except Refusal as refusal:
        if type(refusal).__name__ == "NoArgsIsHelpError":
            # The library has shown the help.
            sys.exit(UsageError.exit_code)
        _fail(in_one_line(refusal, run.KEYS), UsageError.exit_code)
    except EdgeVsrError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _say("interrupted")
        # Everything is closed by now. An engine that was interrupted at its work may still have threads, over whose end
        # its library would abort.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(INTERRUPTED)
    sys.exit(code)


def _fail(message: str, code: int) -> NoReturn:
    """End with one line on standard error."""
    _say(message)
    sys.exit(code)


def _say(message: str) -> None:
    priority = "<3>" if is_journal(sys.stderr, os.environ) else ""
    sys.stderr.write(f"{priority}edge-vsr: {' '.join(redact(message).split())}\n")
    sys.stderr.flush()
