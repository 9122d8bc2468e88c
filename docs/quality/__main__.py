"""`python -m docs.quality CLIPS --work FOLDER`: measure, then write docs/quality.md and its pictures."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from docs.quality import crops, plot
from docs.quality.clip import read_clip
from docs.quality.figures import Figures
from docs.quality.measure import OPTIONS, OpenFloat, measure
from docs.quality.page import filled
from docs.quality.settings import compare
from edge_vsr.sr.choice import SCALE, choose
from edge_vsr.sr.store import LOSSY, bundled_store
from edge_vsr.sr.upscaler import Upscaler

FOLDER = Path(__file__).parent
PAGE = FOLDER.with_suffix(".md")
MEASURED = FOLDER / "measured.json"
FIRST = "ear-m-x2-video"
"""The network that the page is about."""


def main(
    clips: Annotated[
        Path | None, typer.Argument(exists=True, help="folder of videos; without, page and plots are made anew")
    ] = None,
    work: Annotated[Path, typer.Option(help="keeps what was measured, for the next time")] = Path("runs/quality"),
    frames: Annotated[int, typer.Option(min=1, help="of each clip, at most; fewer than 60 are for a trial")] = 60,
    model: Annotated[
        list[str] | None, typer.Option(help="networks; those for coded pictures and, to compare, one for clean ones")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(exists=True, help="of the first, for its float original")] = None,
    checkpoint: Annotated[Path | None, typer.Option(exists=True, help="of that")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="judge these ways of coding instead, or `all`; see docs/quality/settings.py"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder to write to instead of docs")] = None,
) -> None:
    """Restore coded clips in every way, and tell what each is worth."""
    models = model or _models()
    measured, page, pictures = _places(out)
    if clips:
        work.mkdir(parents=True, exist_ok=True)
        paths = sorted((path for path in clips.iterdir() if path.suffix == ".mp4"), key=lambda path: path.name)
        before = Figures.load(measured) if measured.exists() else Figures((), ())
        if setting:
            found = compare(paths, frames, work, models[0], setting, typer.echo)
            names = tuple(path.stem for path in paths)
            others = before.settings if (before.settings_clips, before.settings_model) == (names, models[0]) else ()
            kept = (one for one in others if one.name not in {new.name for new in found})
            settings = (*found, *kept)
            replace(before, settings=settings, settings_clips=names, settings_model=models[0]).save(measured)
        else:
            original = _original(recipe, checkpoint)
            shown = tuple(measure(path, frames, work, models, original, typer.echo) for path in paths)
            replace(before, models=tuple(models), clips=shown).save(measured)
            for path in paths:
                if path.stem in crops.SHOWN:
                    crops.draw(read_clip(path, frames), models[0], work, pictures)
            crops.draw(crops.demo(), models[0], work, pictures)
    figures = Figures.load(measured)
    page.write_text(filled(PAGE.read_text(), figures))
    plot.draw(figures, pictures)


def _models() -> list[str]:
    """The first, the same with each of OPTIONS, the others that learnt on coded pictures, the largest first, and what
    `auto` chooses for clean ones."""
    there = [one for one in bundled_store().models.values() if one.scale == SCALE]
    others = [one for one in there if one.source == LOSSY and one.name != FIRST]
    return [
        FIRST,
        *(f"{FIRST} {option}" for option in OPTIONS),
        *(one.name for one in sorted(others, key=lambda one: one.parameters, reverse=True)),
        choose(there, lossy=False).name,
    ]


def _places(out: Path | None) -> tuple[Path, Path, Path]:
    """Of what was measured, the page, and the pictures."""
    if out is None:
        return MEASURED, PAGE, FOLDER
    out.mkdir(parents=True, exist_ok=True)
    return out / MEASURED.name, out / PAGE.name, out


def _original(recipe: Path | None, checkpoint: Path | None) -> OpenFloat | None:
    if recipe is None or checkpoint is None:
        return None

    def opened() -> Upscaler:
        # PyTorch is there for who trains.
        from models.recipe.config import Recipe
        from models.recipe.evaluate import FloatUpscaler
        from models.recipe.network import load_network

        return FloatUpscaler(load_network(Recipe.load(recipe), checkpoint).eval())

    return opened


if __name__ == "__main__":
    typer.run(main)
