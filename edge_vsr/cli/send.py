"""`edge-vsr send`: what waits in a spool, to a far end that keeps it."""

import logging
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, cast

import typer

from edge_vsr.cli.far_end import CaFlag, CertificateFlag, KeyFlag, ParallelFlag, TokenFileFlag
from edge_vsr.cli.log import start_logging
from edge_vsr.clock import SystemClock
from edge_vsr.errors import InputError, UsageError
from edge_vsr.secrets import find_secret
from edge_vsr.uplink.base import SegmentUplink
from edge_vsr.uplink.folder import FolderUplink, check_apart
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.open import folder_of, is_live, open_uplink
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.sender import FOLDER_WINDOW, HTTP_WINDOW, SegmentSender
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_LAST_SECONDS = 60.0
"""What the segments that are on their way may take at the end."""


def command(
    spool: Annotated[Path, typer.Argument(metavar="SPOOL", help="Folder in which segments wait.")],
    uplink: Annotated[str, typer.Option(envvar="EDGE_VSR_UPLINK", help="A folder, or http(s):// that takes PUT.")],
    parallel: ParallelFlag = 2,
    uplink_ca: CaFlag = None,
    uplink_cert: CertificateFlag = None,
    uplink_key: KeyFlag = None,
    uplink_token_file: TokenFileFlag = None,
) -> None:
    """Send what waits in a spool and end: what a live far end missed, or what a run left behind.

    A far end that is away is tried again until Ctrl-C or SIGTERM; what was not sent then still waits.
    """
    start_logging()
    if is_live(uplink):
        raise UsageError("a live far end takes nothing that is over; give a folder, or http(s):// that takes PUT")
    if not spool.is_dir():
        raise InputError(f"there is no spool {spool}; the log of a run names its spool where something waits")
    if folder := folder_of(uplink):
        check_apart(folder, spool)
    if not any(spool.glob("*.json")):
        log.info("nothing waits in %s", spool)
        return
    options = UplinkOptions(
        ca_file=uplink_ca,
        client_certificate=uplink_cert,
        client_key=uplink_key,
        bearer_token=find_secret("uplink_token", uplink_token_file),
    )
    stop = threading.Event()
    _stop_on_signals(stop)
    # Whoever wants to have it gives nothing up for room or age.
    with Spool(spool, Bounds(None, None)) as opened:
        _send(opened, uplink, options, parallel, stop)


def _send(spool: Spool, uplink: str, options: UplinkOptions, parallel: int, stop: threading.Event) -> None:
    far_end = cast(SegmentUplink, open_uplink(uplink, options))
    folder = far_end if isinstance(far_end, FolderUplink) else None
    more = [HttpUplink(uplink, options) for _ in range(1, parallel)] if isinstance(far_end, HttpUplink) else []
    ended = threading.Event()
    sender = SegmentSender(
        spool,
        far_end,
        *more,
        clock=SystemClock(),
        stop=ended,
        window=FOLDER_WINDOW if folder else HTTP_WINDOW,
        holds=folder.holds if folder else None,
    )
    log.info("%d segments to %s", spool.count, far_end.name)
    worker = threading.Thread(target=sender.run, daemon=True)
    worker.start()
    while spool.count and worker.is_alive() and not stop.wait(_LOOK_SECONDS):
        pass
    ended.set()
    worker.join(_LAST_SECONDS)
    sender.finish()
    for one in (far_end, *more):
        one.close()
    log.info("%d segments delivered, %d wait in the spool", sender.delivered.count, spool.count)


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
