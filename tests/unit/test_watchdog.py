import threading
from dataclasses import replace

import pytest

from edge_vsr.camera.status import CameraState
from edge_vsr.cli.remote import Ending
from edge_vsr.cli.watchdog import EVERY, START_MORE, Watchdog
from edge_vsr.clock import FakeClock
from edge_vsr.notify import FakeNotifier
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung

STARTING = RunStatus(0.0, 0.0, None, 0.0, 0, CameraState.OPEN, "up")
RUNNING = RunStatus(15.0, 15.0, Rung.NATIVE, 800.0, 2, CameraState.OPEN, "up", encoded=1)


class Manager:
    """A watchdog, and what it tells at each status."""

    def __init__(self) -> None:
        self._notifier, self.clock, self.stop = FakeNotifier(), FakeClock(), threading.Event()
        self.watchdog = Watchdog(self._notifier, self.clock, self.stop)

    def told(self) -> list[str]:
        told, self._notifier.told = self._notifier.told, []
        return told

    def at(self, status: RunStatus, after: float = EVERY) -> list[str]:
        self.clock.advance(after)
        self.watchdog.show(status)
        return self.told()


def test_a_run_that_ends_for_another_one_tells_of_no_stop() -> None:
    ending, notifier = Ending(), FakeNotifier()
    watchdog = Watchdog(notifier, FakeClock(), ending.leaving)
    ending.restart()
    watchdog.show(RUNNING)
    assert "STOPPING=1" not in notifier.told
    ending.for_good()
    watchdog.show(RUNNING)
    assert "STOPPING=1" in notifier.told


@pytest.fixture
def manager() -> Manager:
    return Manager()


def test_ready_is_when_the_first_frame_has_passed_and_told_once(manager: Manager) -> None:
    assert "READY=1" not in manager.at(STARTING)
    assert manager.at(RUNNING)[0] == "READY=1"
    assert "READY=1" not in manager.at(RUNNING)


def test_while_all_stages_get_on_the_watchdog_is_fed_and_told_in_words(manager: Manager) -> None:
    manager.at(RUNNING)
    assert manager.at(RUNNING) == [
        "WATCHDOG=1",
        "STATUS=15.0 fps in | 15.0 fps out | native | 800 kbit/s | backlog 2",
    ]
    assert manager.at(RUNNING, after=EVERY / 4) == [], "more often is of no use"


def test_a_stage_that_hangs_makes_it_silent_and_is_named(manager: Manager) -> None:
    manager.at(RUNNING)
    hanging = replace(RUNNING, hanging=("encode", "deliver"))
    assert manager.at(hanging) == ["STATUS=hangs: encode, deliver"]
    assert "WATCHDOG=1" in manager.at(RUNNING), "what gets on again is alive again"


def test_a_camera_that_is_away_is_a_state_with_its_reason(manager: Manager) -> None:
    manager.at(RUNNING)
    away = replace(RUNNING, camera=CameraState.AWAY).beside(PartStatus("camera", "away", "cam: nothing listens there"))
    fed, words = manager.at(away)
    assert fed == "WATCHDOG=1"
    assert words.endswith("camera away (cam: nothing listens there)")


def test_waiting_for_the_camera_is_no_failure_to_start(manager: Manager) -> None:
    manager.watchdog.wait("no such camera")
    manager.watchdog.wait("no such camera")
    assert manager.told() == [
        f"EXTEND_TIMEOUT_USEC={START_MORE}000000",
        "STATUS=waiting for the camera: no such camera",
    ]
    manager.at(RUNNING)
    manager.clock.advance(EVERY)
    manager.watchdog.wait("unplugged")
    assert manager.told() == [], "after the start the run's own status tells"


def test_a_stop_is_told_once(manager: Manager) -> None:
    manager.at(RUNNING)
    manager.stop.set()
    assert manager.at(RUNNING)[0] == "STOPPING=1"
    assert "STOPPING=1" not in manager.at(RUNNING)
