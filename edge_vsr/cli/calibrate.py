"""`edge-vsr calibrate`: a network quantized anew, with what this box's own camera sees."""

import importlib.util
import logging
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_vsr.calibration.chosen import NAME
from edge_vsr.calibration.frames import DiverseFrames, split
from edge_vsr.calibration.own import WHAT, own_models
from edge_vsr.calibration.source import camera_lumas, stored_lumas
from edge_vsr.camera.address import parse_camera
from edge_vsr.cli.log import start_logging
from edge_vsr.cli.profile import models_in_use
from edge_vsr.cli.progress import JobProgress
from edge_vsr.clock import Clock, SystemClock
from edge_vsr.errors import InputError, MissingDependency, ModelError, UsageError
from edge_vsr.frame import Plane
from edge_vsr.places import check_place, place_to_save
from edge_vsr.sr.engines import usable_cpus
from edge_vsr.sr.library import FOLDER, Library, open_library
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import BICUBIC

log = logging.getLogger(__name__)

LEAST_FRAMES = 8
"""Fewer say too little, of the ranges and of what came of them."""
FRAMES = 32
LIVE_SECONDS = 60.0
NEEDED = ("onnx", "openvino")
"""Packages of the extra."""


def command(
    context: typer.Context,
    source: Annotated[
        # No path: that would take a slash away from an address, and then nobody could tell its password.
        str | None,
        typer.Option("--from", metavar="CLIP|FOLDER", help="A video, or a folder of pictures and videos."),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(envvar="EDGE_VSR_CAMERA", help="A camera, as `run` has it; it is looked at for --seconds."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Network to make anew; the one in use if left out.", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Of the new model; that of the network with -own if left out.")
    ] = None,
    frames: Annotated[
        int, typer.Option(min=LEAST_FRAMES, max=256, help="To keep of what is seen, as different as can be.")
    ] = FRAMES,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.1, help=f"Of a camera, {LIVE_SECONDS:g} if left out; of each clip, all if left out."),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=256, help="All processors if left out.")] = None,
) -> None:
    """Quantize a network's float original with frames of this box's own, and keep it if it is better for that.

    Three in four frames give the ranges; on the others the new model and the one in use are compared with float.
    """
    start_logging()
    layer = context.get_parameter_source("camera")
    if source is not None and layer is not None and layer.name == "COMMANDLINE":
        raise UsageError("--from and --camera are two ways; give one")
    # What ends a service ends it as Ctrl-C does: nothing half-made stays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    check_extra()
    # Imported here: they need the extra.
    from edge_vsr.calibration.session import Wish, calibrate

    library = open_library()
    parent = parent_for(model, library)
    name = checked_name(name or f"{parent}-own", parent, library)
    rivals = rivals_of(parent, (model,) if model else models_in_use(library), name, library)
    folder = place_to_save() / FOLDER
    check_place(folder, WHAT)
    clock = SystemClock()
    shown, lumas = opened(source, camera, seconds, clock)
    used, held_back = split(diverse(lumas, shown, frames, clock))
    now = datetime.now(UTC)
    wish = Wish(
        name=name,
        source=shown,
        made=now.isoformat(timespec="seconds"),
        stamp=f"{now:%Y%m%dT%H%M%S}",
        threads=threads or usable_cpus(),
    )
    with own_models(folder) as own:
        made = calibrate(own, library.models[parent], library.store_of(parent), rivals, wish, used, held_back, log.info)
    kept = f"kept in {folder}; `edge-vsr models use {name}` makes it the default" if made.better else "not kept"
    typer.echo(
        f"{name} is {made.decibels:.2f} dB from the float network, {made.rival} {made.rival_decibels:.2f} dB, "
        f"on {len(held_back)} frames held back: {kept}"
    )


def check_extra() -> None:
    """Raises MissingDependency, before frames are gathered for nothing."""
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingDependency(f"calibrate needs {' and '.join(missing)}; run: pip install 'edge-vsr[calibrate]'")


def parent_for(model: str | None, library: Library) -> str:
    """The released model that `model`, or else the one in use, is or was made of. Raises UsageError, ModelError."""
    if model == BICUBIC:
        raise UsageError("bicubic has nothing to calibrate; name a network with --model")
    networks = [name for name in models_in_use(library) if name != BICUBIC]
    if not (model or networks):
        raise UsageError("bicubic is in use, which has nothing to calibrate; name a network with --model")
    # What cameras and far ends deliver is coded with loss, and that comes first.
    asked = model or networks[0]
    library.store_of(asked)
    parent = library.parent_of(asked)
    if not library.is_released(parent):
        raise ModelError(f"{asked} was made of {parent}, which this edge-vsr does not have; name another with --model")
    return parent


def checked_name(name: str, parent: str, library: Library) -> str:
    """Raises UsageError for a name that the new model cannot have."""
    if not NAME.fullmatch(name):
        raise UsageError(f"--name {name[:100]!r}: letters, digits, -, _ and . make a name, such as {parent}-mast")
    if name == BICUBIC or library.is_released(name):
        raise UsageError(f"--name {name}: that one came with edge-vsr; choose another, such as {parent}-mast")
    if name in library.models and (other := library.parent_of(name)) != parent:
        raise UsageError(f"--name {name}: that one was made of {other}; choose another")
    return name


def rivals_of(parent: str, current: Sequence[str], name: str, library: Library) -> dict[str, ModelStore]:
    """What the new model has to be better than: the one in use, if it has the same parent, else the parent; and the one
    whose place it would take."""
    first = next((one for one in current if library.parent_of(one) == parent), parent)
    return {one: library.store_of(one) for one in (first, name) if one in library.models}


def opened(source: str | None, camera: str | None, seconds: float | None, clock: Clock) -> tuple[str, Iterator[Plane]]:
    """The frames, and where they are from without secrets. Raises UsageError, InputError, CameraNotFound."""
    if source is None:
        if camera is None:
            raise UsageError("nothing to calibrate with; give --from CLIP, --from FOLDER or --camera")
        return parse_camera(camera).name, camera_lumas(camera, clock, seconds or LIVE_SECONDS)
    if "://" in source:
        raise UsageError("--from is for files and folders; give an address with --camera")
    path = Path(source)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name that is too long, a folder that must not be looked into
        raise InputError(f"{source[:200]!r} cannot be read: {error}") from error
    if not there:
        raise InputError(f"there is no file or folder {source}")
    return source, stored_lumas(path, clock, seconds)


def diverse(lumas: Iterator[Plane], shown: str, most: int, clock: Clock) -> Sequence[Plane]:
    """The frames to calibrate with. Raises InputError if they are too few, or show nothing."""
    found = DiverseFrames(most)
    with JobProgress(shown, clock, Console(stderr=True)) as progress:
        for luma in lumas:
            found.offer(luma)
            progress(found.offered, None)
    if len(found) >= LEAST_FRAMES:
        return found.ordered()
    if found.flat and found.offered >= LEAST_FRAMES:
        raise InputError(
            f"{shown}: {found.flat} of {found.offered} frames are black or flat, and ranges from such would ruin the "
            f"model; show it what it is to see, in {LEAST_FRAMES} frames or more"
        )
    raise InputError(f"{shown} has {len(found)} different frames; calibrating takes {LEAST_FRAMES} or more")
