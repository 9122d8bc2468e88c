from pathlib import Path

import pytest

from models.recipe.referee import ask

ECHO = "import sys\nprint(*sys.argv[1:])\n"
FAIL = "import sys\nsys.exit('no pictures')\n"


def write_tool(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_program_is_asked_about_a_folder_and_a_command(tmp_path: Path) -> None:
    tool = write_tool(tmp_path / "tool.py", ECHO)
    line = ask(tool, Path("Set5"), 4, ["restore", "{in}", "{out}"])
    assert line == "images Set5 --scale 4 -- restore {in} {out}"


def test_a_program_that_fails_ends_it_with_what_it_said(tmp_path: Path) -> None:
    tool = write_tool(tmp_path / "tool.py", FAIL)
    with pytest.raises(SystemExit, match=r"tool.py: exit code 1 on Set5\nno pictures"):
        ask(tool, Path("Set5"), 2, [])
