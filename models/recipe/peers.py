"""What the models are held against: targets by name, and other networks' figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge_vsr.sr.upscaler import BICUBIC

SETS = ("Set5", "Set14", "BSD100")


@dataclass(frozen=True, slots=True)
class Target:
    """What a model is to reach in INT8, all of it at once."""

    psnr: Mapping[str, float]
    """PSNR-Y in dB by set."""
    time: float
    """Milliseconds for a frame that becomes 1920x1080, with two threads in the faster runtime."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to enlarge, in float. How fast it is is not here: it was never measured beside ours."""

    name: str
    scale: int
    parameters: str
    paper: Mapping[str, float]
    """PSNR-Y in dB by set, as published."""
    measured: Mapping[str, float]
    """The same, measured from the published weights as ours are."""


def _sets(*psnr: float) -> dict[str, float]:
    return dict(zip(SETS, psnr, strict=False))


TARGETS = {
    "ear-s-x2": Target(_sets(36.9, 32.6, 31.4), 35),
    "ear-m-x2": Target(_sets(37.5, 33.0, 31.8), 110),
    "ear-l-x2": Target(_sets(37.9, 33.4, 32.1), 400),
    "ear-s-x4": Target(_sets(30.8), 25),
    "ear-m-x4": Target(_sets(31.4), 60),
    "ear-l-x4": Target(_sets(31.9), 200),
}

PEERS = (
    Peer(BICUBIC, 2, "", paper={}, measured=_sets(33.68, 30.33, 29.56)),
    Peer("FSRCNN", 2, "12k", paper=_sets(37.00, 32.63, 31.53), measured={}),
    Peer("IMDN_RTC", 2, "20k", paper={}, measured=_sets(37.32, 32.98, 31.75)),
    Peer("EDSR-baseline", 2, "1370k", paper=_sets(37.99, 33.57, 32.16), measured={}),
    Peer("IMDN", 2, "694k", paper=_sets(38.01, 33.63, 32.19), measured=_sets(38.01)),
    Peer("RLFN-S", 2, "455k", paper={}, measured=_sets(38.06)),
    Peer("RLFN", 2, "527k", paper={}, measured=_sets(38.08)),
    Peer(BICUBIC, 4, "", paper={}, measured=_sets(28.43)),
    Peer("FSRCNN", 4, "12k", paper=_sets(30.72), measured={}),
    Peer("IMDN", 4, "", paper={}, measured=_sets(32.20)),
    Peer("RLFN", 4, "", paper={}, measured=_sets(32.24)),
)
