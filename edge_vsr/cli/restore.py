"""`edge-vsr restore`: pictures and videos, super-resolved."""

import math
import signal
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import cv2
import typer
from rich.console import Console

from edge_vsr.cli.hide import shown_again
from edge_vsr.cli.log import start_logging
from edge_vsr.cli.memory import MemoryFlag, budget_of, memory_of
from edge_vsr.cli.model import ModelFlag, asked_model, chosen_model, tell_model
from edge_vsr.cli.profile import ProfiledCommand, is_from_profile, tell_profile
from edge_vsr.cli.progress import JobProgress
from edge_vsr.cli.tile import TileFlag, tile_of
from edge_vsr.clock import SystemClock
from edge_vsr.codec.encoder import check_encodable
from edge_vsr.errors import EncoderError, UsageError
from edge_vsr.frame import Size
from edge_vsr.memory import MIB, Machine, return_freed_memory
from edge_vsr.redact import redact
from edge_vsr.restoring import video
from edge_vsr.restoring.base import Source
from edge_vsr.restoring.folder import FolderJob, has_videos
from edge_vsr.restoring.lossy import is_lossy
from edge_vsr.restoring.open import open_source, target_of
from edge_vsr.restoring.picture import CARRIED, restored_file, write_picture
from edge_vsr.restoring.plan import Job, plan
from edge_vsr.restoring.sizing import Sizing
from edge_vsr.restoring.target import is_raw
from edge_vsr.restoring.video import VideoOptions
from edge_vsr.sr.budget import Budget
from edge_vsr.sr.choice import AUTO
from edge_vsr.sr.engines import usable_cpus
from edge_vsr.sr.upscaler import open_upscaler

SETTINGS: dict[str, Any] = {"cls": ProfiledCommand}
"""Of the command, for the library."""
MEMORY_EACH = 256 * MIB
"""For each of several files at once; with less, one after the other is quicker."""
MOST_AT_ONCE = 4


def command(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A picture, a folder, a video file, an HLS playlist (.m3u8 or http(s)://) or an rtsp:// address.",
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="A picture (.png, .jpg), a video (.mp4, .mkv, .y4m), a folder (HLS of a video) or an rtsp:// address.",
        ),
    ],
    model: ModelFlag = AUTO,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime or openvino.")] = "auto",
    threads: Annotated[int | None, typer.Option(min=1, max=256, help="All processors if left out.")] = None,
    tile: TileFlag = None,
    memory: MemoryFlag = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="Of all frames of one video; if left out, by the sizes that it begins with."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Of one video, at most.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Of a folder: restore what lands in it, until stopped.")
    ] = False,
    steady: Annotated[
        bool, typer.Option("--steady/--no-steady", help="Of a video: hold still what its codec left as it was.")
    ] = True,
    ahead: Annotated[
        bool, typer.Option("--ahead/--no-ahead", help="Of a video: refine frames by those behind them.")
    ] = True,
    views: Annotated[
        int,
        typer.Option(
            metavar="1|2|4|8", help="The mean of so many views of each picture: slower by as much, and a little better."
        ),
    ] = 1,
    passes: Annotated[
        int,
        typer.Option(
            min=1, max=2, help="Of H.264: 2 restores what was coded coarsely twice: up to twice as slow, and better."
        ),
    ] = 1,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Files of a folder at once; by processors and memory if left out."),
    ] = None,
) -> None:
    """Super-resolve what was sent: the network on luma, bicubic on chroma."""
    start_logging()
    tell_profile(context)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what it has to say comes in the error
    # What ends a service ends it as Ctrl-C does: nothing half-written stays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return_freed_memory()
    source, target = shown_again(source), shown_again(target)
    job = plan(source, target)
    if watch and job.job is not Job.FOLDER:
        raise UsageError(f"--watch is for a folder, which {redact(source)} is not")
    for name, value in (("size", size), ("seconds", seconds)):
        if value is not None and job.job is not Job.VIDEO:
            raise UsageError(f"--{name} is for one video, which {redact(source)} is not")
    carried = video.carried(encoded=not is_raw(job.target)) if job.job is Job.VIDEO else CARRIED
    if job.job is Job.FOLDER and (watch or has_videos(Path(source))):
        carried = carried.most(video.carried(encoded=True))
    budget = budget_of(memory_of(memory), carried)
    at_once = files_at_once(jobs, budget) if job.job is Job.FOLDER else 1
    if at_once > 1 and is_from_profile(context, "threads"):
        threads = None  # they are for one file at a time
    model, like = asked_model(context, model)
    choice = chosen_model(model, like, lambda: is_lossy(job))
    upscalers = [
        open_upscaler(
            choice.name,
            runtime=runtime,
            threads=threads or max(1, usable_cpus() // at_once),
            budget=budget and budget.share(at_once, Machine().resident()),
            tile=tile_of(tile),
            views=views,
        )
        for _ in range(at_once)
    ]
    upscaler = upscalers[0]
    options = VideoOptions(steady=steady, ahead=ahead, passes=passes)
    # What has an end tells it there: a job that fails is one line.
    told = watch
    if told:
        tell_model(model, choice)
    with JobProgress(Path(redact(source)).name, SystemClock(), Console(stderr=True)) as progress:
        match job.job:
            case Job.PICTURE:
                restored = restored_file(Path(source), upscaler)
                write_picture(Path(target), restored.picture, restored.notes)
            case Job.FOLDER:
                folder = FolderJob(Path(source), Path(target), upscalers, options)
                if watch:
                    stop_in_order(folder)
                    folder.watch(SystemClock(), progress)
                else:
                    folder.run(progress)
            case Job.VIDEO:
                sizing = Sizing(output_size(size), upscaler.scale) if size else None
                with closing(open_source(job)) as opened:
                    if opened.live:
                        told = True
                        tell_model(model, choice)
                        stop_in_order(opened)
                    most = seconds or math.inf
                    to = target_of(job, opened, most)
                    video.restore_video(opened, to, upscaler, progress, sizing, most, options)
    if not told:
        tell_model(model, choice)


def output_size(text: str) -> Size:
    """Raises UsageError for what is no size or cannot be encoded."""
    try:
        size = Size.parse(text)
        check_encodable(size)
    except (ValueError, EncoderError) as error:
        raise UsageError(f"--size: {error}") from error
    return size


def files_at_once(asked: int | None, budget: Budget | None) -> int:
    """As many as were asked for; else one a processor, as far as each gets memory enough to do well."""
    if asked is not None:
        return asked
    free = budget.total - Machine().resident() if budget else None
    fitting = usable_cpus() if free is None else free // MEMORY_EACH
    return max(1, min(usable_cpus(), MOST_AT_ONCE, fitting))


def stop_in_order(source: Source | FolderJob) -> None:
    """The first signal ends what would go on for ever, and what came is kept; the second one ends it at once."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        source.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
