from pathlib import Path

import pytest

from edge_vsr.config import RunConfig, SuperResolution, default_spool
from edge_vsr.errors import UsageError
from edge_vsr.rung import Rung

AUTO, ON, OFF = SuperResolution.AUTO, SuperResolution.ON, SuperResolution.OFF


@pytest.mark.parametrize(
    ("sr", "rung", "least", "most"),
    [
        (AUTO, None, Rung.STILL, Rung.ENHANCED),
        (ON, None, Rung.ENHANCED, Rung.ENHANCED),
        (OFF, None, Rung.STILL, Rung.NATIVE),
        (AUTO, Rung.STILL, Rung.STILL, Rung.STILL),
        (AUTO, Rung.LOW, Rung.LOW, Rung.LOW),
        (OFF, Rung.NATIVE, Rung.NATIVE, Rung.NATIVE),
        (ON, Rung.ENHANCED, Rung.ENHANCED, Rung.ENHANCED),
    ],
)
def test_flags_bound_the_ladder(sr: SuperResolution, rung: Rung | None, least: Rung, most: Rung) -> None:
    config = RunConfig("demo", "out", sr=sr, rung=rung)
    assert (config.least, config.most) == (least, most)


@pytest.mark.parametrize(("sr", "rung"), [(OFF, Rung.ENHANCED), (ON, Rung.NATIVE), (ON, Rung.LOW), (ON, Rung.STILL)])
def test_flags_that_contradict_each_other_are_refused(sr: SuperResolution, rung: Rung) -> None:
    with pytest.raises(UsageError, match="leave out --"):
        RunConfig("demo", "out", sr=sr, rung=rung)


def test_secrets_are_not_in_its_repr() -> None:
    secret = "S3CR3T"
    config = RunConfig(f"rtsp://u:{secret}@c/", f"https://u:{secret}@h/", bearer_token=secret)
    assert secret not in repr(config)


@pytest.mark.parametrize("parallel", [0, 5])
def test_parallelism_has_bounds(parallel: int) -> None:
    with pytest.raises(UsageError, match=r"--parallel .* from 1 to 4"):
        RunConfig("demo", "out", parallel=parallel)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_each_camera_and_each_far_end_has_a_spool_of_its_own(state: Path) -> None:
    spools = {
        default_spool(camera, uplink)
        for camera in ("demo", "0", "rtsp://u@cam/a", "rtsp://u@cam/a?channel=2")
        for uplink in ("out", "http://host/a", "http://u@host/a", "srt://host:1?streamid=a")
    }
    assert len(spools) == 16
    assert {spool.parent for spool in spools} == {state / "edge-vsr" / "spool"}


def test_the_same_run_has_the_same_spool() -> None:
    assert default_spool("demo", "http://host/a") == default_spool("demo", "http://host/a")


def test_what_waits_is_found_again_when_passwords_and_signatures_changed() -> None:
    before = default_spool("rtsp://u:one@cam/a", "https://v:one@host/a?sig=1")
    assert default_spool("rtsp://u:two@cam/a", "https://v:two@host/a?sig=2") == before


def test_one_folder_has_one_spool_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        default_spool("demo", "out") == default_spool("demo", "./x/../out") == default_spool("demo", f"{tmp_path}/out")
    )


@pytest.mark.parametrize(
    "camera", ["rtsp://user:S3CR3T@cam/a", "http://cam/a?token=S3CR3T", "rtsp://user:x/S3CR3T@cam/a"]
)
def test_the_spool_s_path_has_no_secret(camera: str) -> None:
    assert "S3CR3T" not in str(default_spool(camera, "http://user:S3CR3T@host/?key=S3CR3T"))


@pytest.mark.parametrize("camera", ["/dev/v4l/by-id/usb-a_b-video-index0", "../..", "/", "clip ü.mp4", "x" * 500])
def test_the_spool_s_name_is_a_plain_one(camera: str, state: Path) -> None:
    spool = default_spool(camera, "out")
    assert spool.parent == state / "edge-vsr" / "spool"
    assert len(spool.name) < 60


def test_a_service_keeps_its_spool_where_systemd_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/edge-vsr:/var/lib/other")
    assert default_spool("demo", "out").parent == Path("/var/lib/edge-vsr/spool")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a service's own user is."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(Path, "home", no_home)


def test_a_service_needs_no_home(homeless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/edge-vsr")
    assert default_spool("demo", "out").parent == Path("/var/lib/edge-vsr/spool")


def test_without_home_and_service_a_folder_must_be_given(homeless: None) -> None:
    with pytest.raises(UsageError, match="give a folder with --spool"):
        default_spool("demo", "out")


def test_without_any_variable_it_is_below_the_user_s_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_spool("demo", "out").is_relative_to(Path.home() / ".local/state/edge-vsr/spool")
