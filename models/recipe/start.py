"""What a run begins with: the weights of another run, or of a released model, wherever they fit.

A released float original is folded: its batch normalisations are gone. They come back with the statistics that its
convolutions have on the new run's own patches, so that the network begins as the released function and can learn on.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from edge_vsr.calibration.folded import UNIT, Array, Conv, Folded
from edge_vsr.calibration.original import FILE, Original
from models.recipe.config import Recipe
from models.recipe.network import ConvNorm, Network
from models.recipe.record import STORE

CHECKPOINT = "checkpoint.pt"
"""In the folder of a run."""
BATCHES = 24
"""To measure statistics on."""
TAIL = "reconstruction.tail.weight"
BLOCKS = "reconstruction.blocks."
"""What the names of their weights begin with."""


@torch.no_grad()
def start_from(network: Network, runs: Path, windows: Iterable[Tensor], store: Path = STORE) -> None:
    """Take over from the run that the network's recipe names, if it is in `runs`, else from the released model of that
    name. `windows` are batches of luma (N, 1, H, W), the recipe's context included."""
    name = network.recipe.start
    checkpoint, original = runs / name / CHECKPOINT, store / name / FILE
    if checkpoint.exists():
        _take_weights(network, torch.load(checkpoint, map_location="cpu")["ema"])
    elif original.exists():
        net = _learnt(original)
        if net.width == network.recipe.width:
            unfold(network, net, windows)
        else:
            narrow = Network(replace(network.recipe, width=net.width)).to(next(network.parameters()).device)
            unfold(narrow, net, windows)
            _take_weights(network, narrow.state_dict())
    else:
        raise SystemExit(f"neither {checkpoint} nor {original} is there; train what the recipe starts from first")
    if network.recipe.features_from > 0:
        nn.init.zeros_(network.reconstruction.context.weight)


def _take_weights(network: Network, weights: dict[str, Tensor]) -> None:
    """The averaged weights of a run that fit, also into a wider reconstruction; blocks that it does not have begin as
    the identity."""
    trained = _spread(weights, network)
    own = network.state_dict()
    if network.recipe.width == 2 * len(trained[TAIL][0]) and own[TAIL].shape[0] == len(trained[TAIL]):
        trained = _with_its_negative_self(trained)
    fitting = {
        name: value if own[name].shape == value.shape else _widened(value, own[name])
        for name, value in trained.items()
        if name in own and (own[name].shape == value.shape or _has_room(name, value, own[name]))
    }
    network.load_state_dict(fitting, strict=False)
    for i, block in enumerate(network.reconstruction.blocks):
        gain = f"reconstruction.blocks.{i}.body.norm.weight"
        if gain not in fitting:
            nn.init.zeros_(block.body.norm.weight)  # type: ignore[union-attr,arg-type]


def places(few: int, many: int) -> list[int]:
    """Where `few` blocks stand among `many`, the last at the end: what is new comes between them, where it has features
    to work on. Behind them all it would have the few that the last one leaves for the tail."""
    return [(i + 1) * many // few - 1 for i in range(few)] if few < many else list(range(many))


def _spread(trained: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """A run's weights, its blocks numbered as they stand in `network`."""
    numbers = sorted({int(name.split(".")[2]) for name in trained if name.startswith(BLOCKS)})
    to = dict(zip(numbers, places(len(numbers), len(network.reconstruction.blocks)), strict=False))

    def renamed(name: str) -> str | None:
        if not name.startswith(BLOCKS):
            return name
        number, rest = name.removeprefix(BLOCKS).split(".", 1)
        return f"{BLOCKS}{to[int(number)]}.{rest}" if int(number) in to else None

    return {new: value for name, value in trained.items() if (new := renamed(name))}


def _with_its_negative_self(trained: dict[str, Tensor]) -> dict[str, Tensor]:
    """A reconstruction of twice as many channels that yields the mean of what the trained one makes of a picture and of
    its negative (`edge_vsr.sr.views`). Between the two nothing is connected yet, and features are for the first alone:
    exact where the reconstruction begins without them."""
    doubled = {}
    for name, value in trained.items():
        _, _, place = name.partition("reconstruction.")
        if place == "tail.weight":
            doubled[name] = torch.cat((value, -value), 1) / 2
        elif place == "tail.bias":
            doubled[name] = torch.zeros_like(value)
        elif place == "detail.weight":
            doubled[name] = torch.cat((value, -value))
        elif place == "context.weight":
            doubled[name] = torch.cat((value, torch.zeros_like(value)))
        elif place == "norm.running_mean":
            # The negative of a level is 255 less it, and luma is centred at 128.
            off = trained["reconstruction.detail.weight"].sum((1, 2, 3)) / UNIT
            doubled[name] = torch.cat((value, value + off))
        elif place.startswith("blocks.") and value.ndim == 4:
            apart = torch.zeros_like(value)
            doubled[name] = torch.cat((torch.cat((value, apart), 1), torch.cat((apart, value), 1)))
        else:
            doubled[name] = torch.cat((value, value)) if place and value.ndim else value
    return doubled


def _has_room(name: str, trained: Tensor, own: Tensor) -> bool:
    """Whether a reconstruction of more channels can take `trained` over."""
    if not name.startswith("reconstruction.") or trained.ndim != own.ndim:
        return False
    if name.startswith("reconstruction.tail.") and len(trained) != len(own):
        return False
    return all(few <= many for few, many in zip(trained.shape, own.shape, strict=True))


def _widened(trained: Tensor, own: Tensor) -> Tensor:
    """`trained` in the first channels, which get nothing from those that are new; these begin as in `own` (Chen,
    Goodfellow, Shlens, "Net2Net: Accelerating Learning via Knowledge Transfer", ICLR 2016)."""
    made = own.clone()
    made[: len(trained)] = 0
    made[tuple(slice(length) for length in trained.shape)] = trained
    return made


@torch.no_grad()
def unfold(network: Network, net: Folded, windows: Iterable[Tensor]) -> None:
    """Take over a folded network, to learn on from it."""
    _take_over(network, net)
    _settle(network, windows)


@torch.no_grad()
def released_network(recipe: Recipe, store: Path = STORE) -> Network:
    """The released model of a recipe as the float network whose weights it was rounded to, ready to evaluate."""
    network = Network(recipe)
    _take_over(network, _learnt(store / recipe.name / FILE))
    return network.eval()


def _learnt(original: Path) -> Folded:
    return Original.from_bytes(original.read_bytes(), str(original)).as_learnt()


def _take_over(network: Network, net: Folded) -> None:
    """A folded network of the same width: as many of its blocks as there is room for, its tail if that is of the same
    scale. Blocks beyond its own begin as the identity. Every batch normalisation is as if it had seen nothing yet."""
    part = network.reconstruction
    if net.width != network.recipe.width or net.layout.coarse != network.recipe.coarse:
        raise SystemExit(f"{network.recipe.name} has another width or coarse grid than what it starts from")
    _put_normed(network.extractor.conv64, net.conv64)
    _put_normed(network.extractor.conv256, net.conv256)
    for name in ("squeeze", "excite", "spatial"):
        _put_plain(getattr(network.attention, name), getattr(net, name))
    inputs = net.join.weight.shape[1] - net.layout.samples
    _put(part.context.weight, net.join.weight[:, :inputs])
    _put(part.detail.weight, net.join.weight[:, inputs:])
    _as_gain(part.norm, np.ones(net.width), net.join.bias)
    for block in part.blocks:
        _as_gain(block.body.norm, np.zeros(net.width), np.zeros(net.width))  # type: ignore[arg-type]
    for place, conv in zip(places(len(net.blocks), len(part.blocks)), net.blocks, strict=False):
        _put_normed(part.blocks[place].body, _without_identity(conv))  # type: ignore[arg-type]
    if part.tail.weight.shape == net.tail.weight.shape:
        _put_plain(part.tail, net.tail)


def _without_identity(conv: Conv) -> Conv:
    weight = conv.weight.copy()
    channels = np.arange(len(weight))
    weight[channels, channels, 1, 1] -= 1.0
    return Conv(weight, conv.bias, conv.stride, conv.padding)


def _put(parameter: Tensor, value: Array) -> None:
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))


def _put_plain(module: nn.Conv2d, conv: Conv) -> None:
    assert module.bias is not None
    _put(module.weight, conv.weight)
    _put(module.bias, conv.bias)


def _put_normed(module: ConvNorm, conv: Conv) -> None:
    """The weights become as large as those that training begins with: a rate then means the same for them."""
    fan_in = conv.weight[0].size
    usual, given = np.sqrt(2 / fan_in), np.sqrt(np.mean(conv.weight**2))
    _put(module.conv.weight, conv.weight * (usual / given))
    _as_gain(module.norm, np.full(len(conv.bias), given / usual), conv.bias)


def _as_gain(norm: nn.BatchNorm2d, gain: Array, offset: Array) -> None:
    """`norm` multiplies and adds, and has no statistics yet."""
    norm.reset_running_stats()
    _put(norm.weight, gain * np.sqrt(1 + norm.eps))
    _put(norm.bias, offset)


def _settle(network: Network, windows: Iterable[Tensor]) -> None:
    """Give every batch normalisation the statistics of what it gets; the network's function stays as it is."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    seen: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {norm: [] for norm in norms}

    def look(norm: nn.Module, given: tuple[Tensor]) -> None:
        (x,) = given
        seen[norm].append((x.mean((0, 2, 3)), x.var((0, 2, 3))))

    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    network.eval()
    for batch in windows:
        network(batch, network.recipe.context)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, spread = (torch.stack(one).mean(0) for one in zip(*seen[norm], strict=True))
        gain = norm.weight / (1 + norm.eps) ** 0.5
        norm.bias.add_(gain * mean)
        norm.weight.copy_(gain * (spread + norm.eps).sqrt())
        norm.running_mean.copy_(mean)  # type: ignore[union-attr]
        norm.running_var.copy_(spread)  # type: ignore[union-attr]
