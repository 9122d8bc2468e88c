"""The folded network in float, with every activation that INT8 will have to hold.

The names of the activations here are those of the quantized tensors in `edge_vsr.calibration.graphs`.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from edge_vsr.calibration.folded import BLACK, CENTRE, UNIT, Conv, Folded, doubled
from models.recipe.network import cells, inside

Watch = Callable[[str, Tensor], Tensor]
"""Sees an activation by name and returns what the network goes on with: the same, or a quantized one."""


Convolve = Callable[[str, Tensor, Conv], Tensor]
"""Runs the convolution of that name, padding included."""


def in_float(_name: str, x: Tensor, conv: Conv) -> Tensor:
    """The convolution with its folded weights."""
    weight, bias = (torch.from_numpy(a).to(x) for a in (conv.weight, conv.bias))
    return functional.conv2d(x, weight, bias, conv.stride, conv.padding)


def trace(net: Folded, luma: Tensor, watch: Watch, run: Convolve = in_float, context: int = 0) -> Tensor:
    """Run `luma` (N, 1, H, W in 0..255) through the folded network; returns the luma before rounding.

    `context` is as in `Network.forward`.
    """
    layout = net.layout
    centred = (luma - CENTRE) / UNIT

    x = functional.pixel_unshuffle(centred, layout.coarse)
    x = watch("conv64", functional.relu(run("conv64", x, net.conv64)))
    features = watch("features", functional.relu(run("conv256", x, net.conv256)))

    pooled = (watch("mean", features.mean((2, 3), keepdim=True)), features.amax((2, 3), keepdim=True))
    hidden = watch("hidden", torch.cat([functional.relu(run("squeeze", p, net.squeeze)) for p in pooled], 1))
    channels = torch.sigmoid(watch("channel_logit", run("excite", hidden, doubled(net.excite))))
    x = watch("weighted", features * channels)
    across = torch.cat((watch("across_mean", x.mean(1, keepdim=True)), x.amax(1, keepdim=True)), 1)
    x = watch("attended", x * torch.sigmoid(watch("spatial_logit", run("spatial", across, net.spatial))))

    luma = cells(inside(centred, context), layout.fine, BLACK)
    x = inside(x, context // (2 * layout.coarse))
    fine = functional.pixel_shuffle(x, 2 * layout.coarse // layout.fine)
    # Beyond the frame the graphs see code 0 of the tensor that luma shares with features: black.
    framed = functional.pad(luma, (1,) * 4, value=BLACK)
    joined = torch.cat((functional.pad(fine, (1,) * 4), framed), 1)
    x = watch("joined", functional.relu(run("join", joined, replace(net.join, padding=0))))
    for i, block in enumerate(net.blocks):
        x = watch(f"block{i}", functional.relu(run(f"block{i}", x, block)))
    residual = run("tail", x, net.tail)
    skip = run("skip", framed, replace(net.skip, padding=0))
    return functional.pixel_shuffle(skip + residual, layout.fine * layout.scale) * UNIT + CENTRE
