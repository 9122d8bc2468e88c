import signal
import threading
from collections.abc import Callable

import pytest

from edge_vsr.channel import Channel


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def assert_ends(thread: threading.Thread, otherwise: str) -> None:
    thread.join(5.0)
    assert not thread.is_alive(), otherwise


def drained(channel: Channel[int]) -> list[int]:
    return list(iter(channel.get, None))


def test_items_come_out_in_order() -> None:
    channel = Channel[int](3)
    assert all(channel.put(item) for item in range(3))
    channel.close()
    assert drained(channel) == [0, 1, 2]
    assert channel.dropped == 0


def test_a_full_channel_makes_the_writer_wait_and_loses_nothing() -> None:
    channel = Channel[int](2)

    def write() -> None:
        for item in range(100):
            channel.put(item)
        channel.close()

    writer = in_background(write)
    assert drained(channel) == list(range(100))
    assert_ends(writer, "the writer hangs")
    assert channel.dropped == 0


def test_a_full_channel_of_a_live_source_drops_the_oldest_and_counts_it() -> None:
    channel = Channel[int](2, drop_oldest=True)
    assert all(channel.put(item) for item in range(5))
    channel.close()
    assert drained(channel) == [3, 4]
    assert channel.dropped == 3


def test_what_waits_can_be_read_after_close_and_then_comes_the_end() -> None:
    channel = Channel[int](2)
    channel.put(1)
    channel.close()
    channel.close()
    assert [channel.get(), channel.get(), channel.get()] == [1, None, None]


@pytest.mark.parametrize("drop_oldest", [False, True])
def test_a_closed_channel_takes_nothing_and_drops_nothing(drop_oldest: bool) -> None:
    channel = Channel[int](1, drop_oldest=drop_oldest)
    channel.put(1)
    channel.close()
    assert not channel.put(2)
    assert not channel.offer(3)
    assert drained(channel) == [1]
    assert channel.dropped == 0


def test_close_wakes_a_writer_that_waits_for_room() -> None:
    channel = Channel[int](1)
    channel.put(1)
    taken: list[bool] = []
    writer = in_background(lambda: taken.append(channel.put(2)))
    channel.close()
    assert_ends(writer, "put() goes on waiting after close()")
    assert taken == [False]


def test_close_wakes_a_reader_that_waits_for_an_item() -> None:
    channel = Channel[int](1)
    got: list[int | None] = []
    reader = in_background(lambda: got.append(channel.get()))
    channel.close()
    assert_ends(reader, "get() goes on waiting after close()")
    assert got == [None]


def test_offer_never_waits() -> None:
    channel = Channel[int](1, drop_oldest=True)
    assert channel.offer(1)
    assert not channel.offer(2)
    assert channel.get() == 1
    assert channel.offer(3)
    assert channel.dropped == 0


def test_a_signal_that_another_thread_takes_ends_the_main_ones_wait() -> None:
    channel = Channel[int](1)
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: channel.close())
    taker = threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR1))
    taker.start()
    try:
        assert channel.get() is None
    finally:
        signal.signal(signal.SIGUSR1, before)
        taker.join()
