"""SIGHUP: read the configuration again, and say what of it a running run can follow."""

import logging
import re
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from edge_vsr.cli.keys import Follows, Key, as_text
from edge_vsr.cli.layers import lasting
from edge_vsr.errors import UsageError

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"(://)([^/?#\s]*@)?([^?\s]*)(\?\S*)?")


class Reload:
    """The file as it was when it was last read, and as far as the run could follow it. Used by the main thread, where
    signals arrive."""

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

    def changes(self) -> dict[str, Any] | None:
        """What has another value since the last look, as far as a run can follow; None if no reload was asked for.

        Never raises: a file that is wrong leaves everything as it is.
        """
        if not self._asked.is_set():
            return None
        self._asked.clear()
        try:
            fresh = self._read()
        except UsageError as error:
            log.error("nothing is reloaded: %s", error)  # noqa: TRY400  the line says all
            return None
        changed = {name for name, value in fresh.items() if value != self._known[name]}
        late = {name for name in changed if not self._follows(name, fresh[name])}
        live = {name: fresh[name] for name in changed - late}
        self._known |= live
        if late:
            log.warning("changed, and needs a restart: %s", ", ".join(sorted(late)))
        log.info("configuration and secrets read again; changed now: %s", ", ".join(sorted(live)) or "no key")
        return live

    def _follows(self, name: str, value: Any) -> bool:
        match self._keys[name].follows:
            case Follows.ALWAYS:
                return True
            case Follows.ITS_SECRETS:
                return _lasting(as_text(value)) == _lasting(as_text(self._known[name]))
        return False

    def _read(self) -> dict[str, Any]:
        settings = lasting(self._path, self._all)
        return {name: settings.get(name, key.default) for name, key in self._keys.items()}


def _lasting(text: str) -> str:
    """Where each address in `text` leads, without user, password and query. Not by `redact`, which leaves out more
    where it is not sure, and so has one text for many places."""
    return _ADDRESS.sub(lambda url: f"{url[1]}{'@' if url[2] else ''}{url[3]}{'?' if url[4] else ''}", text)
