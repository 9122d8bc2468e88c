"""From a plan to what is read and what is written."""

from collections.abc import Callable
from pathlib import Path

from edge_vsr.restoring.base import About, Source, VideoTarget
from edge_vsr.restoring.plan import Goal, Origin, Plan
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.target import open_file


def open_source(job: Plan) -> Source:
    """Raises InputError or CameraNotFound."""
    match job.origin:
        case Origin.FILE:
            return VideoFile(Path(job.source))
    raise NotImplementedError


def target_of(job: Plan, source: Source) -> Callable[[About], VideoTarget]:
    """Opens the target of `job`, for what comes from `source`."""
    match job.goal:
        case Goal.FILE:
            return lambda about: open_file(Path(job.target), about, source.sound)
    raise NotImplementedError
