"""Which tile a network can afford: bytes that it takes, from its geometry, and the least work that fits.

docs/memory.md has the measurements that the formulas stand on. Pure: nothing here looks at the machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from edge_vsr.errors import UsageError
from edge_vsr.frame import Size
from edge_vsr.memory import MIB, in_mib
from edge_vsr.sr.cells import samples
from edge_vsr.sr.network import TileSize, padded_size
from edge_vsr.sr.store import CHANNELS, HIDDEN, Model

INDICES = 9 * 8
"""Bytes an output position that ONNX Runtime takes for a 3x3 convolution: a pointer for each tap."""
ARENA = 2.2
"""Times what a convolution needs that ONNX Runtime's arena takes for it."""
SLACK = 8 * MIB
"""For what no formula holds: small blocks, the sound, the interpreter's own."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a caller holds around the upscaler, in bytes a luma sample: pictures on their way, and codecs' own."""

    inputs: float = 0.0
    """Of the input picture."""
    outputs: float = 0.0
    """Of the output picture, without the luma in the making."""
    always: int = 0
    """Bytes, whatever the size."""
    parts: bool = False
    """Whether parts of pictures are made too, by engines of their own (`sr.changes`)."""
    spare: float = 0.0
    """Of the input picture, what the caller does without where there is no room for it."""

    def most(self, other: "Carried") -> "Carried":
        """For a caller that holds now this and now `other`."""
        return Carried(
            max(self.inputs, other.inputs),
            max(self.outputs, other.outputs),
            max(self.always, other.always),
            spare=max(self.spare, other.spare),
        )

    def beside(self, other: "Carried") -> "Carried":
        """For a caller that holds `other` as well, which has neither parts nor a spare."""
        return replace(
            self,
            inputs=self.inputs + other.inputs,
            outputs=self.outputs + other.outputs,
            always=self.always + other.always,
        )

    def with_spare(self) -> "Carried":
        """Where there is room for it."""
        return replace(self, inputs=self.inputs + self.spare, spare=0.0)


@dataclass(frozen=True, slots=True)
class Budget:
    """What the whole process may hold, and what it holds beside the network."""

    total: int
    """Bytes."""
    carried: Carried = Carried()

    def share(self, count: int, held: int) -> "Budget":
        """For one of `count` callers at once in a process that held `held` bytes before them."""
        return replace(self, total=min(self.total, held + max(0, self.total - held) // count))


@dataclass(frozen=True, slots=True)
class Costs:
    """What an engine holds while it runs a stage, its output included and its inputs not."""

    start: int
    """Bytes that it takes once, when it first runs."""
    extractor: Callable[[Model], float]
    """Bytes a cell of the window."""
    attention: float
    """Bytes a byte of the features."""
    reconstruction: Callable[[Model], float]
    """Bytes a cell of the window."""
    parts: int
    """Bytes of all the engines that make parts of a picture, one for each shape."""
    window: int | None
    """Positions of the reconstruction's window beyond which a larger one takes memory and no less time."""


def _onnxruntime_reconstruction(model: Model) -> float:
    """The costliest convolution, what it reads, what it makes, and its indices; and what its arena, which leaves
    gaps and holds on, has of that at the worst."""
    last = model.width + samples(model.fine) + model.restored
    return ARENA * (INDICES + max(model.joint + model.width, 2 * model.width, last))


COSTS = {
    "onnxruntime": Costs(
        start=8 * MIB,
        extractor=lambda model: INDICES + model.coarse**2 + 2 * HIDDEN,
        attention=3.0,
        reconstruction=_onnxruntime_reconstruction,
        parts=4 * MIB,
        window=200_000,
    ),
    "openvino": Costs(
        start=48 * MIB,
        extractor=lambda model: 2 * model.coarse**2 + 4 * HIDDEN,
        attention=11.0,
        reconstruction=lambda model: 3 * model.width + 2 * model.restored + model.joint + 8,
        parts=80 * MIB,
        window=None,
    ),
}
"""By the runtime's name."""


def network_bytes(model: Model, costs: Costs, padded: Size, tile: TileSize) -> int:
    """The most that restoring one plane takes beside the plane itself, the restored one included.

    `padded` is the plane's size with its border, `tile` of luma samples.
    """
    within = Size(padded.width - 2 * model.align, padded.height - 2 * model.align)
    area = padded.width * padded.height
    features = CHANNELS * area / model.align**2
    extracted = _window(padded, tile, model.extractor_halo) * (costs.extractor(model) / model.coarse**2 + 1)
    attended = features * costs.attention
    # Beside what the engine holds: the window of the features and of the luma, and the restored luma put in order.
    beside = (model.joint + model.restored) / model.fine**2
    cell = costs.reconstruction(model) / model.fine**2
    reconstructed = _window(within, tile, model.halo) * (cell + beside)
    result = model.scale**2 * within.width * within.height
    # An engine holds on to what a stage took while another one runs.
    return int(area + features + extracted + attended + result + reconstructed)


def carried_bytes(carried: Carried, size: Size, scale: int) -> int:
    """What the caller holds for pictures of `size` luma samples."""
    area = size.width * size.height
    return int(area * (carried.inputs + carried.outputs * scale**2)) + carried.always


def fitting_tile(
    model: Model,
    runtime: str,
    budget: Budget,
    held: int,
    size: Size,
    largest: Size | None = None,
    wanted: TileSize | None = None,
) -> TileSize:
    """The tile of least work for planes of `size` within `budget`; where it fits the one that is `wanted`, by default
    the usual one.

    `held` is what the process held before it ran anything, `largest` the size that the caller carries, if that is
    another. Raises UsageError with the least that would do.
    """
    costs = COSTS[runtime]
    padded = padded_size(size, model.align)
    taken = held + costs.start + SLACK + carried_bytes(budget.carried, largest or size, model.scale)
    taken += costs.parts if budget.carried.parts else 0

    def total(tile: TileSize) -> int:
        return taken + network_bytes(model, costs, padded, tile)

    first = wanted or usual_tile(model, runtime, size)
    if total(first) <= budget.total:
        return first
    fitting = [tile for tile in _candidates(padded, model) if total(tile) <= budget.total]
    if not fitting:
        least = total(least_tile(model, runtime, size))
        given = in_mib(budget.total, up=False)
        raise UsageError(
            f"{given} of memory cannot hold pictures of {size} with {model.name} on {runtime}; "
            # The next process may hold a little more before it begins.
            f"give --memory {in_mib(least + MIB)} or more, or a smaller model or picture"
        )
    return min(fitting, key=lambda tile: work(model, padded, tile))


def usual_tile(model: Model, runtime: str, size: Size) -> TileSize:
    """The tile for planes of `size` where there is memory to spare: the whole padded plane, or as many of its rows as
    gain anything from being made at once."""
    padded = padded_size(size, model.align)
    most = COSTS[runtime].window
    if most is None:
        return padded.height, padded.width
    lengths = _even_lengths(padded.height, model.align, max(model.extractor_halo, model.halo))

    def fits(rows: int) -> bool:
        window = _window(padded, (rows, padded.width), model.halo)
        return window <= most * model.fine**2

    return next((rows for rows in lengths if fits(rows)), lengths[-1]), padded.width


def least_tile(model: Model, runtime: str, size: Size) -> TileSize:
    """The tile that takes the least memory for planes of `size`."""
    padded = padded_size(size, model.align)
    return min(_candidates(padded, model), key=lambda tile: network_bytes(model, COSTS[runtime], padded, tile))


def work(model: Model, padded: Size, tile: TileSize) -> int:
    """Luma samples that the reconstruction sees for one plane, halos included: it takes nearly all of the time."""
    count = -(-padded.height // tile[0]) * -(-padded.width // tile[1])
    return count * _window(padded, tile, model.halo)


def _candidates(padded: Size, model: Model) -> Iterator[TileSize]:
    """The plane cut evenly each way, as far as tiles stay above the halo: below it most of the work is halo."""
    least = max(model.extractor_halo, model.halo)
    return (
        (rows, columns)
        for rows in _even_lengths(padded.height, model.align, least)
        for columns in _even_lengths(padded.width, model.align, least)
    )


def _even_lengths(length: int, align: int, least: int) -> list[int]:
    """Lengths that cut `length` in one, two, three ... parts, longest first; the first is `length` itself."""
    units = length // align
    lengths = {-(-units // parts) * align for parts in range(1, units + 1)}
    return sorted((n for n in lengths if n >= least or n == length), reverse=True)


def _window(padded: Size, tile: TileSize, halo: int) -> int:
    return min(padded.height, tile[0] + 2 * halo) * min(padded.width, tile[1] + 2 * halo)
