"""Opening a camera in a thread of its own, so that who waits for it can turn away."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from edge_vsr.camera.base import Camera

_SLICE = 0.2
"""Seconds between two looks at whether it is still wanted."""


def opened_aside(factory: Callable[[], Camera], is_wanted: Callable[[], bool]) -> Camera | None:
    """What `factory` opens; None if it takes longer than that is wanted. A camera that opens later is closed at once.

    Raises what `factory` raises. A network camera that is mute takes all of its time-out to open, and nothing else
    ends that.
    """
    answer = Future[Camera]()

    def open_it() -> None:
        try:
            camera = factory()
        except Exception as error:  # noqa: BLE001  raised by the thread that waits
            if answer.set_running_or_notify_cancel():
                answer.set_exception(error)
        else:
            if answer.set_running_or_notify_cancel():
                answer.set_result(camera)
            else:
                camera.close()

    threading.Thread(target=open_it, name="open camera", daemon=True).start()
    while not wait([answer], _SLICE).done:
        if not is_wanted() and answer.cancel():
            return None
    return answer.result()
