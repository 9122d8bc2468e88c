"""What moves the weights: Adam, or Muon for the convolutions that carry the network and Adam for the rest.

Muon replaces the averaged gradient of a matrix by the nearest one whose singular values are all one, so that rare
directions are learnt as fast as common ones (Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
2024). PyTorch's own works in bfloat16, which small processors only emulate, and takes no convolutions.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from models.recipe.config import Recipe
from models.recipe.network import Network

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the iteration, chosen by its authors to reach singular values near one in five steps."""
AS_ADAM = 0.2
"""Root mean square of an update, as Adam's are, so that both take one learning rate (Liu et al., "Muon is scalable for
LLM training", 2025)."""
LEAST = 16
"""Rows and columns below which a convolution is no matrix worth the name."""


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """Of each (..., rows, columns) the nearest one with singular values of about one (0.7..1.2), by Newton and Schulz's
    iteration: a polynomial of X X^T times X, so that all but the first and the last product are of small matrices."""
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[-2] > matrices.shape[-1]
    x: Tensor = matrices.mT if tall else matrices
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    square = x @ x.mT
    same = torch.eye(square.shape[-1], device=x.device)
    whole = same
    for _ in range(steps):
        factor = a * same + b * square + c * square @ square
        whole = factor @ whole
        square = factor @ square @ factor
    made: Tensor = whole @ x
    return made.mT if tall else made


class Muon(torch.optim.Optimizer):
    """Over convolutions, each (outputs, inputs, kernel, kernel) one matrix of `outputs` rows."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        assert closure is None
        for group in self.param_groups:
            learning = [weight for weight in group["params"] if weight.grad is not None]
            for shape in {weight.shape for weight in learning}:
                self._move([weight for weight in learning if weight.shape == shape], group["lr"], group["momentum"])

    def _move(self, weights: list[Tensor], rate: float, momentum: float) -> None:
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        means = [self._mean(weight) for weight in weights]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        ahead = torch._foreach_lerp(gradients, means, momentum)
        # Columns in the order in which weights with their channels last lie in memory; any order has the same result.
        matrices = torch.stack([one.permute(0, 2, 3, 1).flatten(1) for one in ahead])
        moves = orthogonal(matrices) * (AS_ADAM * max(matrices.shape[1:]) ** 0.5)
        outputs, inputs, rows, columns = weights[0].shape
        laid_out = moves.view(-1, outputs, rows, columns, inputs).permute(0, 1, 4, 2, 3)
        torch._foreach_add_(weights, laid_out.unbind(), alpha=-rate)

    def _mean(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(weight)
        kept: Tensor = state["mean"]
        return kept


class Optimisers:
    """One or several optimisers, driven as one."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self._parts = parts

    def step(self, rate: float) -> None:
        """Move along the gradients at a learning rate of `rate`, and forget them."""
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, object]]:
        return [part.state_dict() for part in self._parts]

    def load_state_dict(self, kept: list[dict[str, object]]) -> None:
        for part, state in zip(self._parts, kept, strict=True):
            part.load_state_dict(state)


def optimisers(network: Network, recipe: Recipe) -> Optimisers:
    """As the recipe has it: `adam` or `muon`."""
    if recipe.optimiser == "adam":
        return Optimisers(torch.optim.Adam(network.parameters(), lr=recipe.learning_rate))
    # The features' wide layer costs more to orthogonalise than to learn.
    apart = network.extractor.conv256.conv.weight
    matrices = [p for p in network.parameters() if p.ndim == 4 and p is not apart and min(p.flatten(1).shape) >= LEAST]
    ours = {id(p) for p in matrices}
    rest = [p for p in network.parameters() if id(p) not in ours]
    return Optimisers(Muon(matrices, recipe.learning_rate), torch.optim.Adam(rest, lr=recipe.learning_rate, fused=True))
