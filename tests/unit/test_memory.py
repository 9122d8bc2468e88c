import re
import subprocess
import sys
from pathlib import Path

import pytest

from edge_vsr.memory import MIB, SHARE, Machine, in_mib, parse_bytes

HUGE = "9223372036854771712"
"""What v1 says where there is no limit."""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("256M", 256 << 20),
        ("1.5G", 3 << 29),
        ("262144", 262144),
        ("64k", 65536),
        ("512MiB", 512 << 20),
        ("2gb", 2 << 30),
        (" 1T ", 1 << 40),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    "text", ["", "M", "0", "0M", "-1G", "12Q", "1,5G", "1e9", "256 M", "٢M", "9" * 40, "nan", "0.1"]
)
def test_what_is_no_size_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text)) + " is not a size of memory, such as 256M"):
        parse_bytes(text)


def test_sizes_are_written_as_they_are_read() -> None:
    assert in_mib(1) == "1M"
    assert in_mib(3 * MIB) == "3M"
    assert in_mib(3 * MIB + 1) == "4M"
    assert in_mib(4 * MIB - 1, up=False) == "3M"


def write(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """1000 MiB free, 100 MiB of this process, no control groups."""
    made = Machine(tmp_path / "proc", tmp_path / "cgroup")
    write(made.proc, meminfo=f"MemTotal: 9999999 kB\nMemAvailable:  {1000 * 1024} kB")
    write(made.proc / "self", status=f"Name: python\nVmHWM: 5 kB\nVmRSS:\t {100 * 1024} kB\nThreads: 3")
    return made


def v1(machine: Machine, path: str, limit: object, usage: int = 100 * MIB, inactive: int = 0) -> None:
    stat = f"cache 1\ntotal_inactive_file {inactive}"
    folder = machine.cgroups / "memory" / path
    write(folder, memory__limit_in_bytes=limit, memory__usage_in_bytes=usage, memory__stat=stat)


def v2(machine: Machine, path: str, limit: object, usage: int = 100 * MIB, inactive: int = 0) -> None:
    folder = machine.cgroups / path
    write(folder, memory__max=limit, memory__current=usage, memory__stat=f"anon 5\ninactive_file {inactive}")


def test_without_groups_a_share_of_the_free_memory_is_usable(machine: Machine) -> None:
    assert machine.resident() == 100 * MIB
    assert machine.peak() == 5 * 1024
    assert machine.usable() == (100 + 1000 * SHARE) * MIB


def test_a_v1_group_limits(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="5:cpu:/a/b\n4:memory:/a/b\n0::/")
    v1(machine, "a/b", 256 * MIB)
    v1(machine, ".", HUGE)
    assert machine.usable() == 256 * MIB


def test_a_v2_group_limits(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="0::/a/b")
    v2(machine, "a/b", 256 * MIB)
    assert machine.usable() == 256 * MIB


def test_the_least_limit_on_the_way_to_the_root_counts(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="0::/a/b/c")
    v2(machine, "a/b/c", "max")
    v2(machine, "a/b", 200 * MIB)
    v2(machine, "a", 400 * MIB)
    assert machine.usable() == 200 * MIB


def test_what_others_in_the_group_hold_is_not_free_but_their_files_are(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="1:name=systemd:/\n0::/a")
    v2(machine, "a", 500 * MIB, usage=400 * MIB, inactive=50 * MIB)
    assert machine.usable() == (100 + 150) * MIB


def test_a_container_that_sees_its_group_as_the_root_is_limited(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="7:memory:/docker/0123abc")
    v1(machine, ".", 128 * MIB)
    assert machine.usable() == 128 * MIB


def test_v2_beside_v1_has_its_own_folder(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="4:cpu:/\n0::/a")
    v2(machine, "unified/a", 300 * MIB)
    assert machine.usable() == 300 * MIB


def test_where_nothing_says_nothing_is_limited(tmp_path: Path) -> None:
    machine = Machine(tmp_path, tmp_path)
    assert machine.usable() is None
    assert machine.resident() == 0


def test_damaged_files_limit_nothing(machine: Machine) -> None:
    write(machine.proc / "self", cgroup="nonsense\n4:memory\n0::/a")
    v2(machine, "a", "lots")
    assert machine.usable() == (100 + 1000 * SHARE) * MIB


GAPS = """
import ctypes
from edge_vsr.memory import Machine, return_small_blocks

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes, library.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
blocks = [library.malloc(4096) for _ in range(16_384)]
for block in blocks:
    ctypes.memset(block, 1, 4096)
full = Machine().resident()
# All but the last, above which nothing is left to be cut off.
for block in blocks[:-1]:
    library.free(block)
freed = Machine().resident()
return_small_blocks()
print(full, freed, Machine().resident())
"""


def test_gaps_between_small_blocks_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", GAPS], capture_output=True, text=True, check=True)
    full, freed, returned = map(int, done.stdout.split())
    assert full - freed < 8 * MIB, "they went back by themselves: this test shows nothing"
    assert full - returned > 48 * MIB, "of 64 MiB that were freed"


PLANES = """
import ctypes
import resource
from edge_vsr.memory import LARGE, return_freed_memory

return_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes, library.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]

def use():
    planes = [library.malloc(LARGE // 2) for _ in range(3)]
    for plane in planes:
        ctypes.memset(plane, 1, LARGE // 2)
    for plane in planes:
        library.free(plane)

use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_small_planes_are_not_cleared_by_the_kernel_for_every_frame() -> None:
    done = subprocess.run([sys.executable, "-c", PLANES], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000, "pages for 100 times three planes of 512 pages each"
