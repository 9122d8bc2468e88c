"""Frames to the size of their rung; segments begin here, since a rung changes only there."""

import statistics
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np

from edge_vsr.clock import Clock
from edge_vsr.frame import Frame, Plane, Size
from edge_vsr.policy.cadence import Cadence, Cut
from edge_vsr.policy.ladder import Decision
from edge_vsr.rung import Rung
from edge_vsr.sr.upscaler import Upscaler, upscale
from edge_vsr.stages.supervisor import Supervisor

TIMES_KEPT = 15


@dataclass(frozen=True, slots=True)
class PreparedFrame:
    """A frame as it is to be encoded."""

    frame: Frame
    rung: Rung
    kbits: float
    """What its segment may take."""
    cut: Cut
    left_out: int = 0
    """Frames just before it that were between two stills."""


class Preparer:
    """Cuts the stream of frames into segments and brings each frame to its rung's size. Used by one thread, but for
    `rehearse`."""

    def __init__(
        self,
        upscaler: Upscaler | None,
        choose: Callable[[Frame], Decision],
        clock: Clock,
        rate: Fraction,
        supervisor: Supervisor | None = None,
    ) -> None:
        """`choose` is asked once a segment, with its first frame; `enhanced` needs an upscaler. `rate` is the
        camera's nominal frames a second. With a supervisor an upscaler that fails is done without for a while."""
        self._upscaler = upscaler
        self._choose = choose
        self._supervisor = supervisor
        self._clock = clock
        self._start = Cadence.at_rate(rate)
        self._cadence = self._start
        self._size: Size | None = None
        self._rung, self._kbits = Rung.NATIVE, 0.0
        self._took: deque[float] = deque(maxlen=TIMES_KEPT)
        self._using_upscaler = threading.Lock()
        self._skipped = 0
        self.prepared = 0
        """Frames so far, left out or not."""
        self.left_out = 0
        """Frames between stills."""

    @property
    def upscale_seconds(self) -> float | None:
        """Median time for one frame of late; None if none was measured."""
        return statistics.median(tuple(self._took)) if self._took else None

    def rehearse(self, frame: Frame, stop: threading.Event | None = None, times: int = 3) -> None:
        """Upscale `frame` for the figure alone, or until `stop`; from any thread. The first run builds what later ones
        use, and is not counted. Every other time its negative, since an upscaler may keep what does not change."""
        if self._upscaler is None:
            return
        negative = replace(frame, y=255 - frame.y)
        took = []
        for turn in range(times + 1):
            if stop and stop.is_set():
                return
            with self._using_upscaler:
                _, seconds = self._timed(negative if turn % 2 else frame, self._upscaler)
            took.append(seconds)
        self._took.extend(took[1:])

    def prepare(self, frame: Frame) -> PreparedFrame | None:
        """The next frame; sides become even. A new size starts a new stream. None between stills."""
        frame = cropped_even(frame)
        if frame.size != self._size:
            self._cadence, self._size = self._start, frame.size
        self._cadence, cut = self._cadence.step(frame.time)
        self.prepared += 1
        if cut is not Cut.NONE:
            decision = self._choose(frame)
            self._rung, self._kbits = decision.rung, decision.kbits
            if self._rung is Rung.ENHANCED and self._supervisor and self._supervisor.refusal:
                self._rung = Rung.NATIVE
            self._cadence = replace(self._cadence, seconds=self._rung.seconds)
        elif self._rung is Rung.STILL:
            self._skipped += 1
            self.left_out += 1
            return None
        skipped, self._skipped = self._skipped, 0
        ready = self._at_rung(frame)
        return PreparedFrame(ready, self._rung, self._kbits, cut, skipped)

    def _at_rung(self, frame: Frame) -> Frame:
        if self._rung is Rung.LOW:
            return halved(frame)
        if self._rung is Rung.ENHANCED and self._upscaler:
            return self._enhanced(frame, self._upscaler)
        return frame

    def _enhanced(self, frame: Frame, upscaler: Upscaler) -> Frame:
        if self._supervisor is None:
            return self._upscaled(frame, upscaler)
        try:
            larger = self._upscaled(frame, upscaler)
        except Exception as error:  # noqa: BLE001  an engine may raise anything
            self._supervisor.failed(error)
            # The rest of the segment too: each change of size is a new stream.
            self._rung = Rung.NATIVE
            return frame
        self._supervisor.worked()
        return larger

    def _upscaled(self, frame: Frame, upscaler: Upscaler) -> Frame:
        with self._using_upscaler:
            larger, seconds = self._timed(frame, upscaler)
        self._took.append(seconds)
        return larger

    def _timed(self, frame: Frame, upscaler: Upscaler) -> tuple[Frame, float]:
        began = self._clock.monotonic()
        larger = upscale(frame, upscaler)
        return larger, self._clock.monotonic() - began


def cropped_even(frame: Frame) -> Frame:
    """Without the last row or column where their number is odd: H.264 4:2:0 has none such. Views, no copy."""
    width, height = frame.width & ~1, frame.height & ~1
    if (width, height) == (frame.width, frame.height) or not (width and height):
        return frame
    return _cropped(frame, width, height)


def halved(frame: Frame) -> Frame:
    """Half as wide and as high, by area averaging; what does not divide by four is cropped."""
    if min(frame.width, frame.height) < 4:
        return frame
    half = halved_size(frame.size)
    frame = _cropped(frame, 2 * half.width, 2 * half.height)
    return replace(frame, y=_half(frame.y), u=_half(frame.u), v=_half(frame.v))


def halved_size(size: Size) -> Size:
    """What `halved` makes of `size`."""
    return Size(*(max(2, side // 4 * 2) for side in (size.width, size.height)))


def _cropped(frame: Frame, width: int, height: int) -> Frame:
    u, v = (plane[: (height + 1) // 2, : (width + 1) // 2] for plane in (frame.u, frame.v))
    return replace(frame, y=frame.y[:height, :width], u=u, v=v)


def _half(plane: Plane) -> Plane:
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
