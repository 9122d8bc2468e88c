"""`edge-vsr run` to nginx over a link that gets better, thin, dies for a minute and comes back; see
`tests/network/run`."""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from tests.integration import nginx
from tests.integration.command import PROGRAM, Command, environment, pictures_of
from tests.integration.servers import free_port

NEAR = "near"
HERE, THERE = "10.77.0.1", "10.77.0.2"
PATIENCE = 400.0
"""Seconds to wait for anything: the machine may be slow, the link is."""
DECISION = re.compile(r"(?:rung (?P<rung>\w+), (?P<kbits>\d+) kbit/s:)|(?:(?P<more>\d+) kbit/s on (?P<on>\w+);)")
OUTAGE = 60.0
"""Seconds."""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=20)


class Link:
    """Between the box, in a namespace of its own, and us."""

    def __init__(self) -> None:
        Path("/run/netns").mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run/netns"], check=True, timeout=20)
        ip("link", "set", "lo", "up")
        ip("netns", "add", NEAR)
        ip("link", "add", "far", "type", "veth", "peer", "name", "uplink", "netns", NEAR)
        ip("address", "add", f"{HERE}/24", "dev", "far")
        ip("-n", NEAR, "address", "add", f"{THERE}/24", "dev", "uplink")
        ip("-n", NEAR, "link", "set", "lo", "up")
        ip("-n", NEAR, "link", "set", "uplink", "up")
        self.up()

    def carry(self, kbits: int) -> None:
        bucket = ("tbf", "rate", f"{kbits}kbit", "burst", "8kb", "latency", "200ms")
        command = ["tc", "-n", NEAR, "qdisc", "replace", "dev", "uplink", "root", *bucket]
        subprocess.run(command, check=True, timeout=20)

    def up(self) -> None:
        ip("link", "set", "far", "up")

    def down(self) -> None:
        ip("link", "set", "far", "down")

    @property
    def kilobits(self) -> float:
        """That came over it so far, headers and all."""
        # Of our own namespace, whichever /sys is mounted.
        (received,) = re.findall(r"^ *far: *(\d+)", Path("/proc/self/net/dev").read_text(), re.MULTILINE)
        return int(received) * 8 / 1000


class Decisions:
    """What the policy decided so far, from the log."""

    def __init__(self, command: Command) -> None:
        self._command = command

    def all(self) -> list[tuple[str, int]]:
        """Rung and kbit/s."""
        found = DECISION.finditer(self._command.output)
        return [(one["rung"] or one["on"], int(one["kbits"] or one["more"])) for one in found]

    def since(self, count: int) -> list[tuple[str, int]]:
        return self.all()[count:]


@pytest.fixture
def link() -> Iterator[Link]:
    yield Link()
    ip("netns", "delete", NEAR)


@pytest.mark.timeout(6 * PATIENCE)
def test_what_is_sent_follows_the_link_and_nothing_is_lost(
    tmp_path: Path, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, outside = free_port(), free_port()
    monkeypatch.setattr("tests.integration.command.PROGRAM", "ip")
    run = ["netns", "exec", NEAR, PROGRAM, "run", "--camera", "demo", "--uplink", f"http://{HERE}:{outside}/"]
    flags = ["--sr", "off", "--fps", "10", "--log-level", "debug", "--spool", str(tmp_path / "spool")]
    log = tmp_path / "access.log"
    www = tmp_path / "www"

    def there() -> int:
        return len(list(www.glob("*.ts")))

    def in_spool() -> list[str]:
        return sorted(path.name for path in (tmp_path / "spool").glob("*.ts"))

    def used(kbits: int, segments: int) -> None:
        """Tell which share of the link is used until so many segments more have arrived."""
        began, before, arrived = time.monotonic(), link.kilobits, there()
        command.until(lambda: there() >= arrived + segments, f"{segments} segments over {kbits} kbit/s", PATIENCE)
        carried = kbits * (time.monotonic() - began)
        sys.stdout.write(f"{kbits} kbit/s: {(link.kilobits - before) / carried:.0%} used\n")

    link.carry(500)
    with nginx.webdav(tmp_path, port, server=f"listen {HERE}:{outside};"):
        command = Command((*run, *flags), environment(tmp_path / "state"), None)
        decisions = Decisions(command)
        try:
            command.until(lambda: there() >= 8, "eight segments over 500 kbit/s", PATIENCE)
            used(500, 8)
            middling = decisions.all()
            # The first guess is not yet the link's, and a probe may take as much as the link has.
            assert min(kbits for _, kbits in middling[1:] or middling) <= 500, f"500 kbit/s carry this: {middling}"

            link.carry(2000)
            command.until(
                lambda: any(kbits > 500 for _, kbits in decisions.since(len(middling))), "more over 2 Mbit/s", PATIENCE
            )
            wide = decisions.all()

            link.carry(80)
            command.until(
                lambda: any(rung == "low" and kbits <= 80 for rung, kbits in decisions.since(len(wide))),
                "little over 80 kbit/s",
                PATIENCE,
            )
            command.until(lambda: len(in_spool()) <= 2, "what was too much for 80 kbit/s to arrive", PATIENCE)
            used(80, 10)
            assert decisions.all()[-1][0] == "low", "80 kbit/s carry moving pictures"

            link.down()
            time.sleep(OUTAGE)
            assert "uplink away" in command.output
            missed = in_spool()
            assert len(missed) >= 2, "nothing was captured while the link was down"
            lost_sight = decisions.all()
            assert lost_sight[-1][0] == "low", "an outage says nothing of what the link will carry"

            link.carry(500)
            link.up()
            began = time.monotonic()
            command.until(lambda: not set(missed) & set(in_spool()), "what was missed to arrive", PATIENCE)
            command.until(lambda: len(in_spool()) <= 2, "the live edge", PATIENCE)
            sys.stdout.write(
                f"{len(missed)} segments waited; the live edge is back after {time.monotonic() - began:.0f} s\n"
            )
            command.until(
                lambda: any(rung == "native" for rung, _ in decisions.since(len(lost_sight))),
                "the rung coming up",
                PATIENCE,
            )
            # `ip netns exec` becomes the command.
            command.process.terminate()
            outcome = command.ended(PATIENCE)
        finally:
            command.close()
    assert outcome.code == 0, outcome.output
    sys.stdout.write(outcome.output)
    arrived = sorted(www.glob("*.ts"))
    sequence = [int(path.stem.rpartition("-")[2]) for path in arrived]
    waiting = sorted(int(path.stem.rpartition("-")[2]) for path in (tmp_path / "spool").glob("*.ts"))
    assert sorted({*sequence, *waiting}) == list(range(outcome.segments)), "a segment is lost"
    entries = Playlist.parse((www / PLAYLIST_NAME).read_text()).entries
    names = [entry.name for entry in entries]
    assert names == sorted(set(names)), "out of order, or listed twice"
    assert not any(entry.gap for entry in entries)
    puts = Counter(re.findall(r'"PUT /(\S+\.ts) HTTP/1.1" 201', log.read_text()))
    assert max(puts.values()) == 1, "a segment was new at the far end twice"
    shown = sum(len(pictures_of(path)) for path in (*arrived, *(tmp_path / "spool").glob("*.ts")))
    assert shown == outcome.encoded, "a picture is lost or damaged"
