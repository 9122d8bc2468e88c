"""What the command line loads before it does what it is asked for."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

from edge_vsr import cli

ASKED = """
import sys
from edge_vsr.cli import Commands
Commands()["run"]
print(*sys.modules)
"""
OF_OTHERS = ("edge_vsr.bench.session", "edge_vsr.calibration.source", "edge_vsr.restoring", "edge_vsr.doctor")
LATER = ("onnxruntime", "openvino", "importlib.metadata", "rich")
"""The engines when a network is opened; the others take as long as numpy, for what a run seldom asks for."""


def test_a_run_waits_for_no_other_command_and_no_engine() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "edge_vsr.cli.run" in loaded
    assert not [name for name in loaded if name in LATER or name.startswith(OF_OTHERS)]


ENDING = """
import atexit, threading
from edge_vsr import cli

def app(**_):
    if {left}:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("done")
    return 7

cli.app = app
atexit.register(print, "the libraries end")
cli.main()
"""


@pytest.mark.parametrize(("left", "said"), [(False, ["done", "the libraries end"]), (True, ["done"])])
def test_a_thread_that_was_left_at_its_work_does_not_see_the_libraries_end(left: bool, said: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", ENDING.format(left=left)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (7, said), done.stderr


def test_every_command_s_module_is_among_the_commands() -> None:
    modules = [importlib.import_module(f"edge_vsr.cli.{one.name}") for one in pkgutil.iter_modules(cli.__path__)]
    having = {one.__name__.rpartition(".")[2] for one in modules if hasattr(one, "command") or hasattr(one, "app")}
    assert having == set(cli.COMMANDS)
    assert set(cli.Commands()) == having


def test_each_command_has_a_line_of_help_of_its_own() -> None:
    lines = [command.get_short_help_str() for command in cli.Commands().values()]
    assert all(lines)
    assert len(set(lines)) == len(cli.COMMANDS)
