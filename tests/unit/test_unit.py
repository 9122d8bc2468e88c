"""The unit on a made machine; tests/service/run has a real one."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr import unit as unit_module
from edge_vsr.codec.kinds import HARDWARE, Kind
from edge_vsr.errors import EdgeVsrError, MissingDependency, OutputError, UsageError
from edge_vsr.unit import SHIPPED_PROGRAM, UNIT, Instance, ServiceUnit, check_name, shipped_unit, systemctl


class FakeSystemctl:
    """Remembers what it was asked, and answers with what `answers` has for the first word."""

    def __init__(self, **answers: str) -> None:
        self.asked: list[list[str]] = []
        self.answers = answers

    def __call__(self, arguments: Sequence[str]) -> str:
        self.asked.append(list(arguments))
        return self.answers.get(arguments[0].replace("-", "_"), "")

    @property
    def verbs(self) -> list[str]:
        return [words[0] for words in self.asked]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine that systemd runs."""
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    return tmp_path


def service(root: Path, systemctl: FakeSystemctl, program: str = "/opt/edge-vsr/bin/edge-vsr") -> ServiceUnit:
    return ServiceUnit(root, systemctl, Path(program), Path("/usr/bin/python3"))


def unit(root: Path) -> Path:
    return root / "etc/systemd/system" / UNIT


def test_the_unit_is_written_once(root: Path) -> None:
    manager = FakeSystemctl()
    assert service(root, manager).install()
    assert unit(root).read_text() == shipped_unit()
    assert unit(root).stat().st_mode & 0o777 == 0o644
    assert not service(root, manager).install(), "the second time there is nothing to do"
    assert manager.asked == [["daemon-reload"]]


@pytest.mark.parametrize("kind", HARDWARE, ids=lambda kind: kind.name)
def test_it_may_use_the_devices_of_every_hardware_encoder(kind: Kind) -> None:
    driver, group = {"video*": ("video4linux", "video"), "dri/renderD*": ("drm", "render")}[kind.devices or ""]
    assert f"\nDeviceAllow=char-{driver} rw\n" in shipped_unit()
    (groups,) = (line for line in shipped_unit().splitlines() if line.startswith("SupplementaryGroups="))
    assert group in groups.partition("=")[2].split()


@pytest.mark.parametrize("which", ["program", "interpreter"])
def test_what_a_link_leads_to_must_be_seen_too(root: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    hidden, link = root / "hidden", root / "link"
    hidden.touch()
    link.symlink_to(hidden)
    monkeypatch.setattr(unit_module, "_HIDDEN", (str(hidden),))
    made = service(root, FakeSystemctl())
    made = replace(made, program=link) if which == "program" else replace(made, interpreter=link)
    with pytest.raises(UsageError, match=r"the service cannot see .*/hidden: its sandbox hides"):
        made.install()
    assert not unit(root).exists()


def test_an_upgrade_writes_it_anew_and_touches_nothing_else(root: Path) -> None:
    service(root, FakeSystemctl()).install()
    unit(root).write_text("an earlier version")
    mine = root / "etc/edge-vsr/front.toml"
    mine.write_text('camera = "demo"\n')
    assert service(root, FakeSystemctl()).install()
    assert unit(root).read_text() == shipped_unit()
    assert mine.read_text() == 'camera = "demo"\n'
    assert sorted(path.name for path in unit(root).parent.iterdir()) == [UNIT], "something half-written is left"


def test_it_runs_the_program_that_installed_it(root: Path) -> None:
    service(root, FakeSystemctl(), "/srv/vsr/bin/edge-vsr").install()
    assert "ExecStart=/srv/vsr/bin/edge-vsr run --config " in unit(root).read_text()
    assert SHIPPED_PROGRAM not in unit(root).read_text()


@pytest.mark.parametrize("program", ["/home/pi/.venv/bin/edge-vsr", "/root/bin/edge-vsr", "/tmp/edge-vsr"])
def test_a_program_that_the_sandbox_hides_is_refused(root: Path, program: str) -> None:
    with pytest.raises(UsageError, match="virtual environment in /opt/edge-vsr"):
        service(root, FakeSystemctl(), program).install()
    assert not unit(root).exists()


def test_without_systemd_it_says_so(tmp_path: Path) -> None:
    manager = FakeSystemctl()
    unit = service(tmp_path, manager)
    for act in (unit.install, unit.uninstall, unit.instances):
        with pytest.raises(MissingDependency, match="systemd does not run this machine"):
            act()
    assert not manager.asked
    assert not any(tmp_path.iterdir())


def test_without_rights_it_says_what_gives_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Whoever runs the tests may be root, whom no folder refuses.
    monkeypatch.setattr(Path, "write_text", refused)
    with pytest.raises(OutputError, match="put sudo before the command"):
        service(root, FakeSystemctl()).install()
    monkeypatch.setattr(os, "access", lambda *_: False)
    manager = FakeSystemctl()
    with pytest.raises(OutputError, match="put sudo before the command"):
        service(root, manager).uninstall()
    assert not manager.asked, "nothing may be stopped by who may not remove it"


LISTED = "edge-vsr@front.service loaded active running edge-vsr, camera front\n"
SHOWN = """Id=edge-vsr@front.service
ActiveState=active
SubState=running
NRestarts=2
StatusText=15.0 fps in | a = b

Id=edge-vsr@gate.service
ActiveState=failed
SubState=failed
NRestarts=
StatusText=
"""


def enable(root: Path, name: str) -> Path:
    link = root / f"etc/systemd/system/multi-user.target.wants/edge-vsr@{name}.service"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(unit(root))
    return link


def test_instances_that_run_and_those_that_should_are_listed(root: Path) -> None:
    enable(root, "gate")
    manager = FakeSystemctl(list_units=LISTED, show=SHOWN)
    assert service(root, manager).instances() == [
        Instance("front", "active (running)", 2, "15.0 fps in | a = b"),
        Instance("gate", "failed (failed)", 0, ""),
    ]
    assert manager.asked[-1][-2:] == ["edge-vsr@front.service", "edge-vsr@gate.service"]


def test_a_machine_without_instances_has_none(root: Path) -> None:
    assert service(root, FakeSystemctl()).instances() == []


def belongings(root: Path) -> list[Path]:
    paths = [
        root / "etc/edge-vsr/front.toml",
        root / "etc/credstore/edge-vsr.front.uplink_token",
        root / "etc/systemd/system/edge-vsr@front.service.d/more.conf",
        root / "var/lib/private/edge-vsr/front/spool/a.ts",
    ]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    return paths


def test_uninstalling_stops_what_runs_and_keeps_what_is_the_user_s(root: Path) -> None:
    service(root, FakeSystemctl()).install()
    enable(root, "gate")
    mine = belongings(root)
    manager = FakeSystemctl(list_units=LISTED, show=SHOWN)
    kept = service(root, manager).uninstall()
    assert not unit(root).exists()
    assert [path.read_text() for path in mine] == ["mine"] * 4
    assert all(any(path.is_relative_to(place) for place in kept) for path in mine), f"what is kept must be told: {kept}"
    assert ["disable", "--now", "--quiet", "edge-vsr@front.service", "edge-vsr@gate.service"] in manager.asked
    assert manager.verbs[-2:] == ["daemon-reload", "reset-failed"]


def test_purging_leaves_nothing_of_ours_and_all_of_others(root: Path) -> None:
    service(root, FakeSystemctl()).install()
    mine = belongings(root)
    (root / "etc/credstore/another").write_text("theirs")
    assert service(root, FakeSystemctl()).uninstall(purge=True) == []
    assert not any(path.exists() for path in mine)
    assert not list(root.rglob("*edge-vsr*"))
    assert (root / "etc/credstore/another").read_text() == "theirs"


def test_uninstalling_what_is_not_there_is_no_error(root: Path) -> None:
    unit(root).parent.mkdir(parents=True)
    manager = FakeSystemctl()
    assert service(root, manager).uninstall() == []
    assert "daemon-reload" not in manager.verbs


@pytest.mark.parametrize("name", ["front", "mast_7", "a.b"])
def test_a_name_is_a_word(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "../front", "a b", "-f", "a/b", "a-b", "front\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not a name of an instance"):
        check_name(name)


def test_what_systemctl_says_against_it_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text('#!/bin/sh\necho "Unit $3 not found." >&2\nexit 5\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(EdgeVsrError, match=r"systemctl disable: Unit x not found\."):
        systemctl(["disable", "x"])
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(MissingDependency, match="systemd does not run"):
        systemctl(["disable", "x"])
