"""What an independent program says of released models: `python -m models.recipe.referee --tool FILE --sets FOLDER...`.

The program is called as `FILE images FOLDER --scale N -- COMMAND`: it makes the folder's pictures small, runs COMMAND
on them with `{in}` and `{out}` filled in, and prints one line. COMMAND is `edge-vsr restore`, as a user has it. The
lines go to the models' records; the cards follow with `python -m models.recipe.card`.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from models.recipe.record import STORE, amend, released

RESTORE = str(Path(sys.executable).with_name("edge-vsr"))


def ask(tool: Path, folder: Path, scale: int, command: Sequence[str]) -> str:
    """The program's line on one folder of pictures. Ends with what it said, if it fails."""
    words = [sys.executable, str(tool), "images", str(folder), "--scale", str(scale), "--", *command]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{tool}: exit code {done.returncode} on {folder}\n{done.stderr}")
    return done.stdout.strip()


def main(
    tool: Annotated[Path, typer.Option(exists=True, help="the program")],
    sets: Annotated[list[Path], typer.Option(exists=True, help="folders of test pictures")],
    names: Annotated[list[str] | None, typer.Argument(help="models; all if left out")] = None,
) -> None:
    """Ask and note; of the released models, since `restore` knows no others."""
    for record in released(STORE, names):
        name = record.recipe.name
        restore = [RESTORE, "restore", "{in}", "{out}", "--model", name]
        lines = {folder.name: ask(tool, folder, record.recipe.scale, restore) for folder in sets}
        amend(STORE / name, referee=lines)
        for folder, line in lines.items():
            typer.echo(f"{name} {folder}: {line}")


if __name__ == "__main__":
    typer.run(main)
