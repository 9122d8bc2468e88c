"""Log lines: plain on a terminal, with priorities for the journal, as JSON elsewhere; and never a secret."""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

from edge_vsr.redact import redact

CLEAR_LINE = "\r\x1b[2K"
"""Takes a status line off a terminal."""
REPEAT_SECONDS = 60.0
"""In which a warning that was given is not given again."""
MOST_ALIKE = 5
"""Lines below a warning that may be alike in that time: what comes and goes all day must not fill a journal."""

LogFormat = Literal["auto", "text", "journal", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

_NUMBER = re.compile(r"\d+(\.\d+)?")
_MOST_REMEMBERED = 256


def start_logging(style: LogFormat = "text", level: LogLevel = "info") -> None:
    """Send the package's log to standard error. FFmpeg's own log stays off: it names addresses with passwords."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(style if style != "auto" else suitable(sys.stderr)))
    handler.addFilter(RepeatFilter())
    logger = logging.getLogger("edge_vsr")
    logger.handlers[:] = [handler]
    logger.propagate = False
    set_level(level)


def set_level(level: LogLevel) -> None:
    """From now on log what is as weighty as `level`, or more."""
    logging.getLogger("edge_vsr").setLevel(level.upper())


def suitable(stream: TextIO, environment: Mapping[str, str] = os.environ) -> LogFormat:
    """What the reader of `stream` can make most of."""
    if stream.isatty():
        return "text"
    return "journal" if is_journal(stream, environment) else "json"


def is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether `stream` goes to systemd's journal: systemd.exec(5), $JOURNAL_STREAM."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class RepeatFilter(logging.Filter):
    """Holds back a warning or an error that says what one before it said, numbers aside; of other lines the sixth.

    The next one that passes tells how many were held back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], tuple[float, int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return True
        most = 1 if record.levelno >= logging.WARNING else MOST_ALIKE
        key, now = (record.name, _NUMBER.sub("#", record.getMessage())), self._clock()
        at, passed, held = self._said.get(key, (-REPEAT_SECONDS, 0, 0))
        if now - at < REPEAT_SECONDS:
            passes = passed < most
            self._said[key] = (at, passed + passes, held + (not passes))
            return passes
        self._said.pop(key, None)
        while len(self._said) >= _MOST_REMEMBERED:
            del self._said[next(iter(self._said))]
        self._said[key] = (now, 1, 0)
        if held:
            record.msg, record.args = f"{record.getMessage()} ({held} more like it)", None
        return True


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Journal(logging.Formatter):
    """sd-daemon(3): a priority before each line; the journal knows the time."""

    def format(self, record: logging.LogRecord) -> str:
        text = redact(super().format(record))
        return "\n".join(f"<{priority(record.levelno)}>{line}" for line in text.splitlines())


class _Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            entry["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def priority(level: int) -> int:
    """syslog(3)'s number for a level of `logging`."""
    steps = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
    return next((number for least, number in steps if level >= least), 7)


def _formatter(style: LogFormat) -> logging.Formatter:
    match style:
        case "json":
            return _Json()
        case "journal":
            return _Journal()
    place = CLEAR_LINE if sys.stderr.isatty() else ""
    return _Text(f"{place}%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
