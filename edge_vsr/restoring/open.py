"""From a plan to what is read and what is written."""

import math
from collections.abc import Callable
from pathlib import Path

from edge_vsr.clock import SystemClock
from edge_vsr.redact import redact
from edge_vsr.restoring.base import About, Source, VideoTarget
from edge_vsr.restoring.camera import CameraSource
from edge_vsr.restoring.hls.source import PlaylistSource
from edge_vsr.restoring.live import LiveTarget
from edge_vsr.restoring.plan import Goal, Origin, Plan, scheme_of
from edge_vsr.restoring.segments import SegmentsTarget
from edge_vsr.restoring.sound import FittedSound, Limited, OneStream, goes_live, live_stream_of
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.target import open_file
from edge_vsr.uplink.live import LiveMuxer


def open_source(job: Plan) -> Source:
    """What `job` reads, with its first frame at hand. Raises InputError, CameraError or UsageError."""
    match job.origin:
        case Origin.FILE:
            return VideoFile(Path(job.source))
        case Origin.PLAYLIST:
            return PlaylistSource(job.source, redact(job.source))
        case Origin.RTSP:
            return CameraSource(job.source)


def target_of(job: Plan, source: Source, seconds: float = math.inf) -> Callable[[About], VideoTarget]:
    """Opens what `job` writes; the sound is that of the first `seconds` of `source`."""
    sound = Limited(source.sound, seconds)

    def opened(about: About) -> VideoTarget:
        match job.goal:
            case Goal.FILE:
                return open_file(Path(job.target), about, sound)
            case Goal.SEGMENTS:
                return SegmentsTarget(Path(job.target), about, sound, kept=source.live)
            case Goal.LIVE:
                heard = FittedSound(OneStream(sound), goes_live(scheme_of(job.target)), redact(job.target))
                uplink = LiveMuxer(job.target, sound=live_stream_of(heard))
                return LiveTarget(uplink, about, heard, SystemClock(), paced=not source.live)

    return opened
