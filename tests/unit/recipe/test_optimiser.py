import pytest
import torch
from torch import nn

from models.recipe.network import Network
from models.recipe.optimiser import Muon, optimisers, orthogonal
from tests.unit.recipe.networks import tiny


@pytest.mark.parametrize(("rows", "columns"), [(16, 16), (48, 432), (432, 48)])
def test_singular_values_become_about_one(rows: int, columns: int) -> None:
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(rows, columns)))
    # Of a square random matrix the smallest ones are near zero, and five steps do not lift them.
    assert float(values.max()) < 1.25, values
    assert float(values.median()) > 0.65, values


def test_directions_are_kept() -> None:
    torch.manual_seed(1)
    matrix = torch.randn(16, 144)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    apart = float((orthogonal(matrix) - left @ right).abs().max())
    assert apart < 0.1, f"{apart:.3f} from the nearest orthogonal matrix"


def test_a_step_is_as_long_as_one_of_adam() -> None:
    weight = nn.Parameter(torch.zeros(48, 48, 3, 3))
    weight.grad = torch.randn(48, 48, 3, 3)
    Muon([weight], lr=1.0).step()
    length = float(weight.detach().square().mean().sqrt())
    assert length == pytest.approx(0.2, rel=0.2)


def test_every_weight_is_moved_once() -> None:
    network = Network(tiny(optimiser="muon"))
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    for value in network.parameters():
        value.grad = torch.randn_like(value)
    optimisers(network, tiny(optimiser="muon", learning_rate=1.0)).step(1e-3)
    still = [name for name, value in network.named_parameters() if torch.equal(value, before[name])]
    assert not still
    assert all(value.grad is None for value in network.parameters())


def test_weights_of_one_shape_move_as_each_would_alone() -> None:
    torch.manual_seed(1)
    start, gradients = torch.randn(3, 16, 16, 3, 3), torch.randn(2, 3, 16, 16, 3, 3)
    together = [nn.Parameter(value.clone()) for value in start]
    alone = [nn.Parameter(value.clone()) for value in start]
    for weights, parts in ((together, [together]), (alone, [[weight] for weight in alone])):
        movers = [Muon(part, lr=1.0) for part in parts]
        for now in gradients:
            for weight, gradient in zip(weights, now, strict=True):
                weight.grad = gradient
            for mover in movers:
                mover.step()
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other)
