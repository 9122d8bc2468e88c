"""SIGHUP: read the configuration again, and say what of it a running run can follow."""

import logging
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from edge_vsr.cli.config_file import read_config
from edge_vsr.cli.keys import Key
from edge_vsr.errors import UsageError

log = logging.getLogger(__name__)


class Reload:
    """The file as it was when it was last read. Used by the main thread, where signals arrive."""

    def __init__(self, path: Path, keys: Mapping[str, Key], fixed: frozenset[str]) -> None:
        """`fixed` are the keys that a flag or a variable set: the file has no say in them."""
        self._path = path
        self._keys = {name: key for name, key in keys.items() if name not in fixed}
        self._all = keys
        self._asked = threading.Event()
        self._known = self._read()

    def listen(self) -> None:
        """From now on SIGHUP asks for a reload."""

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            self._asked.set()

        signal.signal(signal.SIGHUP, on_signal)

    def changes(self) -> dict[str, Any]:
        """Live keys that have another value since the last look, if a reload was asked for. Never raises: a file that
        is wrong leaves everything as it is."""
        if not self._asked.is_set():
            return {}
        self._asked.clear()
        try:
            fresh = self._read()
        except UsageError as error:
            log.error("nothing is reloaded: %s", error)  # noqa: TRY400  the line says all
            return {}
        changed = {name: value for name, value in fresh.items() if value != self._known[name]}
        self._known = fresh
        if late := sorted(name for name in changed if not self._keys[name].live):
            log.warning("changed, and needs a restart: %s", ", ".join(late))
        live = {name: value for name, value in changed.items() if self._keys[name].live}
        log.info("configuration read again; changed now: %s", ", ".join(sorted(live)) or "nothing")
        return live

    def _read(self) -> dict[str, Any]:
        settings = read_config(self._path, self._all)
        return {name: settings.get(name, key.default) for name, key in self._keys.items()}
