"""What is known of a released model, in a file beside it.

`release` begins it; `pooling`, `speed` and `referee` add what they measure; `card`, `table` and `plot` show it. Nothing
in it comes from anywhere but a measurement. A new release begins a new one, and keeps the times of the one before if
only the weights are others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from edge_vsr.frame import Size
from models.recipe.config import Recipe

FILE = "measured.json"
STORE = Path("models")
RUNTIMES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
"""What people call them."""
LARGE = Size(1920, 1080)
"""What a timed frame becomes, at every scale."""


@dataclass(frozen=True, slots=True)
class Quality:
    """PSNR-Y in dB on one set of test pictures, through `restore`'s own code."""

    name: str
    """Of the set."""
    bicubic: float
    float_network: float
    int8: Mapping[str, float]
    """By runtime."""

    @property
    def least(self) -> float:
        """dB in INT8, in the runtime that is worse off."""
        return min(self.int8.values())

    @property
    def loss(self) -> float:
        """dB of it that INT8 costs."""
        return self.float_network - self.least

    @property
    def apart(self) -> float:
        """dB between the runtimes."""
        return max(self.int8.values()) - self.least


@dataclass(frozen=True, slots=True)
class Speed:
    """One luma frame in one runtime, from the plane that comes in to the plane that goes out."""

    version: str
    """Of the runtime."""
    frames: int
    median: float
    """Milliseconds, as the two that follow."""
    least: float
    most: float
    peak_rss: float
    """MiB, of the process that restored the frames."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Where and how fast."""

    processor: str
    threads: int
    load: float
    """Load average over the last minute before: what else the machine did."""
    runtimes: Mapping[str, Speed]

    @property
    def fastest(self) -> float:
        """Median in ms, in the runtime that is faster here."""
        return min(speed.median for speed in self.runtimes.values())


@dataclass(frozen=True, slots=True)
class Pooling:
    """PSNR-Y in dB of the float network on whole held-out pictures, by what its global pools see."""

    pictures: int
    whole: float
    """All of a picture, as released."""
    without: float
    """With none of the attended features, which shows what they are worth."""
    windows: Mapping[str, float]
    """By the side of a window in low-resolution samples: as in training."""

    @property
    def shift(self) -> float:
        """dB that whole frames cost against the windows that suit the network best; negative if they are a gain."""
        return max(self.windows.values()) - self.whole


@dataclass(frozen=True, slots=True)
class Record:
    """All of it."""

    recipe: Recipe
    """As it was when the model was made."""
    revision: str
    """Of the recipe."""
    licence: str
    steps: int
    """Of training, as many as there were."""
    parameters: int
    macs_a_sample: float
    """Multiply-accumulates for each low-resolution luma sample."""
    quality: Sequence[Quality]
    timing: Timing | None = None
    pooling: Pooling | None = None
    referee: Mapping[str, str] = field(default_factory=dict)
    """What the referee printed, by set."""

    @property
    def frame(self) -> Size:
        """The timed frame."""
        return Size(LARGE.width // self.recipe.scale, LARGE.height // self.recipe.scale)

    @property
    def gmac(self) -> float:
        """Multiply-accumulates for the timed frame, in 10^9."""
        return self.macs_a_sample * self.frame.width * self.frame.height / 1e9

    @classmethod
    def load(cls, folder: Path) -> "Record":
        """Of the model in `folder`."""
        if not (folder / FILE).exists():
            raise SystemExit(f"{folder / FILE}: not there; release the model first")
        table: dict[str, Any] = json.loads((folder / FILE).read_text())
        timing, pooling = table["timing"], table["pooling"]
        if timing:
            speeds = {name: Speed(**speed) for name, speed in timing["runtimes"].items()}
            timing = Timing(**{**timing, "runtimes": speeds})
        parts = {
            "recipe": Recipe.of(table["recipe"]),
            "quality": tuple(Quality(**row) for row in table["quality"]),
            "timing": timing,
            "pooling": Pooling(**pooling) if pooling else None,
        }
        return cls(**{**table, **parts})

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n")


def amend(folder: Path, **changes: Any) -> None:
    """Put what was measured into the record of the model in `folder`."""
    replace(Record.load(folder), **changes).save(folder)


def times_before(folder: Path, recipe: Recipe) -> Timing | None:
    """Those of the model in `folder`, if one is there that does the same arithmetic with other weights."""
    if not (folder / FILE).exists():
        return None
    before = Record.load(folder)
    return before.timing if _arithmetic(before.recipe) == _arithmetic(recipe) else None


def _arithmetic(recipe: Recipe) -> tuple[int, ...]:
    return recipe.scale, recipe.coarse, recipe.fine, recipe.width, recipe.blocks


def released(store: Path, names: Sequence[str] | None = None) -> list[Record]:
    """The models called `names`, or all that have a record; by scale, then from small to large."""
    folders = [store / name for name in names] if names else [file.parent for file in store.glob(f"*/{FILE}")]
    return sorted((Record.load(folder) for folder in folders), key=lambda one: (one.recipe.scale, one.macs_a_sample))
