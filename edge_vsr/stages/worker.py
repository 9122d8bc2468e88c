"""One thread a stage, and what happens when one of them fails."""

import logging
import threading
import time
from collections.abc import Callable, Collection

log = logging.getLogger(__name__)


class Workers:
    """The threads of a run. The first failure is kept and ends the run in an orderly way."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        """`on_failure` is called once, from the failing thread."""
        self._on_failure = on_failure
        self._ended: dict[str, threading.Event] = {}
        """Of each by its name. Not the thread's own `join`: in Python 3.11 one that a signal's exception came
        out of takes the thread for ended, and does not wait for it again."""
        self._guard = threading.Lock()
        self.failure: Exception | None = None

    def start(self, name: str, work: Callable[[], None], *, at_end: Callable[[], None] = lambda: None) -> None:
        """Run `work` in a thread, then `at_end` whether it failed or not."""

        ended = self._ended[name] = threading.Event()

        def body() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  kept, and raised by the thread that waits
                self._failed(name, error)
            finally:
                try:
                    at_end()
                finally:
                    ended.set()

        threading.Thread(target=body, name=name, daemon=True).start()

    def working(self, name: str) -> bool:
        """Whether the thread called `name` still runs."""
        return name in self._ended and not self._ended[name].is_set()

    def join(self, seconds: float, tick: Callable[[], None], interval: float, *, leave: Collection[str] = ()) -> None:
        """Wait for all threads but those in `leave`, at most `seconds`, calling `tick` every `interval` seconds.

        What hangs is left behind: the threads are daemons.
        """
        end = time.monotonic() + seconds
        for ended in [one for name, one in self._ended.items() if name not in leave]:
            while not ended.is_set() and (left := end - time.monotonic()) > 0:
                if not ended.wait(min(left, interval)):
                    tick()

    def _failed(self, name: str, error: Exception) -> None:
        with self._guard:
            first = self.failure is None
            if first:
                self.failure = error
        log.debug("stage %s failed", name, exc_info=error)
        if first:
            self._on_failure()
