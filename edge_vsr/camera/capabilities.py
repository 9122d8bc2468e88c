"""What a V4L2 camera says that it can do (Linux media uAPI: VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES,
VIDIOC_ENUM_FRAMEINTERVALS)."""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

Ask = Callable[[int, int, bytes], bytes]
"""`fcntl.ioctl`, or answers that were recorded: descriptor, request and question; raises OSError."""

_CAPABILITY = struct.Struct("16s32s32sIII12x")
_FORMAT = struct.Struct("III32s4sI12x")
_FRAME_SIZE = struct.Struct("I4sI6I8x")
_INTERVAL = struct.Struct("I4sIII6I8x")


def _request(direction: int, number: int, question: struct.Struct) -> int:
    return direction << 30 | question.size << 16 | ord("V") << 8 | number


_QUERYCAP = _request(2, 0, _CAPABILITY)
_ENUM_FMT = _request(3, 2, _FORMAT)
_ENUM_FRAMESIZES = _request(3, 74, _FRAME_SIZE)
_ENUM_FRAMEINTERVALS = _request(3, 75, _INTERVAL)
_CAPTURE, _CAPTURE_MPLANE, _DEVICE_CAPS = 0x1, 0x1000, 0x80000000
_DISCRETE = 1
_MOST = 64
"""Answers to one question; a driver that does not come to an end is none of ours to wait for."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A size that a format has."""

    smallest: tuple[int, int]
    """Width and height in pixels."""
    largest: tuple[int, int]
    """The same, unless any size between the two can be had."""
    rates: tuple[Fraction, ...]
    """Frames a second; of a range its two ends. Empty where the driver does not say."""

    def __str__(self) -> str:
        size = "..".join("{}x{}".format(*one) for one in dict.fromkeys((self.smallest, self.largest)))
        ends = dict.fromkeys((min(self.rates), max(self.rates))) if self.rates else ()
        return f"{size} at {'..'.join(f'{float(rate):.4g}' for rate in ends)}" if ends else size


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Of one device that captures."""

    name: str
    formats: dict[str, tuple[Mode, ...]]
    """Modes by four-character code, such as MJPG."""

    def __str__(self) -> str:
        shown = (f"{code} {', '.join(map(str, modes))}".strip() for code, modes in self.formats.items())
        return f"{self.name}: {'; '.join(shown)}"

    def nearest(self, size: tuple[int, int], code: str) -> tuple[int, int]:
        """The smallest size of a format that holds `size`, else its largest; as asked where none is known."""
        modes = self.formats.get(code, ())
        if not modes or any(_between(mode.smallest, size, mode.largest) for mode in modes):
            return size
        holding = [mode.largest for mode in modes if _between(size, mode.largest, mode.largest)]
        return min(holding, key=_area) if holding else max((mode.largest for mode in modes), key=_area)


def _between(least: tuple[int, int], size: tuple[int, int], most: tuple[int, int]) -> bool:
    return least[0] <= size[0] <= most[0] and least[1] <= size[1] <= most[1]


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def capabilities_of(device: Path, ask: Ask = fcntl.ioctl) -> Capabilities | None:
    """None for what does not capture pictures, as a codec or a camera's second node. Raises OSError."""
    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        answer = ask(handle, _QUERYCAP, bytes(_CAPABILITY.size))
        _driver, card, _bus, _version, capabilities, device_caps = _CAPABILITY.unpack(answer)
        able = device_caps if capabilities & _DEVICE_CAPS else capabilities
        if not able & (_CAPTURE | _CAPTURE_MPLANE):
            return None
        kind = 1 if able & _CAPTURE else 9
        codes = [
            _FORMAT.unpack(one)[4]
            for one in _answers(ask, handle, _ENUM_FMT, lambda index: _FORMAT.pack(index, kind, 0, b"", b"", 0))
        ]
        formats = {_text(code): tuple(_modes(ask, handle, code)) for code in codes}
        return Capabilities(_text(card), formats) if formats else None
    finally:
        os.close(handle)


def _modes(ask: Ask, handle: int, code: bytes) -> Iterator[Mode]:
    def question(index: int) -> bytes:
        return _FRAME_SIZE.pack(index, code, 0, *[0] * 6)

    for answer in _answers(ask, handle, _ENUM_FRAMESIZES, question):
        _index, _code, kind, *numbers = _FRAME_SIZE.unpack(answer)
        if kind == _DISCRETE:
            smallest = largest = (numbers[0], numbers[1])
        else:
            smallest, largest = (numbers[0], numbers[3]), (numbers[1], numbers[4])
        yield Mode(smallest, largest, tuple(_rates(ask, handle, code, largest)))
        if kind != _DISCRETE:
            return


def _rates(ask: Ask, handle: int, code: bytes, size: tuple[int, int]) -> Iterator[Fraction]:
    def question(index: int) -> bytes:
        return _INTERVAL.pack(index, code, *size, 0, *[0] * 6)

    for answer in _answers(ask, handle, _ENUM_FRAMEINTERVALS, question):
        _index, _code, _width, _height, kind, *numbers = _INTERVAL.unpack(answer)
        # An interval is a numerator and a denominator; a range is its shortest, its longest and a step.
        ends = [(numbers[0], numbers[1])] if kind == _DISCRETE else [(numbers[0], numbers[1]), (numbers[2], numbers[3])]
        yield from (Fraction(below, above) for above, below in ends if above)
        if kind != _DISCRETE:
            return


def _answers(ask: Ask, handle: int, request: int, question: Callable[[int], bytes]) -> Iterator[bytes]:
    for index in range(_MOST):
        try:
            yield ask(handle, request, question(index))
        except OSError:
            return


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace").strip()
