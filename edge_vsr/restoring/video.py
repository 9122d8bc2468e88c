"""A video restored: decode, upscale and encode side by side."""

import logging
import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from edge_vsr.camera.conform import scaled
from edge_vsr.channel import Channel
from edge_vsr.errors import CameraLost, EdgeVsrError, InputError
from edge_vsr.frame import Frame, Matrix, Range
from edge_vsr.restoring import coarse
from edge_vsr.restoring.ahead import BESIDE_WAITING, WAITING, looking_ahead
from edge_vsr.restoring.base import About, Source, VideoTarget
from edge_vsr.restoring.colours import recoloured
from edge_vsr.restoring.sizing import Sizing
from edge_vsr.restoring.steady import BESIDE_INPUT, BESIDE_RESULT, Steady
from edge_vsr.restoring.target import ENCODER_BYTES
from edge_vsr.sr.budget import Carried
from edge_vsr.sr.upscaler import Upscaler, check_memory, learnt_from_coded, make_room, upscale
from edge_vsr.stages.worker import Workers

log = logging.getLogger(__name__)

DEPTH = 1
"""Frames between two stages: large ones, and the network, which is the slowest by far, waits for neither."""

DECODER_FRAMES = 8
"""That the decoder holds to refer to and to put in order; formats allow more, but hardly at sizes that matter."""
FRAME_BYTES = 1.5
"""A luma sample, in 4:2:0."""


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """What is done to a video beside the network."""

    steady: bool = True
    """What the codec left as it was is held still."""
    ahead: bool = True
    """Frames are refined by those behind them."""
    passes: int = 1
    """2 shows the network what it made of frames that were coded coarsely once more."""


USUAL_OPTIONS = VideoOptions()


def carried(*, encoded: bool) -> Carried:
    """What `restore_video` holds: a frame in the hands of each stage, those between, and an encoder if there is one."""
    encoder = ENCODER_BYTES if encoded else 0
    return Carried(
        inputs=FRAME_BYTES * (DECODER_FRAMES + DEPTH + 2) + BESIDE_INPUT + coarse.BESIDE_INPUT,
        outputs=FRAME_BYTES * (DEPTH + 2) - 1 + BESIDE_RESULT + coarse.BESIDE_RESULT + encoder,
        spare=FRAME_BYTES * WAITING + BESIDE_WAITING,
    )


def restore_video(
    source: Source,
    open_out: Callable[[About], VideoTarget],
    upscaler: Upscaler,
    progress: Callable[[int, int | None], None],
    sizing: Sizing | None = None,
    seconds: float = math.inf,
    options: VideoOptions = USUAL_OPTIONS,
) -> None:
    """Restore every frame of `source`; `progress` gets how many frames of how many are done.

    At most `seconds` are taken. Frames of all sizes become those of one, by default what `Sizing` makes of those that
    are known at the beginning. They are not refined by those behind them where the source is live, which nothing waits
    for, or memory short.
    Raises what the target raises, what the upscaler raises; and InputError or CameraLost where the source ends before
    it should, once the target is complete with what had come until then.
    """
    sizing = sizing or Sizing.of(source.about.sizes, upscaler.scale)
    enlarged = [size for size in source.about.sizes if sizing.enlarges(size)]
    wanted = options.ahead and not source.live
    ahead = wanted and make_room(upscaler, enlarged)
    for size in enlarged:
        check_memory(upscaler, size)
    if wanted and not ahead:
        log.info("memory is short: frames are not refined by those behind them")
    decoded, larger = Channel[Frame](DEPTH), Channel[Frame](DEPTH)
    broken: list[EdgeVsrError] = []
    enlarger = Enlarger(upscaler, sizing, options)

    def abandon() -> None:
        source.stop()
        decoded.close()
        larger.close()

    def decode() -> None:
        try:
            for frame in looking_ahead(source) if ahead else source:
                if frame.time >= seconds or not decoded.put(frame):
                    return
        except (InputError, CameraLost) as error:
            broken.append(error)

    def enlarge() -> None:
        while (frame := decoded.get()) is not None and larger.put(enlarger.enlarged(frame)):
            pass

    workers = Workers(abandon)
    with closing(open_out(source.about)) as out:
        total = source.frames
        done = 0
        try:
            workers.start("decode", decode, at_end=decoded.close)
            workers.start("upscale", enlarge, at_end=larger.close)
            progress(done, total)
            while (frame := larger.get()) is not None:
                out.write(frame)
                done += 1
                progress(done, total)
        finally:
            # The decoder must be out of the source before that is closed.
            abandon()
            workers.join(float("inf"), lambda: None, 1.0)
        if workers.failure:
            raise workers.failure
        if broken and not done:
            raise broken[0]
        out.finish()
        progress(done, done)
    if broken:
        raise broken[0]


class Enlarger:
    """Frames of any size to frames of one, a freeze but once. Used by one thread."""

    def __init__(self, upscaler: Upscaler, sizing: Sizing, options: VideoOptions) -> None:
        self._upscaler = upscaler
        self._sizing = sizing
        self._steady = Steady() if options.steady else None
        self._passes = options.passes
        self._coded = learnt_from_coded(upscaler)
        self._last: tuple[Frame, Frame] | None = None
        self._colours: tuple[Matrix, Range] | None = None

    def enlarged(self, frame: Frame) -> Frame:
        """Raises InputError for a size that cannot be meant."""
        if self._last and self._last[0].y is frame.y:
            return replace(self._last[1], number=frame.number, time=frame.time, wall=frame.wall)
        self._last = None
        larger = self._restored(frame) if self._sizing.enlarges(frame.size) else frame
        self._colours = self._colours or (frame.matrix, frame.range)
        larger = recoloured(scaled(larger, self._sizing.output), *self._colours)
        self._last = frame, larger
        return larger

    def _restored(self, frame: Frame) -> Frame:
        larger = upscale(frame, self._upscaler)
        luma = larger.y
        if self._coded and frame.group:
            luma = coarse.bolder(frame.y, luma, frame.group.step)
            if self._passes > 1:
                luma = coarse.once_more(luma, self._upscaler.luma, self._upscaler.scale, frame.group.step)
        if self._steady:
            luma = self._steady.luma(frame.y, luma)
        return replace(larger, y=luma)
