"""What the service is installed with: every dependency, at a version that we allow, by hash."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

TREE = Path(__file__).parents[2]
PINNED = (TREE / "systemd/requirements.txt").read_text()
PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text())
NEEDED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["mqtt"],
    *PROJECT["build-system"]["requires"],
]


def pinned() -> list[tuple[Requirement, int]]:
    """Each package with how many hashes it has."""
    entries = re.sub(r"^#.*\n", "", PINNED, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(Requirement(entry.split(" --hash")[0]), entry.count("--hash=sha256:")) for entry in entries]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_dependency_is_there_once_at_a_version_that_is_allowed(machine: str, python: str) -> None:
    place = {"platform_machine": machine, "python_version": python, "python_full_version": f"{python}.1"}

    def applies(marker: Marker | None) -> bool:
        return marker is None or marker.evaluate({**place, "sys_platform": "linux"})

    there = [one for one, _ in pinned() if applies(one.marker)]
    for wanted in filter(lambda one: applies(one.marker), map(Requirement, NEEDED)):
        found = [one for one in there if one.name == wanted.name]
        assert len(found) == 1, f"{wanted.name} is pinned {len(found)} times for Python {python} on {machine}"
        (version,) = found[0].specifier
        assert version.operator == "=="
        assert version.version in wanted.specifier, f"{found[0]} is not {wanted}: make systemd/requirements.txt anew"


def test_everything_has_its_hashes_and_comes_from_wherever_the_machine_gets_it() -> None:
    assert all(hashes for _, hashes in pinned())
    assert "://" not in PINNED
