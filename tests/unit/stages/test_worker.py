import os
import signal
import threading
from collections.abc import Callable

import pytest

from edge_vsr.errors import EncoderError, OutputError
from edge_vsr.stages.worker import Workers


def failing(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def join(workers: Workers) -> None:
    workers.join(5.0, lambda: None, 0.01)


def test_all_work_is_done_and_then_its_end() -> None:
    done: list[str] = []
    workers = Workers(lambda: done.append("failure"))
    workers.start("a", lambda: done.append("work"), at_end=lambda: done.append("end"))
    join(workers)
    assert done == ["work", "end"]
    assert workers.failure is None
    assert not workers.working("a")


def test_the_first_failure_is_kept_and_told_once() -> None:
    first, second = EncoderError("first"), OutputError("second")
    told: list[str] = []
    ended = threading.Event()
    workers = Workers(lambda: told.append("told"))
    workers.start("encode", failing(first), at_end=ended.set)
    assert ended.wait(5.0), "at_end must be called after a failure too"
    workers.start("store", failing(second))
    join(workers)
    assert workers.failure is first
    assert told == ["told"]


def test_join_leaves_behind_what_hangs() -> None:
    forever = threading.Event()
    ticks: list[int] = []

    def hang() -> None:
        forever.wait()

    workers = Workers(lambda: None)
    workers.start("hangs", hang)
    workers.join(0.1, lambda: ticks.append(1), 0.02)
    assert workers.working("hangs")
    assert ticks
    forever.set()
    join(workers)
    assert not workers.working("hangs")


@pytest.mark.parametrize("name", ["never started", ""])
def test_what_was_never_started_does_not_work(name: str) -> None:
    assert not Workers(lambda: None).working(name)


def test_what_was_interrupted_while_it_waited_waits_again() -> None:
    """Python 3.11 takes a thread for ended once a signal's exception came out of its `join`."""
    end = threading.Event()
    workers = Workers(lambda: None)
    workers.start("goes on", lambda: _until(end))
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        workers.join(5.0, lambda: None, 1.0)
    assert workers.working("goes on")
    threading.Timer(0.1, end.set).start()
    join(workers)
    assert end.is_set()


def _until(end: threading.Event) -> None:
    end.wait()
