"""Which rung to send on, and at how many bits. Pure: state and conditions in, decision out; the clock is the caller's.

Each rung has a range of bit rates, and the rate moves within it first. Down at once; up after a steady time, and only
after a segment with the upper rung's bits has come through on the lower one.

Where the link's rate is known, the bits follow it: all of it while nothing waits, less the more does. So something
mostly waits, which is what keeps a link busy that carries more now than was known when the segment was begun. Where
the rate is not known, as for a live push, they rise slowly, fall when
pictures queue up, and then come back to that rate more slowly still (after D.-M. Chiu, R. Jain, "Analysis of the
Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989).
"""

import math
from dataclasses import dataclass, replace

from edge_vsr.heat import Heat
from edge_vsr.policy.link import Link
from edge_vsr.policy.ranges import FLOOR, Ranges
from edge_vsr.policy.strain import strain
from edge_vsr.rung import SEGMENT_SECONDS, Rung

LINK_SHARE = 0.9
"""Of the link's estimated rate, what a rung may count on; the rest is for errors."""
EASE = 0.9
"""Of the bit rate, what is left when a backlog begins to grow."""
SQUEEZE = 0.8
"""The same, where the link's rate is not known."""
CUT = 0.6
"""Of the bit rate, what is left when it grows on."""
LEFT = 0.5
"""Of the link's rate, at least, while a backlog is worked off."""
LONG_BACKLOG = 16.0
"""Seconds of video, from which half of the link is left to the backlog."""
MOST_WAITING = 1.5
"""Times what may wait: from there on the rung goes down with every growth."""
RISE = 4.0
"""Of the bit rate at most, from one segment to the next."""
SLOW_RISE = 1.1
"""The same, where the link's rate is not known."""
CEILING_RISE = 1.003
"""Of the rate at which pictures queued up, a segment, until it is reached again."""
SAME = 0.05
"""Share by which the bit rate changes at least: a change is a new encoder."""
SILENCE = 10.0
"""Seconds of video that wait for a link of which nothing is known, from which it counts as the thinnest."""
START = 2.0
"""Times a rung's least rate, to begin with where the link is not known."""
UP_MARGIN = 1.15
"""The next rung's least rate must fit so many times."""
COMPUTE_MARGIN = 0.8
"""Share of the frame interval that super-resolution may take; the rest is for the encoder."""
LATE_LIMIT = 0.1
"""Share of frames lost in a segment from which the box counts as too slow."""
STEADY_SECONDS = 20.0
"""Quiet time on a rung before the next one up is tried, unless the link carries more than the rung can take."""
FIRST_STEADY_SECONDS = 5.0
"""The same at the start of a run: its rung was a guess."""
MOST_STEADY_SECONDS = 60.0
"""The same, doubled each time that an upper rung did not last."""
PROBED = 0.9
"""Share of the next rung's least rate; a segment that spent it might have been one of that rung."""
QUIET = 0.8
"""Share of what the link allows, below which the scene needs no more and keeps its rung."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was measured when a segment starts."""

    time: float
    """Monotonic seconds."""
    waiting: float
    """Seconds of video that the far end should have by now."""
    link: Link | None
    """None before the first delivery, and for a live push."""
    spent_kbits: float | None
    """Of the last segment; None before the first."""
    frame_seconds: float
    """Between two frames of the camera."""
    upscale_seconds: float | None
    """For one frame, as measured; None without an upscaler."""
    lost_share: float
    """Frames of the last segment that the box was too late for, 0..1."""
    patience: float = 2 * SEGMENT_SECONDS
    """Seconds that may wait; by so much a backlog may grow before the rung goes down."""
    heat: Heat | None = None
    spare: int | None = None
    """Bytes of memory that are left; None if unknown."""
    failure: str | None = None
    """Why super-resolution is not to be tried now, having failed."""
    guess: float | None = None
    """kbit/s that the link carried in the run before, for the first segments; None if unknown, infinite where a queue
    tells at once that they are too many."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user allows."""

    least: Rung = Rung.STILL
    most: Rung = Rung.ENHANCED

    def allows(self, rung: Rung) -> bool:
        """Whether it lies between the two."""
        return _ORDER.index(self.least) <= _ORDER.index(rung) <= _ORDER.index(self.most)


@dataclass(frozen=True, slots=True)
class Decision:
    """A rung and its bit rate, since when, and why."""

    rung: Rung
    kbits: float
    """What a segment may take, in kbit/s."""
    since: float
    """Monotonic seconds of the last change of rung."""
    reason: str
    """Of that change, in one line."""
    waiting: float = 0.0
    """Seconds of video that waited when this was decided."""
    level: float = 0.0
    """The same before that began to grow, if it grows."""
    steady: float = STEADY_SECONDS
    """Quiet seconds on this rung before the next one up is tried."""
    rests: bool = False
    """The box could not bear `enhanced`: the quiet seconds before it count, however much the link carries."""
    probing: bool = False
    """This segment may take the bits of the next rung up, to see whether they come through."""
    probes: int = 0
    """Segments in a row before it that might have been of the next rung up, with no backlog that grew."""
    ceiling: float = math.inf
    """kbit/s at which pictures queued up, where that is all that is known of the link."""


_ORDER = list(Rung)


def first_decision(limits: Limits, ranges: Ranges, conditions: Conditions) -> Decision:
    """Where to start: `enhanced` only if all is known to allow it, else no higher than `native`.

    Where the link is not known yet, what it carried last time counts, and on a new one `low` comes first: two segments
    of the native rung would block a thin link for minutes.
    """
    refusal = why_not_enhanced(ranges, conditions)
    if limits.most is Rung.ENHANCED and refusal is None:
        rung, reason = Rung.ENHANCED, "link and compute allow it"
    elif conditions.link is None and conditions.guess is None:
        rung, reason = Rung.LOW, "the link is new"
    else:
        rung, reason = Rung.NATIVE, refusal or "super-resolution is off"
        if conditions.link is None and _guessed(conditions) < ranges[rung].least:
            rung = Rung.LOW if _guessed(conditions) >= ranges[Rung.LOW].least else Rung.STILL
            reason = f"the link carried {conditions.guess:.0f} kbit/s last time"
    if limits.least is limits.most:
        reason = "as asked"
    return replace(_started(_within(limits, rung), ranges, conditions, reason), steady=FIRST_STEADY_SECONDS)


def next_decision(limits: Limits, ranges: Ranges, last: Decision, conditions: Conditions) -> Decision:
    """Rung and bit rate of the next segment."""
    can_stop = last.rung is Rung.ENHANCED and limits.least is not Rung.ENHANCED
    if can_stop and (reason := _why_no_longer(conditions)):
        return replace(_down(limits, ranges, last, conditions, Rung.NATIVE, reason), rests=True)
    allowed = _allowed(last.rung, last, conditions)
    if conditions.waiting > last.waiting:
        if conditions.waiting >= min(last.level + conditions.patience, MOST_WAITING * conditions.patience):
            rung = _fitting(ranges, last, conditions, min(allowed, CUT * last.kbits))
            return _down(limits, ranges, last, conditions, rung, f"{conditions.waiting:.1f} s of video wait")
        ceiling = min(last.ceiling, last.kbits)
        left = SQUEEZE if conditions.link is None else EASE
        return _stay(last, conditions, min(left * last.kbits, allowed), ceiling=ceiling)
    carried = _carried(last.rung, last, conditions)
    if carried < ranges[last.rung].least and not _quiet(carried, conditions):
        rung = _within(limits, _fitting(ranges, last, conditions, carried))
        if rung is not last.rung:
            reason = f"the link carries {_words(carried)}, {last.rung.value} begins at {ranges[last.rung].least:.0f}"
            return _down(limits, ranges, last, conditions, rung, reason)
    kbits = min(allowed, ranges[last.rung].most, RISE * last.kbits if math.isfinite(allowed) else math.inf)
    upper = _upper(limits, last.rung)
    if upper is None:
        return _stay(last, conditions, kbits)
    probes = last.probes + 1 if _was_probe(ranges[upper].least, last, conditions) else 0
    if not _may_rise(upper, ranges, last, conditions):
        return _stay(last, conditions, kbits, probes=probes)
    # A still is sent at once; of others the first comes through while the second is made.
    if probes < (1 if last.rung is Rung.STILL else 2) and math.isfinite(allowed):
        return _stay(last, conditions, max(kbits, ranges[upper].least), probing=True, probes=probes)
    reason = f"steady for {conditions.time - last.since:.0f} s, and the link allows {_words(allowed)}"
    rests = last.rests and upper is not Rung.ENHANCED
    return replace(_started(upper, ranges, conditions, reason), steady=last.steady, rests=rests, ceiling=last.ceiling)


def why_not_enhanced(ranges: Ranges, conditions: Conditions) -> str | None:
    """What stands against super-resolution on the box, in words; None if nothing does."""
    if conditions.failure:
        return conditions.failure
    if conditions.upscale_seconds is None:
        return "super-resolution is off"
    if suffers := strain(conditions.heat, conditions.spare, running=False):
        return suffers
    if conditions.upscale_seconds > COMPUTE_MARGIN * conditions.frame_seconds:
        took, given = conditions.upscale_seconds * 1000, conditions.frame_seconds * 1000
        return f"super-resolution takes {took:.0f} ms of {given:.0f} ms a frame"
    if conditions.link is None:
        return "the link's rate is not known"
    allowed, least = _lasting(Rung.ENHANCED, conditions.link), ranges[Rung.ENHANCED].least
    if allowed < UP_MARGIN * least:
        return f"the link allows {allowed:.0f} kbit/s, too few for enhanced, which begins at {least:.0f}"
    return None


def _why_no_longer(conditions: Conditions) -> str | None:
    """What stands against going on with super-resolution, beside the link."""
    if conditions.failure:
        return conditions.failure
    if suffers := strain(conditions.heat, conditions.spare, running=True):
        return suffers
    if conditions.lost_share > LATE_LIMIT:
        return f"the box was late for {conditions.lost_share:.0%} of the frames"
    return None


def _may_rise(upper: Rung, ranges: Ranges, last: Decision, conditions: Conditions) -> bool:
    """Whether the next rung up may be tried."""
    link = conditions.link
    room = link is not None and LINK_SHARE * link.sustained(last.rung.seconds) > ranges[last.rung].most
    wasted = room and not (last.rests and upper is Rung.ENHANCED)
    if conditions.waiting > conditions.patience or not (wasted or conditions.time - last.since >= last.steady):
        return False
    if upper is Rung.ENHANCED:
        return why_not_enhanced(ranges, conditions) is None
    if link is None:
        # Only what was sent tells anything; it has to be near the upper rung's rate already. Stills never are.
        near = upper is Rung.LOW or min(last.kbits, last.ceiling) >= ranges[upper].least
        return conditions.waiting == 0 and near
    return _lasting(upper, link) >= UP_MARGIN * ranges[upper].least


def _was_probe(least: float, last: Decision, conditions: Conditions) -> bool:
    """Whether the last segment might have been one of a rung that begins at `least`."""
    spent = conditions.spent_kbits
    return last.probing or (last.kbits >= least and spent is not None and spent >= PROBED * least)


def _carried(rung: Rung, last: Decision, conditions: Conditions) -> float:
    """kbit/s that segments of `rung` may take when nothing waits, and the link is taken for as good as it was."""
    if conditions.link is not None:
        return LINK_SHARE * conditions.link.at_most.sustained(rung.seconds)
    return _allowed(rung, last, conditions)


def _allowed(rung: Rung, last: Decision, conditions: Conditions) -> float:
    """kbit/s that segments of `rung` may take."""
    if conditions.link is not None:
        return _shared(rung, conditions.link, conditions)
    tested = conditions.spent_kbits is not None and conditions.spent_kbits >= QUIET * last.kbits
    return min(last.kbits * (SLOW_RISE if tested and conditions.waiting == 0 else 1.0), last.ceiling)


def _lasting(rung: Rung, link: Link) -> float:
    """kbit/s that segments of `rung` may count on, if the link gets no better than it was."""
    return LINK_SHARE * link.at_least.sustained(rung.seconds)


def _shared(rung: Rung, link: Link, conditions: Conditions) -> float:
    """kbit/s that segments of `rung` may take of the link, with what waits."""
    left = 1 - (1 - LEFT) * min(1.0, conditions.waiting / LONG_BACKLOG)
    return left * link.sustained(rung.seconds)


def _guessed(conditions: Conditions) -> float:
    """kbit/s that segments may take of a link that is not known yet."""
    return math.inf if conditions.guess is None else LINK_SHARE * conditions.guess


def _quiet(allowed: float, conditions: Conditions) -> bool:
    return conditions.spent_kbits is not None and conditions.spent_kbits < QUIET * allowed


def _started(rung: Rung, ranges: Ranges, conditions: Conditions, reason: str) -> Decision:
    """A fresh start on `rung`."""
    within, link = ranges[rung], conditions.link
    kbits = min(within.most, START * within.least if link is None else _shared(rung, link, conditions))
    if link is None:
        kbits = min(kbits, _guessed(conditions))
    return Decision(rung, max(kbits, FLOOR), conditions.time, reason, conditions.waiting, conditions.waiting)


def _stay(
    last: Decision,
    conditions: Conditions,
    kbits: float,
    *,
    probing: bool = False,
    probes: int = 0,
    ceiling: float | None = None,
) -> Decision:
    """On the same rung, with about `kbits`."""
    kbits = max(kbits, FLOOR)
    if abs(kbits - last.kbits) <= SAME * last.kbits:
        kbits = last.kbits
    ceiling = last.ceiling * CEILING_RISE if ceiling is None else ceiling
    level = last.level if conditions.waiting > last.waiting else conditions.waiting
    return replace(
        last,
        kbits=kbits,
        waiting=conditions.waiting,
        level=level,
        probing=probing,
        probes=probes,
        ceiling=ceiling,
    )


def _down(limits: Limits, ranges: Ranges, last: Decision, conditions: Conditions, rung: Rung, reason: str) -> Decision:
    rung = _within(limits, rung)
    ceiling = min(last.ceiling, last.kbits)
    if rung is last.rung:
        cut = max(CUT * last.kbits, min(last.kbits, ranges[rung].least))
        return _stay(last, conditions, min(cut, _allowed(rung, last, conditions)), ceiling=ceiling)
    # An upper rung that did not last is not tried again so soon.
    lasted = conditions.time - last.since
    steady = min(2 * last.steady, MOST_STEADY_SECONDS) if lasted < 2 * last.steady else STEADY_SECONDS
    fresh = _started(rung, ranges, conditions, reason)
    return replace(
        fresh, kbits=max(FLOOR, min(fresh.kbits, last.kbits)), steady=steady, rests=last.rests, ceiling=ceiling
    )


def _fitting(ranges: Ranges, last: Decision, conditions: Conditions, kbits: float) -> Rung:
    """The highest rung under the last that begins at no more than `kbits`; else the lowest.

    Stills only where the link carries no more: what is captured while it is down has a later time to go.
    """
    if conditions.link is None:
        thin = conditions.waiting >= SILENCE
    else:
        thin = _carried(Rung.LOW, last, conditions) < ranges[Rung.LOW].least
    least = 0 if thin else min(_ORDER.index(Rung.LOW), _ORDER.index(last.rung))
    under = _ORDER[least : max(_ORDER.index(last.rung), least + 1)]
    return next((rung for rung in reversed(under) if ranges[rung].least <= kbits), under[0])


def _upper(limits: Limits, rung: Rung) -> Rung | None:
    at = _ORDER.index(rung) + 1
    return _ORDER[at] if at <= _ORDER.index(limits.most) else None


def _within(limits: Limits, rung: Rung) -> Rung:
    low, high = _ORDER.index(limits.least), _ORDER.index(limits.most)
    return _ORDER[min(max(_ORDER.index(rung), low), high)]


def _words(kbits: float) -> str:
    return f"{kbits:.0f} kbit/s" if math.isfinite(kbits) else "any rate"
