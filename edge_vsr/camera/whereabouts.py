"""Which V4L2 camera it is, and where: replugging, or another order at the hub, gives it another number."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edge_vsr.clock import Clock
from edge_vsr.errors import CameraNotFound

log = logging.getLogger(__name__)

REPLACED_SECONDS = 60.0
"""How long another camera is at a camera's place before it counts as its replacement: a hub that restarts brings its
cameras back within seconds, in any order."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays when a camera is plugged in anew."""

    model: str
    """USB vendor and product, "046d:0825"; of others the driver's."""
    serial: str | None
    """None where there is none, or where others have the same."""
    port: str
    """Where it is plugged in, "1-1.2"; of others the device that drives it."""
    index: int
    """Of the node: one camera has several, of which the first one gives pictures."""

    def among(self, there: Mapping[Path, "Identity"]) -> Path | None:
        """The node that is this camera's; None where none is, or where that is not sure."""
        alike = {
            node: one
            for node, one in there.items()
            if (one.model, one.index) == (self.model, self.index) and self.serial in (None, one.serial)
        }
        here = [node for node, one in alike.items() if one.port == self.port]
        if here:
            return here[0]
        # Without a serial number another camera of the same make at another port may well be another.
        return next(iter(alike)) if self.serial and len(alike) == 1 else None


class Whereabouts:
    """Where the camera is that a user named by number or path. Used by one thread at a time."""

    def __init__(self, target: str, clock: Clock, *, dev: Path = Path("/dev"), sysfs: Path = Path("/sys")) -> None:
        """`target` is an index ("0") or a path; `dev` and `sysfs` are the roots of what the kernel shows."""
        self._named = dev / f"video{target}" if target.isdigit() else Path(target)
        self._clock = clock
        self._dev = dev
        self._sysfs = sysfs
        self._known: Identity | None = None
        self._missing_since: float | None = None

    def find(self) -> Path:
        """Its node: at first what the user named; later the same camera, wherever it is.

        A link such as /dev/v4l/by-id/... is followed at each call. Raises CameraNotFound while another camera is in its
        place; after REPLACED_SECONDS that one is taken.
        """
        there = self._there()
        node = self._known.among(there) if self._known else None
        if node is not None:
            self._missing_since = None
            if node != self._named.resolve():
                log.info("%s is %s now", self._named, node)
            return node
        other = there.get(self._named.resolve())
        if self._known and other:
            now = self._clock.monotonic()
            if self._missing_since is None:
                self._missing_since = now
            if now - self._missing_since < REPLACED_SECONDS:
                raise CameraNotFound(f"another camera ({other.model}) is at {self._named}; waiting for the one before")
            log.warning("%s is another camera from now on (%s)", self._named, other.model)
            self._known, self._missing_since = None, None
        return self._named

    def remember(self, node: Path) -> None:
        """`node` was opened: that is the camera."""
        there = self._there()
        known = there.get(node.resolve())
        if known is None:
            return
        twins = [one for one in there.values() if replace(one, port=known.port) == known]
        self._known = replace(known, serial=None) if len(twins) > 1 else known

    def _there(self) -> dict[Path, Identity]:
        folders = sorted((self._sysfs / "class/video4linux").glob("video*"))
        return {self._dev / one.name: identity for one in folders if (identity := _identity(one))}


def _identity(folder: Path) -> Identity | None:
    """Of the node that `folder` describes, in Linux' sysfs; None if it is gone."""
    try:
        device = (folder / "device").resolve(strict=True)
    except OSError:
        return None
    index = int(_line(folder / "index") or 0)
    for parent in (device, *device.parents):
        if vendor := _line(parent / "idVendor"):
            model = f"{vendor}:{_line(parent / 'idProduct')}"
            return Identity(model, _line(parent / "serial"), parent.name, index)
    return Identity((device / "driver").resolve().name, None, str(device), index)


def _line(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace").strip() or None
    except OSError:
        return None
