from pathlib import Path

import pytest

from edge_vsr.camera.address import CameraKind, parse_camera
from edge_vsr.errors import CameraNotFound, UsageError


@pytest.mark.parametrize(
    ("spec", "kind", "target"),
    [
        ("demo", CameraKind.DEMO, ""),
        ("0", CameraKind.INDEX, "0"),
        (" 2 ", CameraKind.INDEX, "2"),
        ("/dev/video0", CameraKind.V4L2, "/dev/video0"),
        ("/dev/v4l/by-id/usb-cam-index0", CameraKind.V4L2, "/dev/v4l/by-id/usb-cam-index0"),
        ("picamera:1", CameraKind.PICAMERA, "1"),
        ("rtsp://host/a?b=c", CameraKind.RTSP, "rtsp://host/a?b=c"),
        ("RTSPS://Host:322/a", CameraKind.RTSP, "rtsps://Host:322/a"),
        ("http://host/live.m3u8", CameraKind.HTTP, "http://host/live.m3u8"),
        ("https://u:p@host/", CameraKind.HTTP, "https://u:p@host/"),
    ],
)
def test_known_addresses_are_understood(spec: str, kind: CameraKind, target: str) -> None:
    address = parse_camera(spec)
    assert (address.kind, address.target) == (kind, target)


def test_an_existing_file_is_a_camera(tmp_path: Path) -> None:
    video = tmp_path / "a clip, with:colon.mp4"
    video.touch()
    assert parse_camera(str(video)).kind is CameraKind.FILE


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("", UsageError, "no camera given"),
        ("  ", UsageError, "no camera given"),
        ("gopher://host/x", UsageError, "gopher:// is not read"),
        ("rtsp://", UsageError, "rtsp://HOST/PATH"),
        ("rtsp:///path", UsageError, "not a whole address"),
        ("http://user:pw@/path", UsageError, "not a whole address"),
        ("rtsp://user:pass word@host/a", UsageError, "has a blank in it"),
        ("picamera:", UsageError, "picamera:0"),
        ("picamera:one", UsageError, "picamera:0"),
        ("nosuch.mp4", CameraNotFound, "no file 'nosuch.mp4'"),
        ("-1", CameraNotFound, "no file '-1'"),
        ("bad\0name", CameraNotFound, "'bad\\x00name'"),
        ("x" * 5000, CameraNotFound, "'xxx"),
        ("/tmp", CameraNotFound, "is a folder"),
    ],
)
def test_a_slip_is_told_in_one_line(spec: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        parse_camera(spec)
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("spec", ["rtsp://user:secret@host/a?token=secret", "gopher://user:secret@host/x"])
def test_secrets_are_in_no_name_and_no_error(spec: str) -> None:
    try:
        address = parse_camera(spec)
        shown = address.name + repr(address) + str(address)
    except UsageError as error:
        shown = str(error)
    assert "secret" not in shown
    assert "host" in shown
