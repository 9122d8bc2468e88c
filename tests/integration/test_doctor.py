"""`edge-vsr doctor` on this machine, and at far ends that are well and that are not."""

import json
import socket
from pathlib import Path

import pytest

from edge_vsr.doctor.finding import Level
from edge_vsr.doctor.uplink import TRIAL, TRIAL_BYTES, check_uplink
from edge_vsr.errors import MissingDependency, UsageError
from edge_vsr.uplink.options import UplinkOptions
from tests.integration.command import edge_vsr
from tests.integration.nginx import webdav
from tests.integration.servers import free_port

SECRET = "S3CR3T"
WARNED, FAILED = 10, 11


def test_the_whole_of_it_for_programs_and_for_people(tmp_path: Path) -> None:
    file = tmp_path / "front.toml"
    file.write_text(f'camera = "demo"\nuplink = "http://u:{SECRET}@127.0.0.1:{free_port()}/x"\nspool_mb = 1\n')
    outcome = edge_vsr("doctor", "--json", "--config", file, state=tmp_path)
    findings = {entry["name"]: entry for entry in json.loads(outcome.output)}
    assert outcome.code == FAILED, outcome.output
    assert findings["uplink"]["level"] == "error"
    assert findings["uplink"]["fix"]
    assert {"processor", "onnxruntime", "ear-s-x2", "x264", "memory", "disk", "date", "heat"} <= findings.keys()
    assert all(entry.keys() == {"name", "level", "text", "fix"} for entry in findings.values())
    assert SECRET not in outcome.output
    table = edge_vsr("doctor", state=tmp_path)
    assert table.code in (0, WARNED), table.output
    assert "ear-s-x2" in table.output


def test_a_variable_is_as_good_as_a_key_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "front.toml"
    file.write_text('camera = "demo"\nuplink = "out"\n')
    words = ("doctor", "--json", "--config", file)
    outcome = edge_vsr(
        *words, state=tmp_path, EDGE_VSR_CAMERA=str(tmp_path), EDGE_VSR_SPOOL=str(file), EDGE_VSR_SPOOL_MB="20"
    )
    findings = {entry["name"]: entry for entry in json.loads(outcome.output)}
    assert findings["camera"]["text"] == f"'{tmp_path}' is a folder"
    assert findings["disk"]["text"] == f"{file} is no folder"
    refused = edge_vsr("doctor", state=tmp_path, EDGE_VSR_SPOOL_MB="many")
    assert refused.code == UsageError.exit_code
    assert refused.output == "edge-vsr: EDGE_VSR_SPOOL_MB: give a number, 1 or more\n"


@pytest.fixture(params=["numpy", "cv2", "av"])
def too_new(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A package that is built for another processor, and where it is found before the right one."""
    package = tmp_path / "packages" / request.param
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGILL)\n")
    return request.param, str(tmp_path / "packages")


def test_an_illegal_instruction_is_reported_and_not_suffered(tmp_path: Path, too_new: tuple[str, str]) -> None:
    name, path = too_new
    outcome = edge_vsr("doctor", "--json", state=tmp_path, PYTHONPATH=path)
    assert outcome.code == FAILED, outcome.output
    findings = {entry["name"]: entry for entry in json.loads(outcome.output)}
    assert "an illegal instruction" in findings[name]["text"]
    assert findings[name]["fix"].startswith("build one for this processor: pip install")
    assert {"processor", "memory", "date", "heat", "the rest"} <= findings.keys(), "what needs no package is examined"


def test_a_package_that_does_not_start_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('libavcodec.so.62: cannot open shared object file')\n")
    outcome = edge_vsr("run", "--camera", "demo", "--uplink", "out", state=tmp_path, PYTHONPATH=str(tmp_path))
    assert outcome.code == MissingDependency.exit_code
    assert outcome.output == (
        "edge-vsr: a package does not start (libavcodec.so.62: cannot open shared object file); "
        "edge-vsr doctor tells which, and what to do\n"
    )


def test_a_far_end_that_takes_segments(tmp_path: Path) -> None:
    port = free_port()
    with webdav(tmp_path, port):
        reach, rate = check_uplink(f"http://127.0.0.1:{port}/", UplinkOptions())
    assert (reach.name, reach.level.name) == ("uplink", "OK"), reach
    assert (rate.name, rate.fix) == ("rate", ""), rate
    assert [path.stat().st_size for path in tmp_path.rglob(TRIAL)] == [TRIAL_BYTES]


@pytest.mark.parametrize(("send", "level"), [(True, "ERROR"), (False, "NOTE")])
def test_a_far_end_that_answers_and_refuses_is_found_by_sending(tmp_path: Path, send: bool, level: str) -> None:
    port = free_port()
    with webdav(tmp_path, port, server="location /closed { return 403; }"):
        reach, rate = check_uplink(f"http://u:{SECRET}@127.0.0.1:{port}/closed/", UplinkOptions(), send=send)
    assert (reach.level.name, rate.level.name) == ("OK", level)
    assert SECRET not in rate.text


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (f"http://u:{SECRET}@127.0.0.1:{{port}}/x", "Connection refused"),
        (f"rtsp://u:{SECRET}@no.such.host.invalid/x", "its name has no address"),
        (f"ftp://u:{SECRET}@host/x", "no uplink over ftp://"),
    ],
)
def test_a_far_end_that_cannot_be_reached(spec: str, says: str) -> None:
    (finding,) = check_uplink(spec.format(port=free_port()), UplinkOptions())
    assert finding.level.name == "ERROR"
    assert says in finding.text
    assert SECRET not in finding.text


def test_a_far_end_over_udp_is_not_tried() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        (finding,) = check_uplink(f"srt://127.0.0.1:{there.getsockname()[1]}?passphrase={SECRET * 4}", UplinkOptions())
    assert finding.level is Level.NOTE
    assert "SRT goes over UDP" in finding.text
    assert SECRET not in finding.text


def test_a_folder_that_can_be_written_is_the_disk_s_business(tmp_path: Path) -> None:
    assert not list(check_uplink(str(tmp_path / "not" / "yet"), UplinkOptions()))
    assert not list(tmp_path.iterdir()), "it was made"


@pytest.mark.parametrize("below", ["", "/below"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    (tmp_path / "out").touch()
    (finding,) = check_uplink(f"{tmp_path}/out{below}", UplinkOptions())
    assert finding.level.name == "ERROR"
    assert finding.text.endswith(f"{tmp_path}/out is no folder")
