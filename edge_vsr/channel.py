"""The bounded queue between two stages."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

NAP = 1.0
"""Seconds that one sleeps at a time. Handlers of signals run in the main thread, which Python lets sleep on where a
signal comes to another thread, or just before it falls asleep."""


class Channel(Generic[T]):
    """First in, first out, at most `capacity` items, one end that writes and one that reads.

    A full channel makes the writer wait, or, with `drop_oldest`, loses its oldest item and counts it: a live
    source cannot wait, and of a queue of late pictures the oldest is worth least.
    Note on locking: `_changed` guards everything.
    """

    def __init__(self, capacity: int, *, drop_oldest: bool = False) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._drop_oldest = drop_oldest
        self._closed = False
        self._dropped = 0
        self._changed = threading.Condition()

    def put(self, item: T) -> bool:
        """Add `item`, waiting for room; false if the channel is closed and the item was not taken."""
        with self._changed:
            if len(self._items) >= self._capacity and self._drop_oldest and not self._closed:
                self._items.popleft()
                self._dropped += 1
            self._wait_for(lambda: self._closed or len(self._items) < self._capacity)
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def offer(self, item: T) -> bool:
        """Add `item` if there is room right now; whether it was taken."""
        with self._changed:
            if self._closed or len(self._items) >= self._capacity:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def get(self) -> T | None:
        """The oldest item, waiting for one; None once the channel is closed and empty."""
        with self._changed:
            self._wait_for(lambda: self._closed or bool(self._items))
            item = self._items.popleft() if self._items else None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """No more items; those that wait can still be read."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait_for(self, happened: Callable[[], bool]) -> None:
        while not self._changed.wait_for(happened, NAP):
            pass

    @property
    def dropped(self) -> int:
        """Items lost to newer ones."""
        return self._dropped
