"""Batch normalisation folded into the convolutions: what is left to quantize."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from edge_vsr.calibration.folded import Array, Conv, Folded
from models.recipe.network import ConvNorm, Network, gain_and_offset


def _array(tensor: Tensor) -> Array:
    return tensor.detach().cpu().double().numpy()


def _gain_and_offset(norm: nn.BatchNorm2d) -> tuple[Array, Array]:
    gain, offset = gain_and_offset(deepcopy(norm).double())
    return _array(gain), _array(offset)


def _scaled(weight: Tensor, gain: Array, offset: Array, stride: int = 1) -> Conv:
    return Conv(_array(weight) * gain[:, None, None, None], offset, stride, weight.shape[2] // 2)


def _normed(module: ConvNorm) -> Conv:
    return _scaled(module.conv.weight, *_gain_and_offset(module.norm), stride=module.conv.stride[0])


def _residual(module: ConvNorm) -> Conv:
    """A block's convolution with the block's input added: the identity is one tap."""
    body = _normed(module)
    weight = body.weight.copy()
    channels = np.arange(len(weight))
    weight[channels, channels, 1, 1] += 1.0
    return replace(body, weight=weight)


def _plain(module: nn.Conv2d) -> Conv:
    assert module.bias is not None
    return Conv(_array(module.weight), _array(module.bias), padding=module.kernel_size[0] // 2)


@torch.no_grad()
def fold(network: Network) -> Folded:
    """The trained network with every batch normalisation folded away."""
    part = network.reconstruction
    gain, offset = _gain_and_offset(part.norm)
    return Folded(
        layout=network.recipe.layout,
        conv64=_normed(network.extractor.conv64),
        conv256=_normed(network.extractor.conv256),
        squeeze=_plain(network.attention.squeeze),
        excite=_plain(network.attention.excite),
        spatial=_plain(network.attention.spatial),
        join=_scaled(torch.cat((part.context.weight, part.detail.weight), 1), gain, offset),
        blocks=tuple(_residual(block.body) for block in part.blocks),  # type: ignore[arg-type]
        tail=_plain(part.tail),
    )
