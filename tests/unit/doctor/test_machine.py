"""Processor, memory, disk, date, heat and cameras, on machines made of files."""

from pathlib import Path

import pytest

from edge_vsr.doctor.cameras import check_cameras
from edge_vsr.doctor.cpu import check_cpu
from edge_vsr.doctor.date import BUILT, check_date
from edge_vsr.doctor.disk import check_disk
from edge_vsr.doctor.finding import Level, worst
from edge_vsr.doctor.heat import check_heat
from edge_vsr.doctor.memory import check_memory
from edge_vsr.heat import NOTHING_KNOWN, FakeHeat, Heat
from edge_vsr.memory import Machine


@pytest.mark.parametrize(
    ("machine", "flags", "level", "says"),
    [
        ("x86_64", "flags : fpu avx2 avx512_vnni amx_int8", Level.OK, "2 x x86_64, INT8 by AMX"),
        ("x86_64", "flags\t\t: fpu avx2", Level.NOTE, "without INT8 dot products"),
        ("aarch64", "Features : fp asimd asimddp", Level.OK, "INT8 by dot products"),
        ("aarch64", "Features : fp asimd", Level.NOTE, "without INT8 dot products"),
        ("armv7l", "", Level.ERROR, "no build of the runtimes"),
    ],
)
def test_processors(tmp_path: Path, machine: str, flags: str, level: Level, says: str) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\n{flags}\n\nprocessor : 1\n{flags}\n")
    (finding,) = check_cpu(cpuinfo, machine, 2)
    assert finding.level is level
    assert says in finding.text


def machine_with(folder: Path, **kilobytes: int) -> Machine:
    (folder / "meminfo").write_text("".join(f"{name}: {size} kB\n" for name, size in kilobytes.items()))
    return Machine(folder, folder)


def test_plenty_of_memory(tmp_path: Path) -> None:
    machine = machine_with(tmp_path, MemAvailable=4 << 20, CmaTotal=1 << 18, CmaFree=1 << 17)
    assert [(one.name, one.level) for one in check_memory(machine)] == [("memory", Level.OK), ("CMA", Level.OK)]


def test_little_memory_and_cameras_that_hold_the_rest(tmp_path: Path) -> None:
    found = list(check_memory(machine_with(tmp_path, MemAvailable=100 << 10, CmaTotal=1 << 18, CmaFree=1 << 10)))
    assert [(one.name, one.level) for one in found] == [("memory", Level.WARNING), ("CMA", Level.WARNING)]
    assert "cma=256M" in found[1].fix


def test_memory_of_an_unknown_system(tmp_path: Path) -> None:
    (finding,) = check_memory(Machine(tmp_path, tmp_path))
    assert finding.level is Level.NOTE


def test_a_spool_with_room(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\n/dev/sdb {tmp_path.resolve()} ext4 rw 0 0\n")
    (finding,) = check_disk(tmp_path / "not" / "yet", 10**9, mounts=mounts, free=lambda _: 2 * 10**9)
    assert (finding.level, finding.text) == (Level.OK, f"2.0 GB free at {tmp_path}")


def test_a_spool_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "spool").touch()
    (finding,) = check_disk(tmp_path / "spool" / "front", 10**9)
    assert (finding.level, finding.text) == (Level.ERROR, f"{tmp_path / 'spool'} is no folder")


def test_a_spool_that_is_too_large_for_its_disk_and_in_memory(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nnone {tmp_path.resolve()} tmpfs rw 0 0\n")
    room, place = check_disk(tmp_path, 10**9, mounts=mounts, free=lambda _: 3 * 10**8)
    assert (room.level, room.fix) == (Level.WARNING, "--spool-mb 200, or another --spool")
    assert "lost with the power" in place.text


@pytest.mark.parametrize(
    ("wall", "synchronized", "answer", "level"),
    [
        (BUILT + 1, True, "no", Level.OK),
        (BUILT + 1, False, "yes", Level.OK),
        (BUILT + 1, False, "", Level.NOTE),
        (1.0, True, "yes", Level.WARNING),
    ],
)
def test_dates(tmp_path: Path, wall: float, synchronized: bool, answer: str, level: Level) -> None:
    marker = tmp_path / "synchronized"
    if synchronized:
        marker.touch()
    (finding,) = check_date(lambda: wall, marker, lambda: answer)
    assert finding.level is level


@pytest.mark.parametrize(
    ("heat", "names"),
    [
        (NOTHING_KNOWN, {"heat": Level.NOTE}),
        (Heat(45.0, 80.0, throttled=False, under_voltage=False), {"heat": Level.OK}),
        (Heat(75.0, 80.0, throttled=False, under_voltage=False), {"heat": Level.WARNING}),
        (
            Heat(82.0, 80.0, throttled=True, under_voltage=True),
            dict.fromkeys(("heat", "throttled", "power"), Level.WARNING),
        ),
    ],
)
def test_heat_and_power_are_told_apart(heat: Heat, names: dict[str, Level]) -> None:
    assert {one.name: one.level for one in check_heat(FakeHeat(heat))} == names


def test_a_machine_without_cameras(tmp_path: Path) -> None:
    (finding,) = check_cameras(tmp_path)
    assert finding.level is Level.NOTE
    assert "--camera" in finding.fix


def test_a_device_that_is_no_camera_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    found = list(check_cameras(tmp_path))
    assert worst(found) is Level.WARNING
    assert "not a capture device" in found[0].fix
