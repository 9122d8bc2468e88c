import json
from dataclasses import asdict

from edge_vsr.clock import FakeClock
from edge_vsr.part import Part, PartStatus


def test_a_failure_is_counted_and_remembered_and_the_next_try_comes_nearer() -> None:
    clock = FakeClock()
    part = Part("uplink", clock)
    assert part.status("up") == PartStatus("uplink", "up")
    assert [part.failed("no route"), part.failed("no answer")] == [1, 2]
    part.rest(8.0)
    clock.advance(3.0)
    assert part.status("away") == PartStatus("uplink", "away", "no answer", "no answer", 2, 5.0)
    clock.advance(10.0)
    assert part.status("away").retry_in == 0, "it is being tried"


def test_what_works_again_has_no_error_but_a_last_one() -> None:
    part = Part("uplink", FakeClock())
    part.failed("no route")
    part.rest(8.0)
    part.worked()
    assert part.status("up") == PartStatus("uplink", "up", None, "no route", 1, 0.0)
    assert part.failed("no route") == 1, "in a row"
    assert part.status("away").failures == 2
    assert json.loads(json.dumps(asdict(part.status("away"))))["last_error"] == "no route"
