"""The network of patent application CN114125454A, laid out for INT8 on small CPUs.

    luma ──space-to-depth──> 3x3x64 ──> 3x3x256, stride 2 ──> channel attention ──> spatial attention
      │                                                                                   │ pixel shuffle
      ├──space-to-depth──────────────────────────────────────────────────────> joined <────┘
      │                                                                         │
      │                                                                        3x3
      │                                                                         │
      │                                         residual blocks of convolution, batch normalisation, ReLU
      │                                                                         │
      └──fixed bicubic──────────────────────────────────────────> add <── tail 3x3 ──pixel shuffle──> luma

The patent fixes neither stride nor layout. The 64 and 256 channels sit at a coarse resolution, where they see
far and cost little; the reconstruction sits at a finer one and sees the luma itself beside the attended
features, so that no detail has to pass through the coarse grid. Every addition but the last folds into a convolution:
the INT8 graphs are chains of convolutions, which both runtimes round alike.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge_vsr.calibration.bicubic import bicubic_taps
from edge_vsr.calibration.folded import BLACK, CENTRE, UNIT
from models.recipe.config import Recipe


def inside(x: Tensor, border: int) -> Tensor:
    """`x` (N, C, H, W) without `border` on each side."""
    return x[..., border : x.shape[2] - border, border : x.shape[3] - border]


def cells(x: Tensor, side: int, beyond: float) -> Tensor:
    """Luma (N, 1, H, W) as the reconstruction gets it, `edge_vsr.sr.cells.to_cells` of it; `beyond` its border."""
    if side > 1:
        return functional.pixel_unshuffle(x, side)
    framed = functional.pad(x, (1, 1, 1, 1), value=beyond)
    rows, columns = x.shape[2:]
    corners = (framed[..., dy : dy + rows, dx : dx + columns] for dy in (0, 2) for dx in (0, 2))
    return torch.cat(tuple(corners), 1)


def gain_and_offset(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """By what `norm` multiplies each channel, and what it adds then, with its statistics frozen."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = norm.weight / (norm.running_var + norm.eps).sqrt()
    return gain, norm.bias - norm.running_mean * gain


class ConvNorm(nn.Module):
    """Convolution, then batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, gain: float = 1.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        nn.init.constant_(self.norm.weight, gain)

    def forward(self, x: Tensor) -> Tensor:
        if self.norm.training or not torch.is_grad_enabled():
            normed: Tensor = self.norm(self.conv(x))
            return normed
        # Where it learns with frozen statistics, the normalisation is a part of the weights: a seventh less time.
        gain, offset = gain_and_offset(self.norm)
        weight = self.conv.weight * gain[:, None, None, None]
        return functional.conv2d(x, weight, offset, self.conv.stride, self.conv.padding)


class Extractor(nn.Module):
    """Luma to features: 3x3x64, then 3x3x256 with stride 2."""

    def __init__(self, coarse: int) -> None:
        super().__init__()
        self.coarse = coarse
        self.conv64 = ConvNorm(coarse * coarse, 64)
        self.conv256 = ConvNorm(64, 256, stride=2)

    def forward(self, centred: Tensor) -> Tensor:
        x = functional.pixel_unshuffle(centred, self.coarse)
        return functional.relu(self.conv256(functional.relu(self.conv64(x))))


class Attention(nn.Module):
    """Channel attention, then spatial attention (Woo et al., "CBAM", ECCV 2018), as the patent has them."""

    def __init__(self, channels: int = 256, squeeze: int = 16) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.excite = nn.Conv2d(squeeze, channels, 1)
        self.spatial = nn.Conv2d(2, 1, 7, padding=3)

    def channel_weights(self, features: Tensor) -> Tensor:
        mean = features.mean((2, 3), keepdim=True)
        peak = features.amax((2, 3), keepdim=True)
        return torch.sigmoid(sum(self.excite(functional.relu(self.squeeze(pooled))) for pooled in (mean, peak)))

    def forward(self, features: Tensor) -> Tensor:
        x = features * self.channel_weights(features)
        maps = torch.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), 1)
        return x * torch.sigmoid(self.spatial(maps))


class Block(nn.Module):
    """Convolution, batch normalisation, the block's input added, ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = ConvNorm(width, width, gain=0.5)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


class Reconstruction(nn.Module):
    """Attended features and luma to the super-resolved luma."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.fine = recipe.fine
        self.shuffle = 2 * recipe.coarse // recipe.fine
        self.up = recipe.fine * recipe.scale
        self.context = nn.Conv2d(256 // self.shuffle**2, recipe.width, 3, padding=1, bias=False)
        self.detail = nn.Conv2d(recipe.layout.samples, recipe.width, 3, bias=False)
        self.norm = nn.BatchNorm2d(recipe.width)
        self.blocks = nn.ModuleList(Block(recipe.width) for _ in range(recipe.blocks))
        self.tail = nn.Conv2d(recipe.width, self.up**2, 3, padding=1)
        nn.init.zeros_(self.context.weight)  # they come in later, and disturb nothing then
        nn.init.kaiming_normal_(self.detail.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.tail.weight, a=1.0)
        with torch.no_grad():
            self.tail.weight.mul_(0.1)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def forward(self, attended: Tensor | None, centred: Tensor) -> Tensor:
        luma = cells(centred, self.fine, BLACK)
        x = self.detail(functional.pad(luma, (1, 1, 1, 1), value=BLACK))
        if attended is not None:
            x = x + self.context(functional.pixel_shuffle(attended, self.shuffle))
        x = functional.relu(self.norm(x))
        for block in self.blocks:
            x = block(x)
        return functional.pixel_shuffle(self.tail(x), self.up)


class Network(nn.Module):
    """Luma (N, 1, H, W) in 0..255 to luma (N, 1, scale * H, scale * W); H and W are multiples of 2 * coarse."""

    taps: Tensor

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.extractor = Extractor(recipe.coarse)
        self.attention = Attention()
        self.reconstruction = Reconstruction(recipe)
        taps = torch.from_numpy(bicubic_taps(recipe.fine, recipe.scale)).float()
        self.register_buffer("taps", taps, persistent=False)

    def skip(self, luma: Tensor) -> Tensor:
        """The bicubic picture that the reconstruction adds to, with the exported graph's own integer taps."""
        framed = functional.pad(cells(luma, self.recipe.fine, 0.0), (1, 1, 1, 1))
        return functional.pixel_shuffle(functional.conv2d(framed, self.taps), self.recipe.fine * self.recipe.scale)

    def forward(self, luma: Tensor, context: int = 0, features: bool = True) -> Tensor:
        """Of the luma without `context` samples on each side, a multiple of 2 * coarse: these only the features see.
        Without `features` the reconstruction has the luma alone."""
        centred = (luma - CENTRE) / UNIT
        within = None
        if features:
            within = inside(self.attention(self.extractor(centred)), context // (2 * self.recipe.coarse))
        residual = self.reconstruction(within, inside(centred, context))
        # In bfloat16 a level would be lost here.
        with torch.autocast(luma.device.type, enabled=False):
            out: Tensor = self.skip(inside(luma, context)) + residual.float() * UNIT
        return out


def load_network(recipe: Recipe, checkpoint: Path) -> Network:
    """The averaged weights of a training run, ready to evaluate or to export."""
    network = Network(recipe)
    network.load_state_dict(torch.load(checkpoint, map_location="cpu")["ema"])
    return network.eval()
