"""Runtimes, picamera2, encoders and models: what is said of each way to fail."""

import signal
from pathlib import Path

import pytest

from edge_vsr.doctor import subprocesses
from edge_vsr.doctor.encoders import check_encoders
from edge_vsr.doctor.finding import Finding, Level, worst
from edge_vsr.doctor.models import check_models
from edge_vsr.doctor.picamera import CLASH, INSTALL, check_picamera
from edge_vsr.doctor.runtimes import check_runtimes
from edge_vsr.doctor.subprocesses import Outcome, run_python
from edge_vsr.errors import ModelError
from edge_vsr.sr.library import Library
from edge_vsr.sr.store import ModelStore, bundled_store
from tests.unit.doctor.probes import ending, ending_by


def by_name(findings: object) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}  # type: ignore[attr-defined]


def test_a_child_that_is_killed_is_survived() -> None:
    outcome = run_python("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert outcome.code == -signal.SIGILL
    assert outcome.reason == "it is killed by SIGILL"


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "PATIENCE", 0.2)
    assert run_python("import time; time.sleep(3600)").code is None


def test_a_child_that_cannot_be_started_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path))
    assert run_python("pass").reason == f"{tmp_path} cannot be run: Permission denied"


def test_a_child_s_last_word_is_its_reason() -> None:
    assert run_python("raise ValueError('numpy.dtype size changed')").reason == "ValueError: numpy.dtype size changed"


def test_an_illegal_instruction_is_named() -> None:
    found = by_name(check_runtimes(("onnxruntime",), ending(code=-signal.SIGILL)))
    assert "illegal instruction" in found["onnxruntime"].text
    assert found["openvino"].level is Level.NOTE
    assert found["runtimes"].level is Level.ERROR


def test_one_runtime_that_works_is_enough() -> None:
    found = list(check_runtimes(("onnxruntime",), ending(output="1.31.1")))
    assert found[0].text == "version 1.31.1"
    assert worst(found) is Level.NOTE


def test_a_runtime_that_does_not_import_is_to_be_installed_again() -> None:
    found = by_name(check_runtimes(("onnxruntime", "openvino"), ending(code=1, error="ImportError: libx.so")))
    assert found["onnxruntime"].fix == "pip install --force-reinstall onnxruntime"
    assert "ImportError: libx.so" in found["onnxruntime"].text


@pytest.fixture
def raspberry(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    return model


MISSING = Outcome(1, "", "ModuleNotFoundError: No module named 'libcamera'")


def test_a_raspberry_without_libcamera_gets_the_exact_fix(raspberry: Path, tmp_path: Path) -> None:
    (finding,) = check_picamera(raspberry, lambda _: MISSING)
    assert (finding.level, finding.fix) == (Level.WARNING, INSTALL)
    assert "python3-picamera2" in INSTALL
    assert "--system-site-packages" in INSTALL
    (elsewhere,) = check_picamera(tmp_path / "none", lambda _: MISSING)
    assert elsewhere.level is Level.NOTE


def test_a_clash_of_numpy_versions_is_not_taken_for_a_missing_camera(raspberry: Path) -> None:
    clash = Outcome(1, "", "ValueError: numpy.dtype size changed, may indicate binary incompatibility")
    found = by_name(check_picamera(raspberry, ending_by({"picamera2": clash, "libcamera": Outcome(0, "1", "")})))
    assert found["libcamera"].level is Level.OK
    assert (found["picamera2"].level, found["picamera2"].fix) == (Level.ERROR, CLASH)
    assert "numpy.dtype size changed" in found["picamera2"].text


def test_what_picamera2_needs_may_be_missing(raspberry: Path) -> None:
    half = Outcome(1, "", "ModuleNotFoundError: No module named 'pykms'")
    found = by_name(check_picamera(raspberry, ending_by({"picamera2": half, "libcamera": Outcome(0, "1", "")})))
    assert (found["picamera2"].level, found["picamera2"].fix) == (Level.ERROR, INSTALL)


def test_a_raspberry_that_sees_no_camera_has_a_cable_to_check(raspberry: Path) -> None:
    found = list(check_picamera(raspberry, ending(output="0")))
    assert worst(found) is Level.WARNING
    assert "cable" in found[0].fix


def test_an_encoder_has_encoded_a_frame() -> None:
    found = by_name(check_encoders())
    assert found["x264"].level is Level.OK, found["x264"].text


def test_without_the_software_encoder_nothing_works() -> None:
    found = by_name(check_encoders(ending(code=1, error="no codec")))
    assert found["x264"].level is Level.ERROR
    assert found["h264_v4l2m2m"].level is Level.NOTE


def test_released_models_are_verified() -> None:
    found = list(check_models())
    assert {finding.name for finding in found} == set(bundled_store().models)
    assert worst(found) is Level.OK


def test_models_that_are_missing_are_an_error(tmp_path: Path) -> None:
    (finding,) = check_models(lambda: Library((ModelStore(tmp_path),)))
    assert finding.level is Level.ERROR
    assert "reinstall" in finding.fix
    with pytest.raises(ModelError):
        ModelStore(tmp_path)
