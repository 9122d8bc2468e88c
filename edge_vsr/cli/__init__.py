"""The command line: one module a command."""

import errno
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from edge_vsr import __version__
from edge_vsr.cli.hide import hide_addresses
from edge_vsr.cli.log import is_journal
from edge_vsr.cli.refusal import Refusal, in_one_line
from edge_vsr.errors import EdgeVsrError, MissingDependency, OutputError, UsageError
from edge_vsr.redact import redact

INTERRUPTED = 128 + signal.SIGINT
COMMANDS = ("run", "send", "restore", "bench", "calibrate", "doctor", "status", "models", "config", "service")
"""Each a module of this package, with the function `command` or with an `app` of several."""


class Commands(Mapping[str, Any]):
    """By name, each imported when it is asked for: a camera's first picture does not wait for a benchmark's modules."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        module = importlib.import_module(f"{__name__}.{name}")
        alone = typer.Typer()
        if hasattr(module, "app"):
            alone.add_typer(module.app, name=name)
        else:
            alone.command(name, **getattr(module, "SETTINGS", {}))(module.command)
        return typer.main.get_group(alone).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class CommandGroup(TyperGroup):
    """Of `Commands`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands()  # type: ignore[assignment]  # nothing is added to it


app = typer.Typer(
    name="edge-vsr",
    cls=CommandGroup,
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


def main() -> None:
    """Run the command line; every known failure is one line on standard error and its own exit code."""
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # whatever started this had closed it
            setattr(sys, stream, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  until the end
    hide_addresses()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except Refusal as refusal:
        if type(refusal).__name__ == "NoArgsIsHelpError":
            # The library has shown the help.
            _end(UsageError.exit_code)
        from edge_vsr.cli.run import KEYS

        _fail(in_one_line(refusal, KEYS), UsageError.exit_code)
    except EdgeVsrError as error:
        _fail(str(error), error.exit_code)
    except ImportError as error:
        _fail(
            f"a package does not start ({error}); edge-vsr doctor tells which, and what to do",
            MissingDependency.exit_code,
        )
    except OSError as error:
        from edge_vsr.uplink.durable import NO_ROOM

        if error.errno not in NO_ROOM | {errno.EIO}:
            raise
        # Else the interpreter would try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(f"cannot write what is to be shown: {error.strerror}; make room there", OutputError.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _say("interrupted")
    _end(code or 0)


def _fail(message: str, code: int) -> NoReturn:
    """End with one line on standard error."""
    _say(message)
    _end(code)


def _end(code: int) -> NoReturn:
    """Everything is closed by now. An engine that was interrupted at its work, or that a run left behind at it, may
    still have threads, over whose end its library would abort."""
    if code == INTERRUPTED or threading.active_count() > 1:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _say(message: str) -> None:
    priority = "<3>" if is_journal(sys.stderr, os.environ) else ""
    sys.stderr.write(f"{priority}edge-vsr: {' '.join(redact(message).split())}\n")
    sys.stderr.flush()
