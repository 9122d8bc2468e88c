"""A spool and its sender, as a program that a test kills: SPOOL URL FIRST PIECES OPERATION.

Stores and sends one segment for each file in the folder PIECES, numbered from FIRST, and says each when it is stored.
Kills itself before its disk or network operation number OPERATION, if that is not 0; else it waits to be killed.
"""

import http.client
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_vsr.clock import SystemClock
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.sender import SegmentSender
from edge_vsr.uplink.spool import Spool
from tests.unit.uplink.segments import info


def main() -> None:
    folder, url, first, pieces, last = sys.argv[1:]
    if int(last):
        die_before(int(last))
    with Spool(Path(folder)) as spool:
        names = SegmentNames.starting(time.time(), after=spool.newest_name())
        stop = threading.Event()
        lanes = [HttpUplink(url), HttpUplink(url)]
        sender = SegmentSender(spool, *lanes, clock=SystemClock(), stop=stop, window=None)
        threading.Thread(target=sender.run, daemon=True).start()
        for index, piece in enumerate(sorted(Path(pieces).iterdir())):
            made = replace(info(index, names, duration=0.2), frames=5, discontinuity=index == 0)
            spool.put(Segment(made, piece.read_bytes()))
            print(int(first) + index, made.name, flush=True)  # noqa: T201  it is what the test reads
        time.sleep(0.1 if int(last) else 60.0)


def die_before(operation: int) -> None:
    """Count what changes a disk or goes to the network, and kill this process in between."""
    count = itertools.count(1)

    def mortal(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if next(count) == operation:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return counted

    for place, name in ((os, "fsync"), (os, "replace"), (os, "unlink"), (http.client.HTTPConnection, "send")):
        setattr(place, name, mortal(getattr(place, name)))


main()
