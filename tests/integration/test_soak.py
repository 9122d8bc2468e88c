"""The short forms of the soak and of the fuzzing; docs/soak.md has what the long ones came to."""

from pathlib import Path

import pytest

from tests.soak.fuzz import KINDS, described, feed
from tests.soak.soak import soak


def test_every_segment_of_a_run_with_faults_is_accounted_for(quick_path: Path) -> None:
    report = soak(quick_path, seed=3, seconds=180.0, speed=10.0, kills_every=10.0)
    assert report.accounted_for, report
    assert report.kills >= 1, "it was killed while it sent, and the rest must not be its doing"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_malformed_is_an_error_and_nothing_else(kind: str, tmp_path: Path) -> None:
    with (tmp_path / "note").open("wb") as note:
        result = feed(kind, 60, seed=2, note=note.fileno())
    assert result.sound, described(result)
