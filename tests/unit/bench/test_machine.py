from pathlib import Path

import pytest

from edge_vsr.bench.machine import Box, is_emulated, processor

X86 = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Some Processor @ 2.50GHz
flags\t\t: fpu avx2 avx512_vnni
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp\nCPU part\t: 0xd0b\n"


def test_a_processor_has_a_name_and_abilities() -> None:
    assert processor(X86) == "Some Processor @ 2.50GHz with AVX-512 VNNI"
    assert processor(X86.replace("avx512_vnni", "")) == "Some Processor @ 2.50GHz"
    assert processor(ARM) == "Cortex-A76 with dot products"


def test_a_processor_without_a_name_is_called_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert processor("processor\t: 0\nFeatures\t: fp asimd asimddp\n") == "aarch64 with dot products"


@pytest.mark.parametrize(
    ("machine", "cpuinfo", "kernel", "emulated"),
    [
        ("x86_64", X86, "", False),
        ("x86_64", X86, "x86_64\n", False),
        ("aarch64", ARM, "", False),
        ("aarch64", ARM, "aarch64\n", False),
        ("armv7l", ARM, "aarch64\n", False),
        ("aarch64", X86, "", True),
        ("aarch64", ARM, "x86_64\n", True),
        ("riscv64", "", "", False),
    ],
)
def test_an_emulated_processor_is_told_from_a_real_one(machine: str, cpuinfo: str, kernel: str, emulated: bool) -> None:
    assert is_emulated(machine, cpuinfo, kernel) is emulated


def test_a_box_is_described(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(X86)
    (tmp_path / "meminfo").write_text("MemTotal:       4096000 kB\n")
    board = tmp_path / "firmware/devicetree/base/model"
    board.parent.mkdir(parents=True)
    board.write_text("Some Board 5\0")
    box = Box.this(tmp_path, tmp_path)
    assert (box.board, box.memory_mib) == ("Some Board 5", 4000)
    assert "onnxruntime" in box.runtimes


def test_a_machine_that_tells_nothing_is_described_as_well(tmp_path: Path) -> None:
    box = Box.this(tmp_path, tmp_path)
    assert (box.board, box.memory_mib, box.emulated) == ("", 0, False)
