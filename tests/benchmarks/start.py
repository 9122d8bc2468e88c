"""What a run does before its first segment: `python -m tests.benchmarks.start [--runtime onnxruntime ...]`.

Processor time of the main thread by part, which other work on the machine makes little longer; and seconds until the
first segment is at the far end, which it does.
"""

import importlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEGAN = time.monotonic()
RUNNING = "the run"


class Parts:
    """Processor time of the main thread by part."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._inner = 0.0

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work`, whose time without that of parts within it counts as `name`'s."""

        def run(*args: Any, **options: Any) -> Any:
            self._seconds.setdefault(name, 0.0)
            outside, self._inner, began = self._inner, 0.0, time.thread_time()
            try:
                return work(*args, **options)
            finally:
                took = time.thread_time() - began
                self._seconds[name] += took - self._inner
                self._inner = outside + took

        return run

    def __str__(self) -> str:
        before = {name: took for name, took in self._seconds.items() if name != RUNNING}
        whole = sum(before.values())
        lines = [f"{name:24}{took:6.3f} s {took / whole:4.0%}" for name, took in before.items()]
        return "\n".join([*lines, f"{'before the run':24}{whole:6.3f} s"])


def wait_for_segment(folder: Path, stop: threading.Event) -> None:
    """Tell when the first one is there."""
    while not stop.wait(0.02):
        if any(folder.glob("*.ts")):
            sys.stdout.write(f"first segment after {time.monotonic() - BEGAN:.2f} s\n")
            return


def main(flags: list[str]) -> None:
    parts, stop = Parts(), threading.Event()
    cli, run = (parts.timed("imports", importlib.import_module)(f"edge_vsr.cli{name}") for name in ("", ".run"))
    for part, owner, name in (
        ("network", run, "_upscaler"),
        ("camera", run, "open_camera"),
        ("encoder", run, "_encoder"),
        (RUNNING, run.Run, "execute"),
    ):
        setattr(owner, name, parts.timed(part, getattr(owner, name)))
    command = cli.Commands()["run"]
    with tempfile.TemporaryDirectory() as folder:
        words = ["--camera", "demo", "--uplink", folder, "--seconds", "6", "--metrics", "off", *flags]
        watcher = threading.Thread(target=wait_for_segment, args=(Path(folder), stop))
        watcher.start()
        try:
            parts.timed("options, and all else", command.main)(words, prog_name="run", standalone_mode=False)
        finally:
            stop.set()
            watcher.join()
    sys.stdout.write(f"{parts}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
