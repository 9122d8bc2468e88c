"""Asks the ladder for the rung of each segment, and logs why it changed."""

import logging
from collections.abc import Callable

from edge_vsr.policy.ladder import Conditions, Decision, Limits, first_decision, next_decision
from edge_vsr.rung import Rung

log = logging.getLogger(__name__)


class Director:
    """Keeps the last decision. Used by the thread that prepares frames; `decision` may be read by any, and
    `limits` set by any."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.decision: Decision | None = None

    def choose(self, observe: Callable[[], Conditions]) -> Rung:
        """The rung of the segment that starts now."""
        before = self.decision
        conditions = observe()
        # Limits may have moved away from under the last rung.
        if before is None or not self.limits.allows(before.rung):
            self.decision = first_decision(self.limits, conditions)
        else:
            self.decision = next_decision(self.limits, before, conditions)
        if before is None or self.decision.rung is not before.rung:
            log.info("rung %s: %s", self.decision.rung.value, self.decision.reason)
        return self.decision.rung
