"""What a benchmark advised, kept for `run` and `restore`: bound to the processor and the version that it was found
with."""

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from edge_vsr.bench.advice import Advice
from edge_vsr.bench.jobs import WHOLE
from edge_vsr.bench.machine import Box
from edge_vsr.places import places, unwritable
from edge_vsr.rung import Rung
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.typed import typed
from edge_vsr.uplink.durable import make_folder, write_whole

FORMAT = 1
NAME = "profile.json"
WHAT = "the profile"
"""For errors."""
MOST_THREADS = 256
MOST_BYTES = 1 << 16
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TILE = re.compile(r"[1-9]\d{0,4}x[1-9]\d{0,4}")


@dataclass(frozen=True, slots=True)
class Here:
    """What a profile has to fit."""

    version: str
    processor: str
    cpus: int
    runtimes: Collection[str]
    """That are installed."""
    models: Collection[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings for one box."""

    version: str
    """Of edge-vsr."""
    processor: str
    cpus: int
    made: str
    model: str
    runtime: str
    threads: int
    tile: str
    """"whole", or width and height of luma samples."""
    least: str
    most: str
    """Rungs."""
    because: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, advice: Advice, box: Box, made: str) -> Self:
        parts = asdict(advice)
        del parts["ms"]
        return cls(version=box.version, processor=box.processor, cpus=box.cpus, made=made, **parts)

    def settings(self) -> dict[str, Any]:
        """As flags of `run` and `restore`, by name; what is to stay as it would be without is left out."""
        settings: dict[str, Any] = {"model": self.model, "runtime": self.runtime, "threads": self.threads}
        if self.tile != WHOLE:
            settings["tile"] = self.tile
        if self.most != Rung.ENHANCED.value:
            settings["sr"] = "off"
        return settings

    def in_words(self) -> str:
        """For the log."""
        tile = "" if self.tile == WHOLE else f", tiles of {self.tile}"
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{self.model} on {self.runtime}, {threads}{tile}, rungs {self.least} to {self.most}"

    def misfit(self, here: "Here") -> str | None:
        """Why it is not for this box as it is now, in words; None if it is."""
        if self.version != here.version:
            return f"it is of edge-vsr {self.version}, this is {here.version}"
        if self.processor != here.processor:
            return f"it is of {self.processor!r}, this is {here.processor!r}"
        if self.cpus != here.cpus:
            return f"it is for {self.cpus} processors, here are {here.cpus}"
        if self.runtime not in here.runtimes:
            return f"{self.runtime} is no longer installed"
        if self.model not in here.models:
            return f"there is no model {self.model} any more"
        return None

    def save(self, path: Path) -> None:
        """Raises OutputError."""
        data = json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"
        try:
            make_folder(path.parent)
            # A service reads it as another user.
            write_whole(path, data.encode(), 0o644)
        except OSError as error:
            raise unwritable(path, WHAT, error) from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises OSError, and ValueError for what is no profile."""
        table = json.loads(path.read_bytes()[:MOST_BYTES])
        if not isinstance(table, dict) or table.pop("format", None) != FORMAT:
            raise ValueError("it has another format")
        profile = typed(cls, table, "it")
        profile._check()
        return profile

    def _check(self) -> None:
        rungs = [rung.value for rung in Rung]
        if not (
            _MODEL.fullmatch(self.model)
            and self.runtime in RUNTIMES
            and 1 <= self.threads <= MOST_THREADS
            and (self.tile == WHOLE or _TILE.fullmatch(self.tile))
            and {self.least, self.most} <= set(rungs)
        ):
            raise ValueError("a value is none that it may be")


@dataclass(frozen=True, slots=True)
class Search:
    """What was found."""

    profile: Profile | None = None
    path: Path | None = None
    ignored: tuple[str, ...] = ()
    """A line for each that was there and is not for this box."""


def find(here: Here) -> Search:
    """The first profile that is for this box. Never raises."""
    ignored: list[str] = []
    for path in (folder / NAME for folder in places()):
        try:
            profile = Profile.read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reason: str | None = error.strerror or "it cannot be read"
        except (ValueError, RecursionError):
            reason = "it is damaged"
        else:
            reason = profile.misfit(here)
            if reason is None:
                return Search(profile, path, tuple(ignored))
        ignored.append(f"the profile {path} is ignored: {reason}; `edge-vsr bench --save` makes a new one")
    return Search(ignored=tuple(ignored))
