"""Wrong input: one line that says what to do, the documented exit code, and nothing written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import edge_vsr
from edge_vsr.errors import (
    CameraNotFound,
    EdgeVsrError,
    EncoderError,
    InputError,
    ModelError,
    OutputError,
    UsageError,
)
from edge_vsr.uplink.spool import Spool
from tests.integration.command import Outcome
from tests.integration.command import edge_vsr as run_edge_vsr
from tests.integration.servers import free_port
from tests.integration.test_cameras import Quiet, demo_pictures, http_server, record

SECRET = "S3CR3T"
NOWHERE = f"127.0.0.1:{free_port()}"
Kind = type[EdgeVsrError]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A working folder with a few files that are of no use."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    (folder / "empty.mp4").touch()
    (folder / "folder").mkdir()
    return folder


def tree(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def run(here: Path, *flags: object, **variables: str) -> Outcome:
    """`edge-vsr run` in `here`, which must leave nothing behind; a flag given twice counts the second time."""
    before = tree(here.parent)
    usual = ["--camera", "demo", "--sr", "off", "--seconds", "1"]
    if "--uplink" not in flags:
        usual += ["--uplink", "out"]
    outcome = run_edge_vsr("run", *usual, *flags, state=here.parent / "state", cwd=here, **variables)
    assert tree(here.parent) == before, "something was written"
    return outcome


def test_an_encoder_that_does_not_work_here_is_told(here: Path) -> None:
    assert_refused(run(here, "--encoder", "h264_v4l2m2m"), EncoderError, "h264_v4l2m2m does not work here: ")
    rtmp = run(here, "--encoder", "x265", "--uplink", f"rtmp://{NOWHERE}/live/{SECRET}")
    assert_refused(rtmp, UsageError, "RTMP carries H.264")


@pytest.mark.parametrize("scheme", ["rtsp", "RTMPS", "srt"])
def test_av1_is_for_far_ends_that_keep_segments(here: Path, scheme: str) -> None:
    live = ["--uplink", "out", "--uplink", f"{scheme}://{NOWHERE}/live/{SECRET}"]
    assert_refused(run(here, "--encoder", "svtav1", *live), UsageError, "far ends that keep segments")


def assert_refused(outcome: Outcome, kind: Kind, says: str) -> None:
    assert outcome.code == kind.exit_code, f"exit code {outcome.code}: {outcome.output}"
    assert outcome.output.count("\n") == 1, f"not one line: {outcome.output}"
    assert outcome.output.startswith("edge-vsr: ")
    assert says in outcome.output
    assert SECRET not in outcome.output


CAMERAS: list[tuple[str, Kind, str]] = [
    ("nosuch", CameraNotFound, "no file 'nosuch'"),
    ("", UsageError, "no camera given"),
    ("missing.mp4", CameraNotFound, "no file 'missing.mp4'"),
    ("folder", CameraNotFound, "is a folder"),
    ("text.mp4", InputError, "is not a video"),
    ("empty.mp4", InputError, "is not a video"),
    ("/dev/null", CameraNotFound, "/dev/null"),
    ("/dev/video99", CameraNotFound, "/dev/video99"),
    ("99", CameraNotFound, "no camera /dev/video99"),
    ("picamera:x", UsageError, "a number must follow picamera:"),
    (f"ftp://u:{SECRET}@host/x", UsageError, "ftp:// is not read"),
    (f"rtsp:/u:{SECRET}@host/x", UsageError, "two slashes"),
    (f"rtsp//u:{SECRET}@host/x", UsageError, "two slashes"),
    (f"rtsp://u:{SECRET}@/x", UsageError, "is not a whole address"),
    (f"rtsp://u:{SECRET}@{NOWHERE}/cam?key={SECRET}", CameraNotFound, "nothing listens there"),
    (f"rtsp://u:pass/{SECRET}@{NOWHERE}/cam", CameraNotFound, "check the"),
    (f"http://u:{SECRET}@{NOWHERE}/cam?key={SECRET}", CameraNotFound, "nothing listens there"),
    (f"https://u:{SECRET}@no.such.host.invalid/?key={SECRET}", CameraNotFound, "check the address"),
]


@pytest.mark.parametrize(("camera", "kind", "says"), CAMERAS, ids=[f"{n}-{case[2]}" for n, case in enumerate(CAMERAS)])
def test_a_camera_that_cannot_be_used(here: Path, camera: str, kind: Kind, says: str) -> None:
    assert_refused(run(here, "--camera", camera), kind, says)


UPLINKS: list[tuple[str, Kind, str]] = [
    ("", UsageError, "the uplink is empty"),
    (f"ftp://u:{SECRET}@host/x", UsageError, "no uplink over ftp://"),
    ("http:/host/x", UsageError, "two slashes"),
    (f"https//u:{SECRET}@host/x", UsageError, "two slashes"),
    ("http://", UsageError, "names no host"),
    (f"http://u:{SECRET}@/x", UsageError, "names no host"),
    (f"http://u:{SECRET}@host:99999/", UsageError, "bad host or port"),
    (f"http://u:a/{SECRET}@host/", UsageError, "bad host or port"),
    (f"rtsp://u:{SECRET} @host/", UsageError, "blank"),
    ("rtmp://host:0/live", UsageError, "names no port"),
    ("file://host/x", UsageError, "file:///absolute/path"),
    ("text.mp4", OutputError, "cannot write to the folder text.mp4"),
    ("text.mp4/below", OutputError, "cannot write to the folder text.mp4/below"),
    ("/proc/edge-vsr/out", OutputError, "cannot write to the folder /proc/edge-vsr/out"),
    ("x" * 300, OutputError, "File name too long"),
]


@pytest.mark.parametrize(("uplink", "kind", "says"), UPLINKS, ids=[f"{n}-{case[2]}" for n, case in enumerate(UPLINKS)])
def test_a_far_end_that_cannot_be_used(here: Path, uplink: str, kind: Kind, says: str) -> None:
    assert_refused(run(here, "--uplink", uplink), kind, says)


FLAGS: list[tuple[list[str], Kind, str]] = [
    (["--uplink", "out", "--uplink", "https://host/"], UsageError, "one of them is live"),
    (["--uplink", "rtsp://host/", "--uplink", f"rtsp://u:{SECRET}@host/"], UsageError, "2 times, 2 of them live"),
    (["--uplink", "srt://host"], UsageError, "names no port"),
    (["--uplink", f"srt://host:1?passphrase={SECRET}"], UsageError, "10 to 64 bytes"),
    (["--mqtt", f"http://u:{SECRET}@host/"], UsageError, "no mqtt:// address"),
    (["--mqtt", f"mqtt://u:{SECRET}@host/a/%23"], UsageError, "the MQTT topic has"),
    (["--mqtt", "mqtts://host", "--mqtt-ca", "no.pem"], UsageError, "cannot use the CA file no.pem: No such file"),
    (["--mqtt-allow", "rung,reboot"], UsageError, "is not a list of rung, snapshot, restart"),
    (["--uplink", "here", "--spool", "here"], UsageError, "here is spool and uplink at once; give two folders"),
    (["--uplink", "here", "--spool", "./there/../here"], UsageError, "is spool and uplink at once"),
    (["--spool", ""], UsageError, "--spool is empty, or the current folder"),
    (["--spool-mb", "inf"], UsageError, "--spool-mb: give"),
    (["--spool-mb", "1e308"], UsageError, "--spool-mb: give"),
    (["--size", "65x64"], EncoderError, "try 64x64"),
    (["--size", "64x65"], EncoderError, "try 64x64"),
    (["--size", "20000x64"], EncoderError, "try 8192x64"),
    (["--size", "2x2"], EncoderError, "try 16x16"),
    (["--size", "32x32"], UsageError, "cannot be smaller than 64x64"),
    (["--size", "0x64"], UsageError, "has no pixels"),
    (["--size", "big"], UsageError, "not of the form 960x540"),
    (["--size", "-64x64"], UsageError, "not of the form 960x540"),
    (
        ["--size", "8192x64", "--sr", "on", "--model", "bicubic", "--camera", "tiny.mkv"],
        EncoderError,
        "cannot take 16384x128",
    ),
    (["--size", "20x20", "--rung", "low", "--camera", "tiny.mkv"], EncoderError, "try 16x16"),
    (["--fps", "0"], UsageError, "--fps '0' is not"),
    (["--fps", "-5"], UsageError, "--fps '-5' is not"),
    (["--fps", "fast"], UsageError, "such as 15 or 30000/1001"),
    (["--fps", "1/0"], UsageError, "--fps '1/0' is not"),
    (["--fps", "1000"], UsageError, "up to 240"),
    (["--fps", "nan"], UsageError, "--fps 'nan' is not"),
    (["--sr", "on", "--model", "nosuch"], ModelError, "model 'nosuch' is not in"),
    (["--sr", "on", "--runtime", "nosuch"], UsageError, "runtime 'nosuch' is unknown"),
    (["--rung", "enhanced"], UsageError, "leave out --sr off"),
    (["--sr", "on", "--rung", "low"], UsageError, "leave out --rung low"),
    (["--uplink-key", "text.mp4"], UsageError, "--uplink-key needs --uplink-cert"),
    (["--uplink-ca", "no.pem", "--uplink", "https://host/"], UsageError, "cannot use the CA file no.pem: No such file"),
    (["--uplink-cert", "text.mp4", "--uplink", "https://host/"], UsageError, "cannot use the client certificate"),
    (["--spool", "text.mp4"], OutputError, "cannot use text.mp4 as spool"),
    (["--spool", "/proc/edge-vsr"], OutputError, "cannot use /proc/edge-vsr as spool"),
]


@pytest.mark.parametrize(("flags", "kind", "says"), FLAGS, ids=[" ".join(case[0]) for case in FLAGS])
def test_a_flag_that_cannot_be_used(here: Path, flags: list[str], kind: Kind, says: str) -> None:
    if "tiny.mkv" in flags:
        record(here / "tiny.mkv", "ffv1", demo_pictures(2))
    assert_refused(run(here, *flags), kind, says)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--seconds", "nan"], "--seconds: give a number, 0.1 or more"),
        (["--no-such-flag"], "`edge-vsr run --help` tells what there is"),
    ],
)
def test_what_the_command_line_itself_refuses(here: Path, flags: list[str], says: str) -> None:
    assert_refused(run(here, *flags), UsageError, says)


def test_no_far_end_at_all(here: Path) -> None:
    outcome = run_edge_vsr("run", "--camera", "demo", state=here.parent / "state", cwd=here)
    assert_refused(outcome, UsageError, "give --uplink, EDGE_VSR_UPLINK in the environment, or uplink")


def test_a_file_whose_frames_are_too_large_is_refused_before_anything_is_written(here: Path) -> None:
    wide = iter([(np.full((24, 17_000), 128, np.uint8), "yuv420p")])
    record(here / "wide.mkv", "ffv1", wide)
    assert_refused(run(here, "--camera", "wide.mkv"), EncoderError, "try 8192x16")


def test_a_state_folder_that_cannot_be_written(here: Path) -> None:
    outcome = run(here, XDG_STATE_HOME=str(here / "text.mp4"))
    assert_refused(outcome, OutputError, "as spool: Not a directory")


def test_a_spool_that_another_process_is_using(here: Path) -> None:
    with Spool(here / "spool"):
        outcome = run(here, "--spool", "spool")
    assert_refused(outcome, OutputError, "another process is using it")


def test_a_page_without_a_video(here: Path) -> None:
    (here / "index.html").write_text("<p>hello</p>")
    with http_server(lambda *a: Quiet(*a, directory=str(here))) as url:
        outcome = run(here, "--camera", url.replace("://", f"://u:{SECRET}@") + f"/index.html?key={SECRET}")
    assert_refused(outcome, CameraNotFound, "not a video")


# Models


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package and its models, to do harm to."""
    package = Path(edge_vsr.__file__).parent
    folder = tmp_path / "installed"
    shutil.copytree(package, folder / "edge_vsr", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        package.parent / "models", folder / "models", ignore=shutil.ignore_patterns("recipe", "__pycache__")
    )
    return folder


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


HARM: list[tuple[str, Callable[[Path], object], str]] = [
    ("ear-s-x2/extractor.onnx", flip, "is damaged: its SHA-256 is not the manifest's"),
    ("ear-s-x2/reconstruction.onnx", flip, "is damaged: its SHA-256 is not the manifest's"),
    ("ear-s-x2/attention.onnx", Path.unlink, "cannot be read (No such file or directory)"),
    ("manifest.json", Path.unlink, "no models"),
    ("manifest.json", lambda path: path.write_text("{"), "is damaged"),
    ("manifest.json", lambda path: path.write_text("{}"), "is damaged"),
]


@pytest.mark.parametrize(("name", "harm", "says"), HARM, ids=[f"{case[0]}: {case[2]}" for case in HARM])
def test_a_model_that_is_not_as_released(
    here: Path, installed: Path, name: str, harm: Callable[[Path], object], says: str
) -> None:
    harm(installed / "models" / name)
    flags = ["--sr", "on", "--runtime", "onnxruntime"]
    outcome = run(here, *flags, PYTHONPATH=str(installed), PYTHONDONTWRITEBYTECODE="1")
    assert_refused(outcome, ModelError, says)
    assert "reinstall edge-vsr" in outcome.output


def test_a_run_without_super_resolution_needs_no_model(here: Path, installed: Path) -> None:
    shutil.rmtree(installed / "models")
    outcome = run_edge_vsr(
        "run", "--camera", "demo", "--uplink", "out", "--sr", "off", "--size", "64x64", "--seconds", "1",
        state=here / "state", cwd=here, PYTHONPATH=str(installed),
    )  # fmt: skip
    assert outcome.code == 0, outcome.output
