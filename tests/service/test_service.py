"""The service under a real systemd as PID 1; `run` boots it. Tests follow the life of an installation, in order."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from peers import MjpegCamera, listening  # type: ignore[import-not-found]  # beside this file

PROGRAM = "/opt/edge-vsr/bin/edge-vsr"
UNIT = Path("/etc/systemd/system/edge-vsr@.service")
CONFIGURATION = Path("/etc/edge-vsr/front.toml")
SPOOL = Path("/var/lib/private/edge-vsr/front/spool")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
STOP_SECONDS = 5.0
CLOSED_PORT = 9
"""Of a far end that is away."""
FROZEN = Path("/run/frozen")
FREEZER = """
import pathlib, time
from edge_vsr.codec.ffmpeg import FfmpegEncoder

encode = FfmpegEncoder.encode

def hanging(*arguments, **more):
    while pathlib.Path("/run/frozen").exists():
        time.sleep(0.1)
    return encode(*arguments, **more)

FfmpegEncoder.encode = hanging
"""
"""A stage that hangs as long as there is a file."""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100)


def service(*words: str) -> subprocess.CompletedProcess[str]:
    return run(PROGRAM, "service", *words)


def systemctl(*words: str) -> str:
    done = run("systemctl", *words)
    assert done.returncode == 0, f"systemctl {' '.join(words)}: {done.stderr}\n{journal()}"
    return done.stdout


def shown(key: str, name: str = "front") -> str:
    return systemctl("show", "--value", f"--property={key}", f"edge-vsr@{name}").strip()


def journal(since: float = 0.0) -> str:
    return run("journalctl", "--no-pager", "--output=cat", f"--since=@{since:.0f}", "--unit=edge-vsr@front").stdout


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"no sign of {what}; it says {shown('StatusText')!r}\n{journal()}"
        time.sleep(0.2)


def configure(name: str = "front", **keys: object) -> None:
    """A light run to a far end that is away, unless `keys` say otherwise; None leaves one out."""
    path = CONFIGURATION.with_name(f"{name}.toml")
    light = {"camera": "demo", "uplink": f"http://user:secret@127.0.0.1:{CLOSED_PORT}/", "size": "160x120", "fps": 10}
    # A string in JSON is one in TOML.
    wanted = {**light, "sr": "off", **keys}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in wanted.items() if value is not None]
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines))
    path.chmod(0o600)


def segments(name: str = "front") -> set[str]:
    return {path.name for path in (SPOOL.parents[1] / name).rglob("*.ts")}


@pytest.fixture(scope="module", autouse=True)
def leaves_nothing() -> Iterator[None]:
    yield
    FROZEN.unlink(missing_ok=True)
    service("uninstall", "--purge")


@pytest.fixture
def installed() -> None:
    assert service("install").returncode == 0
    systemctl("stop", "edge-vsr@*")
    run("systemctl", "reset-failed", "edge-vsr@*")
    configure()


def test_a_user_without_rights_is_told_and_nothing_is_written() -> None:
    for command in ("install", "uninstall"):
        refused = run(*NOBODY, PROGRAM, "service", command)
        assert refused.returncode == 5
        assert refused.stderr.endswith("that takes root's rights; put sudo before the command\n")
        assert refused.stderr.count("\n") == 1
    assert not UNIT.exists()


def test_what_the_sandbox_would_hide_is_refused(tmp_path: Path) -> None:
    hidden = Path("/root/edge-vsr")
    hidden.symlink_to(PROGRAM)
    try:
        refused = run(str(hidden), "service", "install")
    finally:
        hidden.unlink()
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "/opt/edge-vsr" in refused.stderr
    assert not UNIT.exists()


def test_installing_twice_is_installing_once() -> None:
    assert service("install").stdout.startswith("edge-vsr@.service is installed\n")
    written = UNIT.stat().st_mtime_ns
    assert service("install").stdout.startswith("edge-vsr@.service is up to date\n")
    assert UNIT.stat().st_mtime_ns == written
    assert f"ExecStart={PROGRAM} run" in UNIT.read_text()


def test_the_unit_is_sound_and_closed_to_the_outside(installed: None) -> None:
    verified = run("systemd-analyze", "verify", "--recursive-errors=yes", "edge-vsr@front.service")
    assert (verified.returncode, verified.stderr) == (0, "")
    secure = run("systemd-analyze", "security", "--threshold=20", "edge-vsr@front.service")
    assert secure.returncode == 0, secure.stdout


def test_a_start_is_over_with_the_first_frame_and_a_stop_flushes_the_spool(installed: None) -> None:
    began = time.time()
    systemctl("enable", "--now", "--quiet", "edge-vsr@front")
    assert shown("ActiveState") == "active"
    wait_for(lambda: "uplink away" in shown("StatusText"), "the status in words")
    wait_for(lambda: len(segments()) >= 2, "segments in the spool")
    assert "secret" not in run("systemctl", "status", "--no-pager", "edge-vsr@front").stdout
    listed = service("status").stdout
    assert re.search(r"front +active \(running\) +0 +.*uplink away", listed), listed

    took = stopped_in()
    assert shown("Result") == "success", journal(began)
    said = journal(began)
    found = re.search(r"(\d+) frames captured, (\d+) encoded, .* (\d+) wait in the spool", said)
    assert found, said
    captured, encoded, waiting = map(int, found.groups())
    stored = sum(json.loads(path.read_text())["frames"] for path in SPOOL.parent.rglob("*.ts.json"))
    assert captured == encoded == stored, "frames were lost on the way to the spool"
    assert len(segments()) == waiting
    assert "secret" not in said
    print(f"\nstopped in {took:.1f} s with {encoded} frames in {waiting} segments flushed")  # noqa: T201
    # A machine that is busy with something else takes longer, but not each time.
    for _ in range(2):
        if took >= STOP_SECONDS:
            systemctl("start", "edge-vsr@front")
            wait_for(lambda: "uplink away" in shown("StatusText"), "the status in words")
            took = min(took, stopped_in())
    assert took < STOP_SECONDS


def stopped_in() -> float:
    """Seconds."""
    before = time.monotonic()
    systemctl("stop", "edge-vsr@front")
    return time.monotonic() - before


def test_what_is_stored_is_the_service_s_alone(installed: None) -> None:
    for path in SPOOL.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, f"others can read {path}"
    reached = run(*NOBODY, "ls", "/var/lib/private/edge-vsr/front")
    assert reached.returncode != 0, "others can look into the state folder"


def test_secrets_may_stand_in_files_beside_the_configuration(installed: None) -> None:
    store = Path("/etc/credstore")
    secrets = {"uplink": f"http://user:secret@127.0.0.1:{CLOSED_PORT}/by-credential/", "metrics_token": "T0KEN"}
    files = {store / f"edge-vsr.front.{name}": secret for name, secret in secrets.items()}
    store.mkdir(mode=0o700, exist_ok=True)
    configure(uplink=None)
    try:
        for path, secret in files.items():
            path.write_text(f"{secret}\n")
            path.chmod(0o600)
        systemctl("start", "edge-vsr@front")
        wait_for(lambda: "front" in states(), "its state")
        state = states()["front"]
        assert "/by-credential/" in str(state["name"])
        assert "secret" not in str(state)
        address = f"http://{state['metrics']}/metrics"
        with pytest.raises(HTTPError, match="401") as refused:
            urlopen(address, timeout=30)
        refused.value.close()
        with urlopen(Request(address, headers={"Authorization": "Bearer T0KEN"}), timeout=30) as answer:
            assert b"edge_vsr_well" in answer.read()
    finally:
        systemctl("stop", "edge-vsr@front")
        for path in files:
            path.unlink(missing_ok=True)


def test_a_stage_that_hangs_has_the_service_killed_and_started_anew(installed: None) -> None:
    freezer = Path("/usr/local/lib/freezer")
    freezer.mkdir(exist_ok=True)
    (freezer / "sitecustomize.py").write_text(FREEZER)
    drop_in = Path("/run/systemd/system/edge-vsr@front.service.d/freezer.conf")
    drop_in.parent.mkdir(parents=True, exist_ok=True)
    drop_in.write_text(f"[Service]\nEnvironment=PYTHONPATH={freezer}\nWatchdogSec=5\nRestartSec=1\n")
    systemctl("daemon-reload")
    try:
        began = time.time()
        systemctl("start", "edge-vsr@front")
        first = shown("MainPID")
        wait_for(lambda: segments(), "a segment")
        before = segments()
        FROZEN.touch()
        wait_for(lambda: shown("StatusText") == "hangs: encode", "the stage that hangs", 90.0)
        wait_for(lambda: int(shown("NRestarts")) == 1, "a restart", 90.0)
        FROZEN.unlink()
        wait_for(lambda: shown("ActiveState") == "active", "a service that runs again")
        assert shown("MainPID") != first
        assert "Watchdog timeout" in journal(began)
        assert before <= segments(), "the spool lost what was in it"
        wait_for(lambda: segments() - before, "new segments")
    finally:
        FROZEN.unlink(missing_ok=True)
        shutil.rmtree(drop_in.parent)
        systemctl("stop", "edge-vsr@front")
        systemctl("daemon-reload")


def test_a_camera_that_is_away_at_boot_is_waited_for(installed: None) -> None:
    with listening(MjpegCamera) as port:
        pass
    configure(camera=f"http://user:secret@127.0.0.1:{port}/stream")
    systemctl("start", "--no-block", "edge-vsr@front")
    wait_for(lambda: shown("StatusText").startswith("waiting for the camera:"), "a service that waits")
    assert shown("ActiveState") == "activating"
    assert "secret" not in shown("StatusText")
    with listening(MjpegCamera, port):
        wait_for(lambda: shown("ActiveState") == "active", "a service that runs")
        assert int(shown("NRestarts")) == 0
    wait_for(lambda: "camera away" in shown("StatusText"), "a camera that is away again")
    assert shown("ActiveState") == "active"


def test_two_cameras_on_one_box_do_not_disturb_each_other(installed: None) -> None:
    names = ("front", "back")
    try:
        for name in names:
            configure(name)
            systemctl("start", f"edge-vsr@{name}")
        wait_for(lambda: all(len(segments(name)) >= 2 for name in names), "segments of both")
        wait_for(lambda: set(states()) == set(names), "a state of each")
        assert not segments("front") & segments("back"), "one has what is the other's"
        addresses = {name: states()[name]["metrics"] for name in names}
        assert len(set(addresses.values())) == 2, addresses
        for name, address in addresses.items():
            with urlopen(f"http://{address}/metrics", timeout=30) as answer:
                assert b"edge_vsr_segments_total" in answer.read(), f"{name} has no metrics"
        assert set(re.findall(r"^ *(\w+) +active \(running\)", service("status").stdout, re.MULTILINE)) == set(names)

        seen = run(*NOBODY, PROGRAM, "status")
        assert seen.returncode == 4
        assert all(f"{name} may not be looked at by you; put sudo before" in seen.stderr for name in names), seen.stderr

        other = shown("MainPID", "back")
        systemctl("kill", "--signal=KILL", "edge-vsr@front")
        wait_for(lambda: int(shown("NRestarts")) == 1 and shown("ActiveState") == "active", "front, started anew")
        before = segments("back")
        wait_for(lambda: segments("back") - before, "more segments of back")
        systemctl("stop", "edge-vsr@front")
        kept, before = segments("front"), segments("back")
        wait_for(lambda: segments("back") - before, "more segments of back")
        wait_for(lambda: set(states()) == {"back"}, "the state of back alone")
        assert segments("front") == kept
        assert (shown("MainPID", "back"), shown("NRestarts", "back")) == (other, "0")
    finally:
        run("systemctl", "stop", "edge-vsr@back")


def states() -> dict[str, dict[str, object]]:
    return dict(json.loads(run(PROGRAM, "status", "--json").stdout))


def test_a_mistake_in_the_configuration_is_told_once(installed: None) -> None:
    began = time.time()
    configure(upling="/tmp")
    assert run("systemctl", "start", "edge-vsr@front").returncode != 0
    assert (shown("ActiveState"), shown("NRestarts")) == ("failed", "0")
    assert "upling" in journal(began)


def test_an_upgrade_keeps_configuration_and_spool(installed: None) -> None:
    UNIT.write_text("# of an earlier version\n" + UNIT.read_text())
    configuration, spool = CONFIGURATION.read_bytes(), segments()
    assert spool
    assert service("install").stdout.startswith("edge-vsr@.service is installed\n")
    assert "earlier version" not in UNIT.read_text()
    assert (CONFIGURATION.read_bytes(), segments()) == (configuration, spool)


def test_the_log_of_an_instance_is_shown(installed: None) -> None:
    shown = service("logs", "front", "-n", "500")
    assert shown.returncode == 0
    assert "frames captured" in shown.stdout
    assert service("logs", "../front").returncode == 2


def test_uninstalling_leaves_configuration_and_spool_or_nothing(installed: None) -> None:
    systemctl("enable", "--now", "--quiet", "edge-vsr@front")
    removed = service("uninstall")
    assert removed.returncode == 0, removed.stderr
    assert "/etc/edge-vsr" in removed.stdout
    assert CONFIGURATION.exists()
    assert segments()
    assert not UNIT.exists()
    assert run("systemctl", "list-units", "--all", "--no-legend", "edge-vsr@*").stdout == ""
    assert service("status").stdout.startswith("no instance")

    assert service("uninstall", "--purge").stdout == "edge-vsr@.service is removed\n"
    places = ["/etc", "/var", "/run", "/usr/local/bin", "/usr/lib/systemd"]
    left = run("find", *places, "-xdev", "-iname", "*edge-vsr*").stdout
    assert left == "", f"left behind:\n{left}"
    assert service("uninstall").returncode == 0, "nothing to remove is no error"
