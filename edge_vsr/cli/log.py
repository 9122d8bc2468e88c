"""Log lines: plain, with a level, and never a secret."""

import logging
import sys

from edge_vsr.redact import redact

CLEAR_LINE = "\r\x1b[2K"
"""Takes a status line off a terminal."""


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def start_logging() -> None:
    """Send the package's log to standard error. FFmpeg's own log stays off: it names addresses with passwords."""
    handler = logging.StreamHandler(sys.stderr)
    place = CLEAR_LINE if sys.stderr.isatty() else ""
    handler.setFormatter(_Redacting(f"{place}%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("edge_vsr")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
