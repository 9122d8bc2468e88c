"""The `edge-vsr` command as a user runs it."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from edge_vsr.camera import read_frame_number
from edge_vsr.frame import Size
from edge_vsr.telemetry.state import read_states

LIGHT = ("--size", "192x108", "--fps", "15", "--sr", "off")
"""A demo run that a busy machine can do: frames so small that their numbers can be read at the least of a rung's bits,
also where it is late for most frames and their bits are lost."""
STEADY = (*LIGHT, "--rung", "native")
"""The same in one stream, whatever the machine has time for."""

PROGRAM = str(Path(sys.executable).with_name("edge-vsr"))
_SUMMARY = re.compile(
    r"(?P<captured>\d+) frames captured, (?P<encoded>\d+) encoded, (?P<dropped>\d+) dropped; "
    r"(?P<segments>\d+) segments made, (?P<delivered>\d+) delivered, (?P<waiting>\d+) wait in the spool"
)


@dataclass(frozen=True)
class Outcome:
    """What a run left behind, beside its files."""

    code: int
    output: str
    """Standard output and standard error."""

    def __getattr__(self, name: str) -> int:
        """A figure of the summary: captured, encoded, dropped, segments, delivered, waiting."""
        found = _SUMMARY.search(self.output)
        if found is None or name not in found.groupdict():
            raise AttributeError(f"no {name} in what the run wrote:\n{self.output}")
        return int(found[name])


def environment(state: Path, **more: str) -> dict[str, str]:
    """Of a user whose state is in `state`."""
    kept = {key: value for key, value in os.environ.items() if key not in ("STATE_DIRECTORY", "COLUMNS")}
    # Logs for people, as on a terminal; and a free port for each run's metrics.
    usual = {"EDGE_VSR_LOG_FORMAT": "text", "EDGE_VSR_METRICS": "127.0.0.1:0"}
    return {**kept, **usual, "XDG_STATE_HOME": str(state), **more}


class Command:
    """A command under way."""

    def __init__(self, arguments: tuple[str, ...], variables: dict[str, str], cwd: Path | None) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  `started` closes it
        self.process = subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=variables,
            cwd=cwd,
        )

    @property
    def output(self) -> str:
        # Without moving the place where the command writes on.
        return os.pread(self._log.fileno(), 1 << 24, 0).decode()

    def until(self, condition: Callable[[], object], what: str, seconds: float = 150.0) -> None:
        """Wait for `condition` while the command runs."""
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"the command ended before {what}:\n{self.output}"
            assert time.monotonic() < end, f"no sign of {what} after {seconds:g} s:\n{self.output}"
            time.sleep(0.05)

    def until_said(self, text: str) -> None:
        """Wait for `text` in what the command writes."""
        self.until(lambda: text in self.output, repr(text))

    def ended(self, seconds: float = 150.0) -> Outcome:
        """Wait for the end."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            error.add_note(f"it wrote:\n{self.output}")
            raise
        return Outcome(code, self.output)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()


def started(*arguments: object, state: Path, cwd: Path | None = None, **variables: str) -> "closing[Command]":
    """The command `edge-vsr` with `arguments`, for the time of the block at most."""
    return closing(Command(tuple(map(str, arguments)), environment(state, **variables), cwd))


def edge_vsr(*arguments: object, state: Path, cwd: Path | None = None, **variables: str) -> Outcome:
    """Run `edge-vsr` with `arguments` to its end."""
    with started(*arguments, state=state, cwd=cwd, **variables) as command:
        return command.ended()


def figures(runtime: Path) -> dict[str, float]:
    """The metrics of the one run whose RUNTIME_DIRECTORY is below `runtime`; {} while it has told none."""
    return next(({**state.figures} for _, state in read_states(runtime)), {})


def pictures_of(path: Path) -> list[av.VideoFrame]:
    """What a player shows of a segment or a playlist. A picture that is damaged in any way is an error."""
    with av.open(str(path), "r") as container:
        container.streams.video[0].codec_context.options = {"err_detect": "explode"}
        pictures = list(container.decode(video=0))
    assert not any(picture.is_corrupt for picture in pictures), f"corrupt pictures in {path}"
    return pictures


def numbers_in(path: Path) -> list[int]:
    """The numbers that the demo camera wrote into its pictures."""
    return [read_frame_number(np.asarray(picture.to_ndarray(format="gray"), np.uint8)) for picture in pictures_of(path)]


def sizes_in(path: Path) -> set[Size]:
    return {Size(picture.width, picture.height) for picture in pictures_of(path)}


def seen_by_others(pid: int) -> str:
    """The command lines and names of the process and of those that it started."""
    shown = []
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "status").read_text() if folder.name.isdecimal() else ""
            if f"\nPPid:\t{pid}\n" in status or folder.name == str(pid):
                shown += [(folder / "cmdline").read_text(), (folder / "comm").read_text()]
        except OSError:
            continue
    return " ".join(shown)
