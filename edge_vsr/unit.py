"""The systemd unit on this machine: put there, kept up to date, and taken away again."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_vsr.errors import EdgeVsrError, MissingDependency, OutputError, UsageError

UNIT = "edge-vsr@.service"
SHIPPED_PROGRAM = "/opt/edge-vsr/bin/edge-vsr"
"""In the unit as it is shipped; replaced by the program that installs it."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*")
"""Of an instance; systemd takes a dash for a slash in some places."""

_UNITS = "etc/systemd/system"
_CONFIGURATION = "etc/edge-vsr"
_STATE = "var/lib/private/edge-vsr"
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108  names, nothing is written there
"""What the sandbox does not let the service see."""

Systemctl = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Instance:
    """One camera's service."""

    name: str
    state: str
    """systemd's words, such as "active (running)"."""
    restarts: int
    """Since it was started by hand or at boot."""
    status: str
    """What it says of itself, in one line."""


def shipped_unit() -> str:
    """The unit file that came with the package: inside a wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "systemd" / UNIT
    path = inside if inside.is_file() else package.parent / "systemd" / UNIT
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise OutputError(f"the unit file {path} cannot be read ({error.strerror}); reinstall edge-vsr") from None


def systemctl(arguments: Sequence[str]) -> str:
    """Run systemctl and return what it prints. Raises EdgeVsrError with its words."""
    try:
        done = subprocess.run(  # noqa: S603  fixed words and checked names
            ["systemctl", "--no-pager", *arguments],  # noqa: S607  wherever the system has it
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    except FileNotFoundError:
        raise _no_systemd() from None
    except subprocess.TimeoutExpired:
        raise EdgeVsrError(f"systemctl {arguments[0]} does not end; `systemctl list-jobs` may tell why") from None
    if done.returncode:
        raise EdgeVsrError(f"systemctl {arguments[0]}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class ServiceUnit:
    """The unit and what belongs to it, below `root`; tests have a folder of their own."""

    root: Path = Path("/")
    systemctl: Systemctl = systemctl
    program: Path = Path(sys.argv[0])
    interpreter: Path = Path(sys.executable)

    def install(self) -> bool:
        """Write the unit if it is not there as it should be; whether that was necessary.

        Raises MissingDependency without systemd, OutputError without the right to write, UsageError where the sandbox
        would hide the program. Configuration and spool are not touched.
        """
        self.need_systemd()
        text = self._text()
        path = self.root / _UNITS / UNIT
        try:
            if path.is_file() and path.read_text("utf-8") == text:
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            (self.root / _CONFIGURATION).mkdir(mode=0o755, exist_ok=True)
            partial = path.with_name(f".{UNIT}.partial")
            partial.write_text(text, "utf-8")
            partial.chmod(0o644)
            partial.replace(path)
        except OSError as error:
            raise _no_right(path, error) from None
        self.systemctl(["daemon-reload"])
        return True

    def uninstall(self, *, purge: bool = False) -> list[Path]:
        """Stop and remove every instance and the unit; what is left of configuration and spool.

        `purge` removes that as well. Nothing to remove is no error. Raises as `install` does.
        """
        self.need_systemd()
        path = self.root / _UNITS / UNIT
        if not os.access(path.parent, os.W_OK):
            raise _no_right(path, PermissionError())
        names = sorted({f"edge-vsr@{one.name}.service" for one in self.instances()} | self._enabled())
        if names:
            self.systemctl(["disable", "--now", "--quiet", *names])
        there = path.exists()
        path.unlink(missing_ok=True)
        if there or names:
            self.systemctl(["daemon-reload"])
        if names:
            # What has failed would stay in the list of units.
            self.systemctl(["reset-failed", "edge-vsr@*"])
        for folder in ("run/edge-vsr", "run/private/edge-vsr"):
            # systemd removes those of the instances, and leaves the one around them.
            shutil.rmtree(self.root / folder, ignore_errors=True)
        kept = self._belongings()
        if purge:
            for one in kept:
                _remove(one)
            return []
        return kept

    def instances(self) -> list[Instance]:
        """Those that systemd knows of: running, failed or just enabled."""
        self.need_systemd()
        shown = "Id,ActiveState,SubState,NRestarts,StatusText"
        listed = self.systemctl(["list-units", "--all", "--plain", "--no-legend", "edge-vsr@*.service"])
        names = {line.split()[0] for line in listed.splitlines() if line.strip()} | self._enabled()
        if not names:
            return []
        blocks = self.systemctl(["show", f"--property={shown}", *sorted(names)]).strip().split("\n\n")
        return [_instance(dict(line.split("=", 1) for line in block.splitlines() if "=" in line)) for block in blocks]

    def _text(self) -> str:
        program = Path(shutil.which(self.program) or self.program).absolute()
        # What a link leads to has to be seen as well, and a virtual environment's Python is one.
        needed = (program, program.resolve(), self.interpreter.resolve())
        if hidden := [one for one in needed if any(one.is_relative_to(folder) for folder in _HIDDEN)]:
            raise UsageError(
                f"the service cannot see {hidden[0]}: its sandbox hides {', '.join(_HIDDEN)}; install edge-vsr into a "
                "virtual environment in /opt/edge-vsr, and install the service from there"
            )
        return shipped_unit().replace(SHIPPED_PROGRAM, str(program))

    def need_systemd(self) -> None:
        """Raises MissingDependency where systemd does not run the machine."""
        # The way of sd_booted(3).
        if not (self.root / "run/systemd/system").is_dir():
            raise _no_systemd()

    def _enabled(self) -> set[str]:
        return {link.name for link in (self.root / _UNITS).glob("*.wants/edge-vsr@*.service")}

    def _belongings(self) -> list[Path]:
        single = (self.root / _CONFIGURATION, self.root / _STATE, self.root / "var/lib/edge-vsr")
        patterns = (f"{_UNITS}/edge-vsr@*.service.d", "etc/credstore/edge-vsr.*")
        several = (path for pattern in patterns for path in sorted(self.root.glob(pattern)))
        return [path for path in (*single, *several) if os.path.lexists(path)]


def check_name(name: str) -> str:
    """Return `name` if an instance can have it. Raises UsageError."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name of an instance; letters, digits, _ and . make one, such as front")
    return name


def _instance(shown: dict[str, str]) -> Instance:
    name = shown.get("Id", "").removeprefix("edge-vsr@").removesuffix(".service")
    state = f"{shown.get('ActiveState', 'unknown')} ({shown.get('SubState', '')})"
    return Instance(name, state, int(shown.get("NRestarts") or 0), shown.get("StatusText", ""))


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise _no_right(path, error) from None


def _no_systemd() -> MissingDependency:
    return MissingDependency("systemd does not run this machine; have what does run it start `edge-vsr run`")


def _no_right(path: Path, error: OSError) -> OutputError:
    if isinstance(error, PermissionError):
        return OutputError(f"cannot change {path}: that takes root's rights; put sudo before the command")
    return OutputError(f"cannot change {path}: {error.strerror or error}")
