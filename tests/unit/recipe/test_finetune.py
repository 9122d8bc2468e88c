import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.recipe.finetune import convolved


def gradients(made: Tensor, *by: Tensor) -> tuple[Tensor, ...]:
    torch.manual_seed(2)
    return torch.autograd.grad(made, by, torch.randn_like(made))


@pytest.mark.parametrize(("stride", "padding"), [(1, 1), (1, 0), (2, 1)])
def test_gradients_in_half_precision_are_those_of_the_convolution(stride: int, padding: int) -> None:
    torch.manual_seed(1)
    x, weight, bias = torch.randn(2, 8, 12, 10), torch.randn(16, 8, 3, 3), torch.randn(16)
    learning = [value.requires_grad_() for value in (x, weight, bias)]
    exact = functional.conv2d(x, weight, bias, stride, padding)
    half = convolved(x, weight, bias, stride, padding)
    assert torch.equal(half, exact), "what it makes is in single precision"
    for name, one, other in zip(
        ("x", "weight", "bias"), gradients(half, *learning), gradients(exact, *learning), strict=True
    ):
        apart = float((one - other).norm() / other.norm())
        assert one.dtype == torch.float32
        assert apart < 0.01, f"by {name}: {apart:.4f} of it apart"
