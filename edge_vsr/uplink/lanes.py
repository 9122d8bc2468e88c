"""The same work for several, each in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


def in_threads(work: Callable[[T], None], items: Sequence[T]) -> None:
    """Do `work` for each of `items`, the first in this thread, and return when all is done. Raises what one raised.

    The threads are daemons: one that hangs does not keep the program from ending.
    """
    failures: list[Exception] = []

    def body(item: T) -> None:
        try:
            work(item)
        except Exception as error:  # noqa: BLE001  kept, and raised by the thread that waits
            # The others may go on for long.
            log.error("what was done beside the rest has ended: %r", error)  # noqa: TRY400  a line, not a traceback
            failures.append(error)

    threads = [threading.Thread(target=body, args=(item,), daemon=True) for item in items[1:]]
    for thread in threads:
        thread.start()
    work(items[0])
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
