"""Asks the ladder for the rung and the bit rate of each segment, and logs why they changed."""

import logging
from collections.abc import Callable

from edge_vsr.policy.ladder import Conditions, Decision, Limits, first_decision, next_decision
from edge_vsr.policy.ranges import Ranges

log = logging.getLogger(__name__)


class Director:
    """Keeps the last decision. Used by the thread that prepares frames; `decision` may be read by any, and
    `limits` set by any."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.decision: Decision | None = None

    def choose(self, ranges: Ranges, observe: Callable[[], Conditions]) -> Decision:
        """On the segment that starts now. `ranges` may follow the size of the frames."""
        before = self.decision
        conditions = observe()
        # Limits may have moved away from under the last rung.
        if before is None or not self.limits.allows(before.rung):
            decision = first_decision(self.limits, ranges, conditions)
        else:
            decision = next_decision(self.limits, ranges, before, conditions)
        if before is None or decision.rung is not before.rung:
            log.info("rung %s, %.0f kbit/s: %s", decision.rung.value, decision.kbits, decision.reason)
        elif decision.kbits != before.kbits:
            log.debug("%.0f kbit/s on %s; %.1f s wait", decision.kbits, decision.rung.value, conditions.waiting)
        self.decision = decision
        return decision
