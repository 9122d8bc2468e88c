"""Real servers on loopback for the time of a test."""

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_PORTS = itertools.count(20_000 + 2_000 * _WORKER + os.getpid() % 1_000)
"""Below those that the system gives out, others for each process of tests: what is free stays so until it is used. CI's
stages run beside each other and are all the first worker, hence the number of the process."""


def free_port() -> int:
    """A TCP port on 127.0.0.1."""
    while True:
        port = next(_PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_for_port(port: int, timeout: float = 60.0) -> None:
    """Return when something listens on `port`; TimeoutError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError(f"nothing listens on port {port} after {timeout:g} s") from None
            time.sleep(0.02)
        else:
            return


@contextmanager
def running(command: list[str], *, port: int | None = None, **popen: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` for the time of the block; wait for `port` first where one is given.

    A failure in the block carries what the program wrote.
    """
    with tempfile.TemporaryFile() as output:
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT, **popen}
        with subprocess.Popen(command, **options) as process:
            try:
                if port is not None:
                    wait_for_port(port)
                yield process
            except BaseException as error:
                output.seek(0)
                error.add_note(f"{command[0]} wrote:\n{output.read().decode(errors='replace')}")
                raise
            finally:
                process.kill()


def need(program: str) -> str:
    """The path of `program`, or a visible skip."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path
