"""A camera that is plugged in anew, on a made /sys and /dev of plain files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_vsr.camera.whereabouts import REPLACED_SECONDS, Whereabouts
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraNotFound


@dataclass(frozen=True)
class Machine:
    """What the kernel shows of cameras."""

    root: Path

    @property
    def dev(self) -> Path:
        return self.root / "dev"

    def plug(self, number: int, port: str = "1-1", model: str = "046d:0825", serial: str = "", index: int = 0) -> Path:
        usb = self.root / "sys/devices/usb1" / port
        interface = usb / f"{port}:1.0"
        interface.mkdir(parents=True, exist_ok=True)
        for name, value in zip(("idVendor", "idProduct"), model.split(":"), strict=True):
            (usb / name).write_text(f"{value}\n")
        if serial:
            (usb / "serial").write_text(f"{serial}\n")
        folder = self.root / f"sys/class/video4linux/video{number}"
        folder.mkdir(parents=True)
        (folder / "index").write_text(f"{index}\n")
        (folder / "device").symlink_to(interface)
        self.dev.mkdir(exist_ok=True)
        node = self.dev / f"video{number}"
        node.touch()
        return node

    def unplug(self, *numbers: int) -> None:
        for number in numbers:
            folder = self.root / f"sys/class/video4linux/video{number}"
            shutil.rmtree((folder / "device").resolve().parent, ignore_errors=True)
            shutil.rmtree(folder)
            (self.dev / f"video{number}").unlink()

    def camera(self, target: str = "0", clock: FakeClock | None = None) -> Whereabouts:
        """Opened once."""
        where = Whereabouts(target, clock or FakeClock(), dev=self.dev, sysfs=self.root / "sys")
        where.remember(where.find())
        return where


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("serial", ["", "A1B2"])
def test_a_camera_under_another_number_is_found(machine: Machine, serial: str) -> None:
    machine.plug(0, serial=serial)
    where = machine.camera()
    machine.unplug(0)
    node = machine.plug(2, serial=serial)
    assert where.find() == node


def test_a_path_is_a_name_as_a_number_is(machine: Machine) -> None:
    machine.plug(1)
    where = machine.camera(str(machine.dev / "video1"))
    machine.unplug(1)
    node = machine.plug(0)
    assert where.find() == node


def test_the_node_of_the_pictures_is_found_and_not_the_camera_s_other_one(machine: Machine) -> None:
    machine.plug(0)
    where = machine.camera()
    machine.unplug(0)
    machine.plug(2, index=1)
    node = machine.plug(3, index=0)
    assert where.find() == node


def test_a_serial_number_is_known_at_another_port(machine: Machine) -> None:
    machine.plug(0, port="1-1", serial="A1B2")
    where = machine.camera()
    machine.unplug(0)
    node = machine.plug(4, port="1-2.3", serial="A1B2")
    assert where.find() == node


@pytest.mark.parametrize("serial", ["", "SN0001"])
def test_a_twin_at_another_port_is_not_taken_for_it(machine: Machine, serial: str) -> None:
    """Makers give a whole series one serial number."""
    machine.plug(0, port="1-1", serial=serial)
    machine.plug(2, port="1-2", serial=serial)
    where = machine.camera()
    machine.unplug(0)
    assert where.find() == machine.dev / "video0", "it is away, and what the user named stays the place to look at"


def test_two_twins_that_change_their_numbers_are_told_apart_by_their_ports(machine: Machine) -> None:
    machine.plug(0, port="1-1", serial="SN0001")
    machine.plug(2, port="1-2", serial="SN0001")
    front, back = machine.camera("0"), machine.camera("2")
    machine.unplug(0, 2)
    machine.plug(0, port="1-2", serial="SN0001")
    with pytest.raises(CameraNotFound, match=r"another camera .* is at .*video0; waiting"):
        front.find()
    machine.plug(2, port="1-1", serial="SN0001")
    assert (front.find(), back.find()) == (machine.dev / "video2", machine.dev / "video0")


def test_a_camera_that_was_replaced_is_taken_after_a_while(machine: Machine) -> None:
    machine.plug(0, serial="OLD")
    clock = FakeClock()
    where = machine.camera(clock=clock)
    machine.unplug(0)
    node = machine.plug(0, model="0bda:5830")
    with pytest.raises(CameraNotFound):
        where.find()
    clock.advance(REPLACED_SECONDS)
    assert where.find() == node
    where.remember(node)
    assert where.find() == node


def test_a_link_by_id_is_followed_each_time(machine: Machine) -> None:
    node = machine.plug(0)
    link = machine.dev / "usb-camera-video-index0"
    link.symlink_to(node)
    where = machine.camera(str(link))
    machine.unplug(0)
    machine.plug(1, port="1-9", model="0bda:5830")
    link.unlink()
    assert where.find() == link, "it is away"
    node = machine.plug(3)
    link.symlink_to(node)
    assert where.find() == node


def test_without_a_bus_the_driver_s_device_tells(machine: Machine) -> None:
    def bind(number: int) -> Path:
        folder = machine.root / f"sys/class/video4linux/video{number}"
        device = machine.root / "sys/devices/platform/vivid.0"
        device.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True)
        (folder / "device").symlink_to(device)
        machine.dev.mkdir(exist_ok=True)
        (machine.dev / f"video{number}").touch()
        return machine.dev / f"video{number}"

    bind(0)
    where = machine.camera()
    shutil.rmtree(machine.root / "sys/class/video4linux/video0")
    node = bind(1)
    assert where.find() == node
