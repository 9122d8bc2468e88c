"""The network's convolutions, from a model's geometry, and the multiply-accumulates that they take."""

from dataclasses import dataclass

from edge_vsr.frame import Size
from edge_vsr.sr.cells import samples
from edge_vsr.sr.store import CHANNELS, HIDDEN, Model


@dataclass(frozen=True, slots=True)
class Convolution:
    """A square kernel."""

    inputs: int
    outputs: int
    kernel: int = 3

    @property
    def weights(self) -> int:
        return self.inputs * self.outputs * self.kernel**2


def reconstruction(model: Model) -> tuple[Convolution, ...]:
    """Those that follow each other at the reconstruction's resolution, where nearly all of the work is: the first, the
    residual blocks, the last."""
    width = model.width
    blocks = [Convolution(width, width)] * model.blocks
    return (Convolution(model.joint, width), *blocks, Convolution(width, model.restored))


def macs_a_sample(model: Model) -> float:
    """Multiply-accumulates for each luma sample of the input; the fixed bicubic and the spatial attention included."""
    bicubic = Convolution(samples(model.fine), model.restored)
    at_fine = sum(one.weights for one in (*reconstruction(model), bicubic)) / model.fine**2
    at_coarse = Convolution(model.coarse**2, HIDDEN).weights / model.coarse**2
    at_features = (Convolution(HIDDEN, CHANNELS).weights + Convolution(2, 1, 7).weights) / model.align**2
    return at_fine + at_coarse + at_features


def gmac(model: Model, size: Size) -> float:
    """10^9 multiply-accumulates for one frame of `size`; what borders and halos cost besides is not work done."""
    return macs_a_sample(model) * size.width * size.height / 1e9
