"""Raspberry Pi cameras, through picamera2 and libcamera."""

import importlib
import os
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.gate import ReadGate
from edge_vsr.camera.layout import planes_of_buffer
from edge_vsr.clock import Clock
from edge_vsr.errors import CameraLost, CameraNotFound, MissingDependency
from edge_vsr.frame import Frame, Matrix, Range, Size

_FIX = (
    "install it with 'sudo apt install python3-picamera2', and make the virtual environment with "
    "'python3 -m venv --system-site-packages', since libcamera is not on PyPI"
)
_USUAL_SIZE = Size(960, 540)
_USUAL_RATE = Fraction(30)


def open_picamera(index: int, wish: CaptureWish, clock: Clock) -> "PiCamera":
    """Open and start camera `index`.

    Raises MissingDependency without picamera2, CameraNotFound if there is no such camera or it is in use.
    """
    picamera2 = _load("picamera2")
    known = picamera2.Picamera2.global_camera_info()
    if index >= len(known):
        raise CameraNotFound(f"no picamera:{index}; {_choice(known)}")
    size, rate = wish.size or _USUAL_SIZE, wish.rate or _USUAL_RATE
    try:
        device = picamera2.Picamera2(index)
    except (RuntimeError, IndexError) as error:
        raise CameraNotFound(
            f"picamera:{index} cannot be opened: {_reason(error)}; is another program using it?"
        ) from error
    try:
        device.configure(
            device.create_video_configuration(
                # libcamera wants even sizes; `conform` makes the odd ones
                main={"format": "YUV420", "size": (size.width + size.width % 2, size.height + size.height % 2)},
                controls={"FrameRate": float(rate)},
            )
        )
        device.start()
    except (RuntimeError, ValueError) as error:
        device.close()
        raise CameraNotFound(f"picamera:{index} does not start with {size} at {float(rate):g} fps: {error}") from error
    return PiCamera(index, device, rate, clock, wish.longest_silence())


class PiCamera:
    """A started Picamera2. Its pictures are taken as they are: no conversion, only the padding left out."""

    def __init__(
        self,
        index: int,
        device: Any,
        rate: Fraction,
        clock: Clock,
        patience: float,
        boot: Callable[[], float] | None = None,
    ) -> None:
        """Takes `device` over. `patience` is how many seconds a picture may take; `boot` reads CLOCK_BOOTTIME."""
        self._index = index
        self._device = device
        self._rate = rate
        self._clock = clock
        self._patience = patience
        self._boot = boot or (lambda: time.clock_gettime(time.CLOCK_BOOTTIME))
        self._gate = ReadGate(self._release)
        self._number = 0
        config = device.camera_configuration()
        main = config["main"]
        self._format: str = main["format"]
        self._size = Size(*main["size"])
        self._stride: int = main["stride"]
        self._matrix, self._range = colour_of(config.get("colour_space"), self._size.height)

    @property
    def name(self) -> str:
        return f"picamera:{self._index}"

    @property
    def live(self) -> bool:
        return True

    @property
    def rate(self) -> Fraction | None:
        return self._rate

    def read(self) -> Frame | None:
        """The next picture; None after `close`. Raises CameraLost if the camera fails."""
        with self._gate.reading() as usable:
            try:
                return self._capture() if usable else None
            except (RuntimeError, OSError) as error:
                raise CameraLost(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Let go; a read under way ends with its picture."""
        self._gate.close()

    def _release(self) -> None:
        # It stops as well. `stop` itself waits for picamera2's event loop, which ends when the camera fails.
        self._device.close()

    def _capture(self) -> Frame:
        try:
            request = self._device.capture_request(wait=self._patience)
        except TimeoutError as error:
            raise CameraLost(f"{self.name}: no picture for {self._patience:g} s; check its cable") from error
        try:
            # A copy: the buffer goes back to the camera at once.
            buffer = request.make_buffer("main")
            stamp = request.get_metadata().get("SensorTimestamp")
        finally:
            request.release()
        now = self._clock.monotonic()
        age = self._age(now, stamp / 1e9) if stamp else 0.0
        y, u, v = planes_of_buffer(buffer, self._format, self._size, self._stride)
        number = self._number
        self._number += 1
        return Frame(y, u, v, self._matrix, self._range, number=number, time=now - age, wall=self._clock.wall() - age)

    def _age(self, now: float, stamp: float) -> float:
        """Seconds since `stamp`.

        libcamera documents SensorTimestamp as CLOCK_BOOTTIME, which counts the time asleep as well, but some
        pipelines give CLOCK_MONOTONIC. A stamp from the future shows that it is not that one.
        """
        return now - stamp if stamp <= now else max(0.0, self._boot() - stamp)


def _choice(known: list[dict[str, Any]]) -> str:
    """The cameras there are, for people."""
    if not known:
        return "libcamera sees no camera; check the cable, then run rpicam-hello --list-cameras"
    return "there is " + ", ".join(f"picamera:{n} ({camera.get('Model', 'unnamed')})" for n, camera in enumerate(known))


def _reason(error: BaseException) -> BaseException:
    """What picamera2 wraps into "Camera __init__ sequence did not complete"."""
    return _reason(error.__cause__) if error.__cause__ else error


def colour_of(colour_space: Any, height: int) -> tuple[Matrix, Range]:
    """Matrix and range of a libcamera.ColorSpace, or of None. libcamera's own default is sYCC: BT.601, full."""
    if colour_space is None:
        return Matrix.usual_for(height), Range.FULL
    encoding, range_ = str(colour_space.ycbcrEncoding), str(colour_space.range)
    matrix = Matrix.BT601 if encoding.endswith("Rec601") else Matrix.BT709
    return matrix, Range.LIMITED if range_.endswith("Limited") else Range.FULL


def libcamera_has_camera() -> bool:
    """True if libcamera sees a camera that is not on USB; those are read through V4L2. Never raises."""
    try:
        libcamera = importlib.import_module("libcamera")
        cameras = libcamera.CameraManager.singleton().cameras
    except (ImportError, AttributeError, RuntimeError):
        return False
    return any("usb" not in str(camera.id).lower() for camera in cameras)


def _load(module: str) -> Any:
    # libcamera talks of its own on standard error, in the middle of the status line.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:WARN")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name in ("picamera2", "libcamera"):
            raise MissingDependency(f"{error.name} is missing; {_FIX}") from error
        raise MissingDependency(f"{module} is installed, but not what it needs: {error}; {_FIX}") from error
    # A clash of numpy versions is a ValueError. Named, not masked: it must not look like a missing camera.
    except (ImportError, ValueError, AttributeError) as error:
        raise MissingDependency(
            f"{module} is installed but does not import: {error}; "
            "take numpy, simplejpeg and picamera2 all from apt or all from pip"
        ) from error
