import math
from typing import get_args

import pytest
import torch

from edge_vsr.sr.network import MARGIN
from models.recipe.config import Loss
from models.recipe.loss import loss_of

SCALE = 2
SIDE = 8 + 2 * SCALE * MARGIN
TRUE = torch.zeros(2, 1, SIDE, SIDE)


def wrong_by(*levels: float) -> torch.Tensor:
    """Patches that are wrong everywhere."""
    return torch.ones_like(TRUE) * torch.tensor(levels).view(-1, 1, 1, 1)


def test_errors_are_means_of_levels() -> None:
    assert loss_of(wrong_by(1, -3), TRUE, SCALE, "mean") == pytest.approx(2.0)


def test_a_patch_counts_by_its_mean_square() -> None:
    half = wrong_by(4, 4)
    half[..., ::2] = 0
    assert loss_of(half, TRUE, SCALE, "mean") == pytest.approx(2.0)
    assert loss_of(half, TRUE, SCALE, "rms") == pytest.approx((8 + 1) ** 0.5)
    assert loss_of(half, TRUE, SCALE, "log") == pytest.approx(math.log(8 + 1))


@pytest.mark.parametrize("loss", get_args(Loss))
def test_the_border_does_not_count(loss: Loss) -> None:
    made = TRUE.clone()
    made[..., : 2 * MARGIN, :] = 100
    made[..., -2 * MARGIN :] = 100
    assert loss_of(made, TRUE, SCALE, loss) == loss_of(TRUE, TRUE, SCALE, loss)


@pytest.mark.parametrize("loss", get_args(Loss))
def test_a_perfect_patch_has_a_gradient(loss: Loss) -> None:
    made = TRUE.clone().requires_grad_()
    torch.autograd.backward(loss_of(made, TRUE, SCALE, loss))
    assert made.grad is not None
    assert bool(made.grad.isfinite().all())
