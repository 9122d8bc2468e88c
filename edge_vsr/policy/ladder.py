"""Which rung to send on. Pure: state and conditions in, decision out; the clock is the caller's."""

from dataclasses import dataclass, replace

from edge_vsr.rung import Rung

BACKLOG_LIMIT = 2
"""Segments that wait for the far end, from which the link counts as too slow."""
LINK_MARGIN = 1.5
"""`enhanced` needs so many times its own ceiling."""
COMPUTE_MARGIN = 0.8
"""Share of the frame interval that super-resolution may take; the rest is for the encoder."""
LATE_LIMIT = 0.1
"""Share of frames lost in a segment from which the box counts as too slow."""
STEADY_SECONDS = 30.0
"""Quiet time on a rung before the next one up is tried."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was measured when a segment starts."""

    time: float
    """Monotonic seconds."""
    backlog: int
    """Segments that wait for the far end."""
    link_kbits: float | None
    """Delivered throughput; None before the first delivery, infinity for a local folder."""
    enhanced_kbits: float
    """Ceiling of the `enhanced` rung."""
    frame_seconds: float
    """Between two frames of the camera."""
    upscale_seconds: float | None
    """For one frame, as measured; None without an upscaler."""
    lost_share: float
    """Frames of the last segment that the box was too late for, 0..1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user allows."""

    least: Rung = Rung.LOW
    most: Rung = Rung.ENHANCED

    def allows(self, rung: Rung) -> bool:
        """Whether it lies between the two."""
        return _ORDER.index(self.least) <= _ORDER.index(rung) <= _ORDER.index(self.most)


@dataclass(frozen=True, slots=True)
class Decision:
    """A rung, since when, and why."""

    rung: Rung
    since: float
    """Monotonic seconds of the last change."""
    reason: str


_ORDER = list(Rung)


def first_decision(limits: Limits, conditions: Conditions) -> Decision:
    """Where to start: `enhanced` only if all is known to allow it, else `native`."""
    refusal = why_not_enhanced(conditions)
    if limits.most is Rung.ENHANCED and refusal is None:
        return Decision(Rung.ENHANCED, conditions.time, "link and compute allow it")
    rung = _within(limits, Rung.NATIVE)
    reason = "as asked" if limits.least is limits.most else refusal or "super-resolution is off"
    return Decision(rung, conditions.time, reason)


def next_decision(limits: Limits, last: Decision, conditions: Conditions) -> Decision:
    """The rung of the next segment: down at once, up one step after a steady time."""
    down = _why_down(last.rung, conditions)
    if down:
        return _moved(limits, last, conditions, -1, down)
    if conditions.time - last.since < STEADY_SECONDS or conditions.backlog > 1:
        return last
    if last.rung is Rung.NATIVE and why_not_enhanced(conditions):
        return last
    return _moved(limits, last, conditions, +1, f"steady for {STEADY_SECONDS:.0f} s")


def why_not_enhanced(conditions: Conditions) -> str | None:
    """What stands against super-resolution on the box, in words; None if nothing does."""
    if conditions.upscale_seconds is None:
        return "super-resolution is off"
    if conditions.upscale_seconds > COMPUTE_MARGIN * conditions.frame_seconds:
        took, given = conditions.upscale_seconds * 1000, conditions.frame_seconds * 1000
        return f"super-resolution takes {took:.0f} ms of {given:.0f} ms a frame"
    if conditions.link_kbits is None:
        return "the link's rate is not known yet"
    if conditions.link_kbits < LINK_MARGIN * conditions.enhanced_kbits:
        return f"the link's {conditions.link_kbits:.0f} kbit/s are too few for {conditions.enhanced_kbits:.0f}"
    return None


def _why_down(rung: Rung, conditions: Conditions) -> str | None:
    if conditions.backlog >= BACKLOG_LIMIT:
        return f"{conditions.backlog} segments wait"
    if rung is Rung.ENHANCED and conditions.lost_share > LATE_LIMIT:
        return f"the box was late for {conditions.lost_share:.0%} of the frames"
    return None


def _moved(limits: Limits, last: Decision, conditions: Conditions, by: int, reason: str) -> Decision:
    at = min(max(_ORDER.index(last.rung) + by, 0), len(_ORDER) - 1)
    rung = _within(limits, _ORDER[at])
    return last if rung is last.rung else replace(last, rung=rung, since=conditions.time, reason=reason)


def _within(limits: Limits, rung: Rung) -> Rung:
    low, high = _ORDER.index(limits.least), _ORDER.index(limits.most)
    return _ORDER[min(max(_ORDER.index(rung), low), high)]
