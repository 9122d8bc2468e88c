"""What V4L2 drivers answer, in the bytes of the kernel's structures (linux/videodev2.h)."""

import errno
import struct
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from edge_vsr.camera.capabilities import Ask, Mode, capabilities_of
from edge_vsr.doctor.cameras import check_cameras

QUERYCAP, ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS = 0x80685600, 0xC0405602, 0xC02C564A, 0xC034564B
CAPTURE, CODEC, STREAMING, DEVICE_CAPS = 0x1, 0x8000, 0x04000000, 0x80000000
DISCRETE, STEPWISE = 1, 3


def capability(card: bytes, able: int) -> bytes:
    return struct.pack(
        "=16s32s32sIII12x", b"driver", card, b"usb-1", 0, able | STREAMING | DEVICE_CAPS, able | STREAMING
    )


def code(word: bytes) -> int:
    return int.from_bytes(word, "little")


def driver(card: bytes, able: int, table: Mapping[bytes, Mapping[tuple[int, ...], list[tuple[int, int]]]]) -> Ask:
    """Answers by formats, sizes and intervals. A size of six numbers is a range; so are two intervals for it."""

    def answer(request: int, question: bytes) -> bytes:
        index, second = struct.unpack_from("=II", question)
        if request == QUERYCAP:
            return capability(card, able)
        if request == ENUM_FMT:
            word = list(table)[index]
            return struct.pack("=III32sII12x", index, 1, 0, b"in words", code(word), 0x2008)
        sizes = table[struct.pack("=I", second)]
        if request == ENUM_FRAMESIZES:
            size = list(sizes)[index]
            kind = DISCRETE if len(size) == 2 else STEPWISE
            return struct.pack("=III6I8x", index, second, kind, *size, *[0] * (6 - len(size)))
        assert request == ENUM_FRAMEINTERVALS
        width, height = struct.unpack_from("=II", question, 8)
        key = next(one for one in sizes if (width, height) in (one[:2], one[1:5:3]))
        if len(key) == 6 and index:
            raise IndexError
        ends = sizes[key] if len(key) == 6 else sizes[key][index : index + 1]
        if not ends:
            raise IndexError
        numbers = [number for end in ends for number in end]
        kind = STEPWISE if len(key) == 6 else DISCRETE
        return struct.pack("=IIIII6I8x", index, second, width, height, kind, *numbers, *[0] * (6 - len(numbers)))

    def ask(handle: int, request: int, question: bytes) -> bytes:
        assert len(question) == request >> 16 & 0x3FFF
        try:
            return answer(request, question)
        except IndexError:
            raise OSError(errno.EINVAL, "that is all") from None

    return ask


WEBCAM = driver(
    b"HD Webcam",
    CAPTURE,
    {
        b"MJPG": {(1280, 720): [(1, 30), (1, 15)], (640, 480): [(1, 30)]},
        b"YUYV": {(640, 480): [(1, 30), (1, 5)], (1280, 720): [(1001, 10_000)]},
    },
)
SENSOR = driver(b"sensor", CAPTURE, {b"NV12": {(48, 1920, 2, 32, 1080, 2): [(1, 60), (1, 1)]}})


@pytest.fixture
def device(tmp_path: Path) -> Path:
    device = tmp_path / "video0"
    device.touch()
    return device


def test_formats_sizes_and_rates_are_read(device: Path) -> None:
    capabilities = capabilities_of(device, WEBCAM)
    assert capabilities is not None
    assert list(capabilities.formats) == ["MJPG", "YUYV"]
    assert capabilities.formats["YUYV"][1] == Mode((1280, 720), (1280, 720), (Fraction(10_000, 1001),))


def test_a_range_of_sizes_has_two_ends(device: Path) -> None:
    capabilities = capabilities_of(device, SENSOR)
    assert str(capabilities) == "sensor: NV12 48x32..1920x1080 at 1..60"


def test_a_camera_is_one_finding_with_a_name_that_stays(device: Path) -> None:
    link = device.parent / "v4l/by-id/usb-webcam-video-index0"
    link.parent.mkdir(parents=True)
    link.symlink_to(device)
    (finding,) = check_cameras(device.parent, WEBCAM)
    assert finding.text == (
        f"HD Webcam: MJPG 1280x720 at 15..30, 640x480 at 30; YUYV 640x480 at 5..30, 1280x720 at 9.99; --camera {link}"
    )


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [((640, 480), (640, 480)), ((400, 300), (640, 480)), ((960, 540), (1280, 720)), ((1920, 1080), (1280, 720))],
)
def test_a_size_that_it_has_not_is_taken_from_a_larger_one(
    device: Path, wanted: tuple[int, int], taken: tuple[int, int]
) -> None:
    capabilities = capabilities_of(device, WEBCAM)
    assert capabilities is not None
    assert capabilities.nearest(wanted, "YUYV") == taken


def test_a_codec_is_no_camera(device: Path) -> None:
    assert capabilities_of(device, driver(b"codec", CODEC, {})) is None
