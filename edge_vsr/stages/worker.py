"""One thread a stage, and what happens when one of them fails."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Workers:
    """The threads of a run. The first failure is kept and ends the run in an orderly way."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        """`on_failure` is called once, from the failing thread."""
        self._on_failure = on_failure
        self._threads: list[threading.Thread] = []
        self._guard = threading.Lock()
        self.failure: Exception | None = None

    def start(self, name: str, work: Callable[[], None], *, at_end: Callable[[], None] = lambda: None) -> None:
        """Run `work` in a thread, then `at_end` whether it failed or not."""

        def body() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  kept, and raised by the thread that waits
                self._failed(name, error)
            finally:
                at_end()

        thread = threading.Thread(target=body, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def working(self, name: str) -> bool:
        """Whether the thread called `name` still runs."""
        return any(thread.name == name and thread.is_alive() for thread in self._threads)

    def join(self, seconds: float, tick: Callable[[], None], interval: float, *, leave: str | None = None) -> None:
        """Wait for all threads but `leave`, at most `seconds`, calling `tick` every `interval` seconds meanwhile.

        What hangs is left behind: the threads are daemons.
        """
        end = time.monotonic() + seconds
        for thread in (one for one in self._threads if one.name != leave):
            while thread.is_alive() and (left := end - time.monotonic()) > 0:
                thread.join(min(left, interval))
                if thread.is_alive():
                    tick()

    def _failed(self, name: str, error: Exception) -> None:
        with self._guard:
            first = self.failure is None
            if first:
                self.failure = error
        log.debug("stage %s failed", name, exc_info=error)
        if first:
            self._on_failure()
