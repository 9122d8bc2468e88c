"""What global pooling over whole frames costs a network that learnt on patches.

`python -m models.recipe.pooling --data FOLDER` measures PSNR-Y of each released model, in float, on whole held-out
pictures: as it is, with channel attention that sees windows as large as the patches in training, and without any of the
attended features. A network that is better without them has learnt what frames do not show. The result goes to the
model's record; the card follows with `python -m models.recipe.card`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn import functional

from models.recipe.data import load_pairs
from models.recipe.evaluate import mean_psnr
from models.recipe.network import Attention, Network
from models.recipe.pairs import Pair
from models.recipe.record import STORE, Pooling, amend, released
from models.recipe.start import released_network


class WindowedAttention(Attention):
    """Attention whose channel weights come from windows, each position's from its own."""

    def __init__(self, trained: Attention, side: int) -> None:
        """Windows of about `side` features, so that a whole number of them covers what comes."""
        super().__init__()
        self.load_state_dict(trained.state_dict())
        self._side = side

    def channel_weights(self, features: Tensor) -> Tensor:
        rows, columns = (max(1, round(n / self._side)) for n in features.shape[2:])
        windows = (rows, columns)
        pooled = (functional.adaptive_avg_pool2d(features, windows), functional.adaptive_max_pool2d(features, windows))
        weights = torch.sigmoid(sum(self.excite(functional.relu(self.squeeze(p))) for p in pooled))
        return functional.interpolate(weights, size=features.shape[2:], mode="nearest")


class NoAttention(Attention):
    """Passes nothing on: the reconstruction is left with the luma alone."""

    def forward(self, features: Tensor) -> Tensor:
        return torch.zeros_like(features)


def attending(network: Network, attention: Attention) -> Network:
    """`network` with another attention."""
    made = Network(network.recipe)
    made.load_state_dict(network.state_dict())
    made.attention = attention
    return made.eval()


def windowed(network: Network, side: int) -> Network:
    """`network` with channel attention over windows of about `side` low-resolution samples."""
    return attending(network, WindowedAttention(network.attention, side // (2 * network.recipe.coarse)))


def measure(network: Network, pairs: Sequence[Pair]) -> Pooling:
    """PSNR-Y on `pairs` by what the pools see."""
    recipe = network.recipe
    return Pooling(
        pictures=len(pairs),
        whole=mean_psnr(network, pairs, recipe.scale),
        without=mean_psnr(attending(network, NoAttention()), pairs, recipe.scale),
        windows={str(recipe.window): mean_psnr(windowed(network, recipe.window), pairs, recipe.scale)},
    )


def main(
    data: Annotated[Path, typer.Option(exists=True, help="folder of training pictures")],
    names: Annotated[list[str] | None, typer.Argument(help="models; all if left out")] = None,
    runs: Annotated[Path, typer.Option(help="folder of runs, where prepared pictures are kept")] = Path("runs"),
    store: Annotated[Path, typer.Option(exists=True)] = STORE,
    threads: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Measure, print and note."""
    torch.set_num_threads(threads)
    runs.mkdir(parents=True, exist_ok=True)
    for record in released(store, names):
        recipe = record.recipe
        held = [pair for pair in load_pairs(data, recipe, runs) if pair.held]
        pooling = measure(released_network(recipe, store), held)
        windows = ", ".join(f"windows of {side} {psnr:.3f} dB" for side, psnr in pooling.windows.items())
        whole = f"{recipe.name}, {pooling.pictures} pictures: whole {pooling.whole:.3f} dB"
        typer.echo(f"{whole}, {windows}, without the attended features {pooling.without:.3f} dB")
        amend(store / recipe.name, pooling=pooling)


if __name__ == "__main__":
    typer.run(main)
