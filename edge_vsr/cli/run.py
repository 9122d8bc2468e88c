"""`edge-vsr run`: a camera's picture, encoded, super-resolved and sent."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from edge_vsr.camera.base import CaptureWish, RtspTransport
from edge_vsr.camera.open import open_camera
from edge_vsr.cli.log import start_logging
from edge_vsr.cli.memory import MemoryFlag, budget_of, memory_of
from edge_vsr.cli.status_line import StatusLine, summary_in_words
from edge_vsr.clock import SystemClock
from edge_vsr.codec.encoder import check_encodable
from edge_vsr.config import RunConfig, SuperResolution, default_spool
from edge_vsr.errors import InputError, UsageError
from edge_vsr.frame import Size
from edge_vsr.memory import return_freed_memory
from edge_vsr.pipeline import CARRIED, Run, RunSummary
from edge_vsr.rung import Rung
from edge_vsr.sr.upscaler import Upscaler, open_upscaler
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.pace import PacedCamera
from edge_vsr.stages.source import Source
from edge_vsr.uplink.open import is_live, open_uplink
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

SPOOL_BYTES = 1 << 30
FASTEST = 240


def command(
    camera: Annotated[
        str,
        typer.Option(
            envvar="EDGE_VSR_CAMERA",
            help="demo, 0 (first camera), /dev/video0, /dev/v4l/by-id/..., picamera:0, rtsp://, http(s):// or a file.",
        ),
    ],
    uplink: Annotated[
        str,
        typer.Option(envvar="EDGE_VSR_UPLINK", help="A folder, http(s):// that takes PUT, rtsp(s):// or rtmp(s)://."),
    ],
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Length of the run; without end if left out.")] = None,
    sr: Annotated[
        SuperResolution, typer.Option(help="Super-resolve before the uplink; auto: when link and compute allow it.")
    ] = SuperResolution.AUTO,
    model: Annotated[str, typer.Option(help="Network; see `edge-vsr models`.")] = "ear-s-x2",
    rung: Annotated[Rung | None, typer.Option(help="Send on this rung only; the policy chooses if left out.")] = None,
    fps: Annotated[str | None, typer.Option(help="Frames a second, such as 15 or 30000/1001.")] = None,
    rtsp_transport: Annotated[
        RtspTransport, typer.Option(help="How an RTSP camera sends: tcp loses nothing, udp is later by less.")
    ] = "tcp",
    size: Annotated[str | None, typer.Option(help="Camera's frame size, such as 960x540.")] = None,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime or openvino.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, max=256, help="Of the network; all processors if left out.")
    ] = None,
    memory: MemoryFlag = None,
    spool: Annotated[Path | None, typer.Option(help="Folder for segments that wait for the far end.")] = None,
) -> None:
    """Send a camera's picture: encoded in 2 s segments, super-resolved when there is room, kept until delivered.

    An address with a password is better given in the environment than on the command line, which others can see.
    Stops on Ctrl-C or SIGTERM with everything flushed; a second Ctrl-C stops at once.
    """
    start_logging()
    return_freed_memory()
    config = RunConfig(
        camera=camera,
        uplink=uplink,
        seconds=seconds,
        sr=sr,
        model=model,
        rung=rung,
        rate=_rate(fps) if fps else None,
        rtsp_transport=rtsp_transport,
        size=_size(size) if size else None,
        runtime=runtime,
        threads=threads,
        memory=memory_of(memory),
        spool=spool,
    )
    stop = threading.Event()
    _stop_on_signals(stop)
    try:
        summary = run(config, stop)
    except InputError:
        if not stop.is_set():
            raise
        log.info("stopped before the first frame")
    else:
        log.info("%s", summary_in_words(summary))


def run(config: RunConfig, stop: threading.Event) -> RunSummary:
    """Open everything, checks first, and run until the end. Closes what it opened."""
    clock = SystemClock()
    wish = CaptureWish(config.size, config.rate, config.rtsp_transport)
    upscaler = _upscaler(config) if config.most is Rung.ENHANCED else None
    with closing(open_camera(config.camera, wish, clock, stop)) as camera:
        paced = PacedCamera(camera, clock) if is_live(config.uplink) and not camera.live else camera
        source = Source.checked(config, paced, upscaler)
        with _no_empty_folder_left(Path(config.uplink)):
            far_end = open_uplink(config.uplink)
            spool = Spool(config.spool or default_spool(config.camera, config.uplink), Bounds(SPOOL_BYTES))
        with spool:
            log.info("%s to %s", camera.name, far_end.name)
            line = StatusLine(clock)
            delivery = open_delivery(far_end, spool, clock)
            try:
                return Run(source, spool, delivery, clock, seconds=config.seconds).execute(stop, line.show)
            finally:
                line.clear()


def _upscaler(config: RunConfig) -> Upscaler:
    budget = budget_of(config.memory, CARRIED)
    return open_upscaler(config.model, runtime=config.runtime, threads=config.threads, budget=budget)


@contextmanager
def _no_empty_folder_left(folder: Path) -> Iterator[None]:
    """If the block fails, remove `folder` and those above it that it made and left empty."""
    missing = [place for place in (folder, *folder.parents) if not os.access(place, os.F_OK)]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for place in missing:
                place.rmdir()
        raise


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= FASTEST:
        raise UsageError(f"--fps {text!r} is not a number of frames a second up to {FASTEST}, such as 15 or 30000/1001")
    return rate


def _size(text: str) -> Size:
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise UsageError(f"--size: {error}") from error
    check_encodable(size)
    return size
