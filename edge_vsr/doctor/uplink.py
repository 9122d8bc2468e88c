"""The far end: whether it can be reached, whether it takes what we send, and how fast."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, Level, error, note, ok, warning
from edge_vsr.errors import EdgeVsrError, UplinkAway
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.folder import check_place, nearest
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.open import folder_of, is_live, open_uplink
from edge_vsr.uplink.options import UplinkOptions

TRIAL = "edge-vsr-doctor.jpg"
TRIAL_BYTES = 256_000
SLOW_KBITS = 100.0
"""Below this even `low` will not pass at a usual size."""
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443}
_PATIENCE = 10.0


def check_uplink(spec: str, options: UplinkOptions, *, send: bool = True) -> Iterator[Finding]:
    """Nothing for a folder that can be written. `send` puts 256 kB, edge-vsr-doctor.jpg, to an HTTP far end."""
    try:
        folder = folder_of(spec)
    except EdgeVsrError as problem:
        yield error("uplink", str(problem), "correct --uplink")
        return
    if folder is not None:
        yield from _kept_in(folder)
        return
    try:
        address = Address.parse(spec)
        uplink = open_uplink(spec, options)
    except EdgeVsrError as problem:
        yield error("uplink", str(problem), "correct --uplink")
        return
    uplink.close()
    reached = _reach(address)
    yield reached
    if reached.level is Level.ERROR or is_live(spec) or not isinstance(uplink, HttpUplink):
        return
    if send:
        yield _rate(uplink)
    else:
        yield note("rate", "not measured", "leave out --no-send")


def _kept_in(folder: Path) -> Iterator[Finding]:
    try:
        check_place(folder)
    except EdgeVsrError as problem:
        yield error("uplink", str(problem), "give another --uplink")
        return
    place = nearest(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        yield error("uplink", f"{place} cannot be written", f"give another --uplink, or run: sudo chown $USER {place}")


def _reach(address: Address) -> Finding:
    if address.scheme == "srt":
        return note("uplink", f"{address.shown} is not tried: SRT goes over UDP, which answers only to SRT")
    port = address.port or _PORTS[address.scheme]
    began = time.monotonic()
    try:
        with socket.create_connection((address.host, port), timeout=_PATIENCE):
            took = time.monotonic() - began
    except socket.gaierror:
        return error(
            "uplink", f"{address.shown}: its name has no address", "check the name, and the DNS of this network"
        )
    except TimeoutError:
        return error("uplink", f"{address.shown} does not answer", "check the network, and the firewalls between")
    except OSError as problem:
        return error("uplink", f"{address.shown}: {problem.strerror}", "check the address, and whether the server runs")
    return ok("uplink", f"{address.shown} answers after {took * 1000:.0f} ms")


def _rate(uplink: HttpUplink) -> Finding:
    began = time.monotonic()
    try:
        # What cannot be compressed on the way.
        uplink.put(TRIAL, os.urandom(TRIAL_BYTES))
    except UplinkAway as problem:
        return error("rate", str(problem), "check the link")
    except EdgeVsrError as problem:
        return error("rate", str(problem), "correct what the far end refuses; segments would be refused too")
    finally:
        uplink.close()
    kbits = TRIAL_BYTES * 8 / 1000 / (time.monotonic() - began)
    if kbits < SLOW_KBITS:
        return warning("rate", f"{kbits:.0f} kbit/s", "send smaller frames: --size 480x270 --rung low")
    return ok("rate", f"{kbits:.0f} kbit/s, verified by the far end")
