"""`edge-vsr restore`, as a user runs it, on real files."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge_vsr.camera import PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import EdgeVsrError, EncoderError, InputError, ModelError, OutputError, UsageError
from edge_vsr.frame import Size
from edge_vsr.restoring.picture import read_picture
from edge_vsr.sr.choice import choose
from edge_vsr.sr.store import bundled_store
from edge_vsr.sr.upscaler import open_upscaler
from tests.integration.offline import PROGRAM, Result, assert_done, assert_refused, edge_vsr
from tests.unit.restoring.videos import read_video, sound_packets, write_changing_video, write_joined_video, write_video

BICUBIC = ("--model", "bicubic")
"""For what is not about the network: it starts faster."""
NETWORK = ("--model", "ear-s-x2")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A working folder with inputs of every kind, good and bad."""
    folder = tmp_path / "here"
    (folder / "pictures").mkdir(parents=True)
    luma = PatternCamera(FakeClock(), size=Size(96, 64)).read()
    assert luma is not None
    town = cv2.applyColorMap(luma.y, cv2.COLORMAP_TURBO)
    for name in ("a.png", "a.jpg", "pictures/one.png", "pictures/two.jpg", "pictures/three.bmp"):
        cv2.imwrite(str(folder / name), town)
    write_video(folder / "clip.mp4", 25)
    (folder / "text.png").write_text("this is no picture\n")
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    (folder / "empty.mkv").touch()
    (folder / "folder").mkdir()
    return folder


def restore(here: Path, source: object, target: object, *flags: object) -> Result:
    return edge_vsr("restore", source, target, *flags, cwd=here)


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def duration(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.duration or 0) / av.time_base


# What it makes


@pytest.mark.parametrize("runtime", ["auto", "onnxruntime", "openvino"])
def test_a_picture_becomes_twice_as_large(here: Path, runtime: str) -> None:
    before = tree(here)
    assert_done(restore(here, "a.png", "b.png", *NETWORK, "--runtime", runtime))
    assert read_picture(here / "b.png").shape == (128, 192, 3)
    assert tree(here) - before == {"b.png"}


def test_the_network_is_what_restores(here: Path) -> None:
    gray = read_picture(here / "a.png")[..., 1]
    cv2.imwrite(str(here / "gray.png"), gray)
    assert_done(restore(here, "gray.png", "b.png", *NETWORK, "--threads", 1))
    expected = open_upscaler("ear-s-x2", threads=1).luma(np.ascontiguousarray(gray))
    np.testing.assert_array_equal(read_picture(here / "b.png"), expected)


@pytest.mark.parametrize(
    ("source", "target", "because"),
    [
        ("a.png", "b.png", "the source is not coded with loss"),
        ("a.jpg", "b.png", "the source is coded with loss"),
        ("pictures", "out", "the source is coded with loss"),
        ("clip.mp4", "b.y4m", "the source is coded with loss"),
    ],
)
def test_a_network_is_chosen_for_the_source_and_named(here: Path, source: str, target: str, because: str) -> None:
    done = restore(here, source, target)
    assert done.code == 0, done.stderr
    choice = choose(bundled_store().models.values(), lossy=because == "the source is coded with loss")
    assert f"model {choice.name}: {because}" in done.stderr


@pytest.mark.parametrize(("source", "target"), [("a.jpg", "b.png"), ("a.png", "b.jpg"), ("a.jpg", "B.JPEG")])
def test_pictures_go_from_any_kind_to_png_and_jpeg(here: Path, source: str, target: str) -> None:
    assert_done(restore(here, source, target, *BICUBIC))
    assert read_picture(here / target).shape == (128, 192, 3)


def test_an_output_that_is_there_is_replaced(here: Path) -> None:
    (here / "b.png").write_text("old")
    assert_done(restore(here, "a.png", "b.png", *BICUBIC))
    assert read_picture(here / "b.png").shape == (128, 192, 3)


def test_a_folder_becomes_a_folder_of_pngs_of_the_same_names(here: Path) -> None:
    assert_done(restore(here, "pictures", "new/out", *NETWORK))
    assert tree(here / "new") == {"out", "out/one.png", "out/two.png", "out/three.png"}
    assert {read_picture(path).shape for path in (here / "new/out").iterdir()} == {(128, 192, 3)}


def test_what_lands_in_a_watched_folder_is_restored_until_it_is_stopped(here: Path) -> None:
    command = [PROGRAM, "restore", "pictures", "out", "--watch", *BICUBIC]
    with subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE) as process:
        wait_for(here / "out" / "one.png", process)
        cv2.imwrite(str(here / "pictures" / "later.png"), np.full((8, 8, 3), 9, np.uint8))
        wait_for(here / "out" / "later.png", process)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")
    assert tree(here / "out") == {"one.png", "two.png", "three.png", "later.png"}


def wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, f"it ended before {path.name} was there"
        assert time.monotonic() < end, f"no {path.name} within a minute"
        time.sleep(0.05)


@pytest.mark.parametrize("target", ["b.mp4", "b.mkv", "b.y4m"])
@pytest.mark.parametrize("model", ["ear-s-x2", "bicubic"])
def test_a_video_keeps_its_frames_and_duration_at_twice_the_size(here: Path, target: str, model: str) -> None:
    before = tree(here)
    assert_done(restore(here, "clip.mp4", target, "--model", model))
    pictures = read_video(here / target)
    assert [(picture.width, picture.height) for picture in pictures] == [(128, 96)] * 25
    assert [picture.time for picture in pictures] == pytest.approx([n / 10 for n in range(25)], abs=0.001)
    assert duration(here / target) == pytest.approx(duration(here / "clip.mp4"), abs=0.1)
    assert tree(here) - before == {target}


@pytest.mark.parametrize("target", ["b.mp4", "b.mkv"])
def test_sound_goes_along(here: Path, target: str) -> None:
    write_video(here / "loud.mp4", 25, sound="aac")
    assert_done(restore(here, "loud.mp4", target, *BICUBIC))
    assert sound_packets(here / target) == sound_packets(here / "loud.mp4")
    assert duration(here / target) == pytest.approx(duration(here / "loud.mp4"), abs=0.1)


@pytest.mark.parametrize("target", ["b.mp4", "b.mkv", "b.y4m"])
def test_a_video_is_shown_as_it_was_upright_in_its_shape_and_with_its_title(here: Path, target: str) -> None:
    write_video(here / "phone.mp4", 5, turned=90, aspect=Fraction(4, 3), title="Mast 7")
    assert_done(restore(here, "phone.mp4", target, *BICUBIC))
    with av.open(str(here / target)) as container:
        (first, *_) = container.decode(video=0)
        stream = container.streams.video[0]
        assert (first.width, first.height, first.rotation) == (96, 128, 0)
        assert stream.sample_aspect_ratio == Fraction(3, 4)
        assert target == "b.y4m" or container.metadata["title"] == "Mast 7"


def test_a_video_that_changes_its_size_keeps_one(here: Path) -> None:
    write_changing_video(here / "a.h264", Size(64, 48), Size(80, 64))
    assert_done(restore(here, "a.h264", "b.mp4", *BICUBIC))
    assert [(one.width, one.height) for one in read_video(here / "b.mp4")] == [(128, 96)] * 10


@pytest.mark.parametrize("target", ["b.mp4", "b.mkv", "b.y4m", "b"])
def test_a_recording_that_changes_its_codec_and_size_is_restored_to_its_end(here: Path, target: str) -> None:
    small, large = Size(64, 48), Size(128, 96)
    write_joined_video(here / "a.ts", ("libx264", small, 0.0), ("libx265", large, 1.0), ("libx264", small, 2.0))
    assert_done(restore(here, "a.ts", target, *BICUBIC))
    made = here / target / "index.m3u8" if target == "b" else here / target
    assert [(one.width, one.height) for one in read_video(made)] == [(128, 96)] * 30
    assert duration(made) == pytest.approx(3.0, abs=0.15)


def test_what_stands_still_is_held_unless_it_is_told_otherwise(here: Path) -> None:
    still = np.ascontiguousarray(read_picture(here / "a.png")[..., 1])
    moved = still.copy()
    moved[:16, :16] = 255 - moved[:16, :16]
    chroma = bytes([128]) * (still.size // 2)
    frames = b"".join(b"FRAME\n" + luma.tobytes() + chroma for luma in (still, moved))
    (here / "a.y4m").write_bytes(b"YUV4MPEG2 W96 H64 F10:1 Ip A1:1 C420mpeg2\n" + frames)
    for name, flags in (("held.y4m", ()), ("plain.y4m", ("--no-steady",))):
        assert_done(restore(here, "a.y4m", name, *NETWORK, "--threads", 1, *flags))
    network = open_upscaler("ear-s-x2", threads=1)
    alone = [network.luma(luma) for luma in (still, moved)]
    held, plain = ([one.to_ndarray()[:128] for one in read_video(here / name)] for name in ("held.y4m", "plain.y4m"))
    np.testing.assert_array_equal(plain, alone)
    np.testing.assert_array_equal(held[0], alone[0])
    below = slice(64, 128)
    assert np.any(alone[1][below] != alone[0][below]), "what the network sees elsewhere changes all of its picture"
    drift = [np.abs(second[below].astype(int) - first[below]).mean() for first, second in (held, plain)]
    assert drift[0] < drift[1] / 2, f"it drifts by {drift[0]:.3f} levels, and by {drift[1]:.3f} if it is not held"


@pytest.mark.parametrize(("crf", "changes"), [(10, False), (45, True)])
def test_a_second_pass_goes_on_with_what_was_coded_coarsely(here: Path, crf: int, changes: bool) -> None:
    write_video(here / "coded.mp4", 3, options={"crf": str(crf)})
    for name, passes in (("once.y4m", 1), ("twice.y4m", 2)):
        assert_done(restore(here, "coded.mp4", name, "--model", "ear-s-x2-video", "--threads", 1, "--passes", passes))
    assert ((here / "once.y4m").read_bytes() != (here / "twice.y4m").read_bytes()) == changes


def test_uneven_times_are_kept(here: Path) -> None:
    uneven = [0.0, 0.04, 0.5, 0.51, 1.7]
    write_video(here / "uneven.mkv", 5, times=uneven)
    assert_done(restore(here, "uneven.mkv", "b.mp4", *BICUBIC))
    assert [picture.time for picture in read_video(here / "b.mp4")] == pytest.approx(uneven, abs=0.001)


@pytest.mark.parametrize("name", ["cut.mkv", "cut.ts"])
def test_of_a_video_that_breaks_off_all_that_decodes_is_kept(here: Path, name: str) -> None:
    path = write_video(here / name, 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with av.open(str(path)) as container:
        decodable = sum(1 for _ in decoded(container))
    result = restore(here, name, "b.mp4", *BICUBIC)
    assert result.code == 0, result.stderr
    assert len(read_video(here / "b.mp4")) == decodable > 20


def decoded(container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
    """Every frame up to where the file breaks off."""
    try:
        yield from container.decode(video=0)
    except av.FFmpegError:
        return


# How it goes on


def on_a_terminal(here: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and what is shown."""
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    shown = bytearray()
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    command = [PROGRAM, "restore", *arguments]
    with subprocess.Popen(
        command, cwd=here, stdin=near, stdout=near, stderr=near, env={**kept, "TERM": "xterm"}
    ) as process:
        os.close(near)
        while True:
            try:
                shown += os.read(far, 4096)
            except OSError:
                break
    os.close(far)
    return process.returncode, shown.decode()


def test_a_terminal_shows_a_bar_that_gets_to_the_end(here: Path) -> None:
    code, shown = on_a_terminal(here, "clip.mp4", "b.mp4", *BICUBIC)
    assert code == 0, shown
    assert "clip.mp4" in shown
    assert "━" in shown
    assert "25/25" in shown


def test_a_failure_on_a_terminal_ends_with_its_line(here: Path) -> None:
    code, shown = on_a_terminal(here, "text.mp4", "b.mp4", *BICUBIC)
    assert code == InputError.exit_code
    assert "edge-vsr: text.mp4 is not a video" in shown.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("target", ["b.mp4", "b.y4m"])
def test_a_signal_on_the_way_leaves_nothing_behind(here: Path, number: signal.Signals, target: str) -> None:
    write_video(here / "long.mp4", 3000)
    before = tree(here)
    with subprocess.Popen([PROGRAM, "restore", "long.mp4", target], cwd=here, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while tree(here) == before and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT, stderr.decode()
    assert b"Traceback" not in stderr, stderr.decode()
    assert tree(here) == before


# What is refused

BAD: list[tuple[list[str], type[EdgeVsrError], str]] = [
    (["gone.png", "b.png"], InputError, "gone.png does not exist"),
    (["gone.mp4", "b.mp4"], InputError, "gone.mp4 does not exist"),
    (["rtsp:/u:geheim@host/x", "b.mp4"], UsageError, "edge-vsr: an address starts with rtsp://, with two slashes\n"),
    (["clip.mp4", "rtsp:/u:geheim@host/x"], UsageError, "edge-vsr: an address starts with rtsp://, with two slashes\n"),
    (["clip.mp4", "-"], UsageError, "clip.mp4 is a video; give an output that ends in"),
    (["text.png", "b.png"], InputError, "text.png is not a picture"),
    (["text.mp4", "b.mp4"], InputError, "text.mp4 is not a video"),
    (["empty.mkv", "b.mkv"], InputError, "empty.mkv is not a video"),
    (["/dev/null", "b.mp4"], InputError, "/dev/null is neither a file nor a folder"),
    (["folder", "new"], InputError, "folder has no pictures"),
    (["a.png", "b.mp4"], UsageError, "give an output that ends in .jpeg, .jpg, .png"),
    (["clip.mp4", "b.png"], UsageError, "give an output that ends in .mkv, .mp4, .y4m, a folder, or"),
    (["clip.mp4", "http://host/b"], UsageError, "give an output that ends in"),
    (["pictures", "b.png"], UsageError, "give a folder as output"),
    (["a.png", "folder"], UsageError, "folder is a folder; give a file, or a folder of pictures as input"),
    (["a.png", "a.png"], UsageError, "is the input itself"),
    (["clip.mp4", "./clip.mp4"], UsageError, "is the input itself"),
    (["pictures", "pictures"], UsageError, "is the input itself"),
    (["a.png", "gone/b.png"], OutputError, "folder gone does not exist"),
    (["a.png", "text.mp4/b.png"], OutputError, "folder text.mp4 is not a folder"),
    (["clip.mp4", "text.mp4/b.mp4"], OutputError, "folder text.mp4 is not a folder"),
    (["pictures", "text.mp4/out"], OutputError, "cannot make folder text.mp4/out"),
    (["a.png", "/proc/b.png"], OutputError, "cannot write /proc/b.png"),
    (["clip.mp4", "/proc/b.mp4"], OutputError, "cannot write /proc/b.mp4"),
    (["clip.mp4", "/proc/b.y4m"], OutputError, "cannot write /proc/b.y4m"),
    (["a.png", "x" * 249 + ".png"], OutputError, "File name too long"),
    (["a.png", "x" * 300 + ".png"], UsageError, "File name too long"),
    (["a.png", "b.png", "--watch"], UsageError, "--watch is for a folder"),
    (["a.png", "b.png", "--seconds", "1"], UsageError, "--seconds is for one video"),
    ([".", "out", "--size", "320x240"], UsageError, "--size is for one video"),
    (["clip.mp4", "b.mp4", "--seconds", "nan"], UsageError, "invalid value for '--seconds'"),
    (["clip.mp4", "b.mp4", "--passes", "3"], UsageError, "invalid value for '--passes'"),
    (["clip.mp4", "b.mp4", "--size", "99999999999999999999x2"], UsageError, "--size: the encoder cannot take"),
    (["clip.mp4", "b.mp4", "--size", "15x20"], UsageError, "--size: the encoder cannot take 15x20"),
    (["a.png", "b.png", "--model", "ear-xl"], ModelError, "there are: bicubic, "),
    (["a.png", "b.png", "--runtime", "tensorrt"], UsageError, "choose auto, onnxruntime or openvino"),
]


@pytest.mark.parametrize(("arguments", "kind", "says"), BAD, ids=[f"{n}-{case[2]}" for n, case in enumerate(BAD)])
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    here: Path, arguments: list[str], kind: type[EdgeVsrError], says: str
) -> None:
    before = tree(here)
    flags = [] if {"--model", "--runtime"} & set(arguments) else BICUBIC
    assert_refused(restore(here, *arguments, *flags), kind, says)
    assert tree(here) == before


def test_a_video_that_says_to_be_huge_is_one_line_and_writes_nothing(here: Path) -> None:
    (here / "a.y4m").write_bytes(b"YUV4MPEG2 W16384 H16384 F10:1 Ip A1:1 C420mpeg2\nFRAME\n" + bytes(24))
    before = tree(here)
    assert_refused(restore(here, "a.y4m", "b.mp4", *BICUBIC), InputError, "its pictures are too large")
    assert tree(here) == before


def test_a_video_too_small_for_the_encoder_is_one_line_and_writes_nothing(here: Path) -> None:
    (here / "a.y4m").write_bytes(b"YUV4MPEG2 W4 H4 F10:1 Ip A1:1 C420mpeg2\nFRAME\n" + bytes(24))
    before = tree(here)
    assert_refused(restore(here, "a.y4m", "b.mp4", *BICUBIC), EncoderError, "cannot take 8x8")
    assert tree(here) == before


def test_a_picture_among_many_that_cannot_be_read_does_not_stop_the_others(here: Path) -> None:
    (here / "pictures" / "bad.png").write_text("")
    assert_refused(restore(here, "pictures", "out", *BICUBIC), InputError, "1 of 4 files failed: pictures/bad.png")
    assert tree(here / "out") == {"one.png", "two.png", "three.png"}


WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", PROGRAM)
"""Root, too, may then not do what a file's mode forbids."""


@pytest.mark.parametrize(
    ("source", "target", "kind", "says"),
    [
        ("a.png", "readonly/b.png", OutputError, "cannot write readonly/b.png: Permission denied"),
        ("clip.mp4", "readonly/b.mp4", OutputError, "cannot write readonly/b.mp4: Permission denied"),
        ("clip.mp4", "readonly", OutputError, "cannot write to the folder readonly: Permission denied"),
        ("clip.mp4", "closed", OutputError, "cannot write to the folder closed: Permission denied"),
        ("clip.mp4", "closed/b.mp4", UsageError, "closed/b.mp4: Permission denied"),
        ("pictures", "readonly/new", OutputError, "cannot make folder readonly/new: Permission denied"),
        ("closed", "new", InputError, "folder closed cannot be read: Permission denied"),
        ("secret.png", "b.png", InputError, "secret.png cannot be read: Permission denied"),
        ("secret.mp4", "b.mp4", InputError, "secret.mp4 is not a video that can be read: Permission denied"),
        ("secret.m3u8", "b.mp4", InputError, "secret.m3u8 cannot be read: Permission denied"),
    ],
)
def test_a_place_without_the_rights_to_it_is_one_line(
    here: Path, source: str, target: str, kind: type[EdgeVsrError], says: str
) -> None:
    for name, mode in (("readonly", 0o555), ("closed", 0o000)):
        (here / name).mkdir()
        (here / name).chmod(mode)
    for name in ("secret.png", "secret.mp4", "secret.m3u8"):
        (here / name).touch(mode=0o000)
    before = tree(here)
    result = edge_vsr("restore", source, target, *BICUBIC, cwd=here, program=WITHOUT_RIGHTS)
    assert_refused(result, kind, says)
    assert tree(here) == before


LIMITED = f"""
import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
os.execv({PROGRAM!r}, [{PROGRAM!r}, *sys.argv[1:]])
"""


@pytest.mark.parametrize(
    ("source", "target"),
    [("a.png", "b.png"), ("pictures", "out"), *(("clip.mp4", f"b.{x}") for x in ("mp4", "mkv", "y4m"))],
)
def test_a_file_that_cannot_grow_is_one_line_and_leaves_nothing(here: Path, source: str, target: str) -> None:
    """As on a full disk, in the middle of a write; without the rights to make one."""
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    cv2.imwrite(str(here / "a.png"), noise)
    cv2.imwrite(str(here / "pictures" / "one.png"), noise)
    write_noisy_video(here / "clip.mp4")
    before = tree(here)
    result = edge_vsr("restore", source, target, *BICUBIC, cwd=here, program=(sys.executable, "-c", LIMITED))
    assert_refused(result, OutputError, "File too large")
    assert tree(here) - before <= {"out"}, "nothing but the folder"


def write_noisy_video(path: Path) -> None:
    """One that does not become small."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(60):
            noise = rng.integers(0, 256, (72, 64), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="yuv420p")))
        container.mux(stream.encode())
