"""Which network suits a source, by what its pictures went through before: pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge_vsr.sr.store import CLEAN, LOSSY, Model
from edge_vsr.sr.upscaler import BICUBIC

AUTO = "auto"
SCALE = 2
"""Of what `auto` chooses among, as `low` asks for at the far end."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A network, and in words why it is this one."""

    name: str
    reason: str


def choose(models: Iterable[Model], *, lossy: bool, like: str | None = None) -> Choice:
    """The smallest of those trained on what the source is: coded with loss or not. Of another kind where there is none.

    A box that was found to keep up with the one called `like` gets one of the same layout, which takes the same time.
    """
    there = [model for model in models if model.scale == SCALE or model.name == like]
    wanted, coded = (LOSSY, "coded with loss") if lossy else (CLEAN, "not coded with loss")
    measured = next((model for model in there if model.name == like), None)
    if measured:
        there = [model for model in there if layout_of(model) == layout_of(measured)]
    suited = [model for model in there if model.source == wanted]
    if suited:
        return Choice(_smallest(suited).name, f"the source is {coded}")
    if there:
        other = measured or _smallest(there)
        return Choice(other.name, f"the source is {coded}, and there is none for that{' as fast' if measured else ''}")
    return Choice(BICUBIC, "there is no network")


def _smallest(models: list[Model]) -> Model:
    return min(models, key=lambda model: (model.parameters, model.name))


def layout_of(model: Model) -> tuple[int, ...]:
    """What its time depends on."""
    return model.scale, model.coarse, model.fine, model.width, model.reconstruction_halo
