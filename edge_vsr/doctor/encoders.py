"""Encoders, each tried on frames: what a build lists says nothing about the hardware."""

from collections.abc import Iterator

from edge_vsr.codec.kinds import HARDWARE, SVTAV1, X264, X265
from edge_vsr.doctor.finding import Finding, error, note, ok
from edge_vsr.doctor.subprocesses import Probe, run_python

_REHEARSE = "from edge_vsr.codec.probe import rehearse_gray; rehearse_gray({0!r})"


def check_encoders(probe: Probe = run_python) -> Iterator[Finding]:
    """libx264 must work; the others are nice to have."""
    outcome = probe(_REHEARSE.format(X264.name))
    if outcome.code == 0:
        yield ok(X264.name, "encodes")
    else:
        yield error(X264.name, f"cannot encode: {outcome.reason}", "pip install --force-reinstall av")
    for kind in (X265, SVTAV1, *HARDWARE):
        outcome = probe(_REHEARSE.format(kind.name))
        if outcome.code == 0:
            yield ok(kind.name, "encodes")
        else:
            yield note(kind.name, "no such hardware here" if kind.devices else f"cannot encode: {outcome.reason}")
