"""Runs that tell a real broker how they do, and what they do and do not do for it."""

import json
import signal
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as paho

from edge_vsr.camera.status import CameraState
from edge_vsr.clock import SystemClock
from edge_vsr.mqtt.client import MqttClient, MqttOptions
from edge_vsr.mqtt.topics import Broker
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung
from tests.integration.certificates import certify
from tests.integration.command import LIGHT, Command, started
from tests.integration.mosquitto import PASSWORD, USER, Listener, broker
from tests.integration.servers import free_port

TOPIC = "site/front"


@pytest.fixture
def tmp_path(quick_path: Path) -> Path:
    """In memory: on a disk that is busy for seconds the rung goes down by itself."""
    return quick_path


@pytest.fixture
def port(tmp_path: Path) -> Any:
    number = free_port()
    (tmp_path / "broker").mkdir()
    with broker(tmp_path / "broker", number):
        yield number


@pytest.fixture
def listener(port: int) -> Any:
    with closing(Listener(port)) as one:
        yield one


def run(tmp_path: Path, port: int, *flags: object) -> "closing[Command]":
    url = f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{port}/{TOPIC}"
    usual = ["run", "--camera", "demo", "--uplink", tmp_path / "out", "--seconds", 120, *LIGHT]
    return started(*usual, "--mqtt", url, *flags, state=tmp_path / "state")


def status_where(listener: Listener, key: str, value: object) -> dict[str, Any]:
    end = time.monotonic() + 90.0
    while time.monotonic() < end:
        found: dict[str, Any] = json.loads(listener.next(f"{TOPIC}/status")[0])
        if found[key] == value:
            return found
    raise AssertionError(f"no status with {key} = {value!r}; the last was {found}")


def test_a_run_is_told_of_and_its_end_too(tmp_path: Path, port: int, listener: Listener) -> None:
    with run(tmp_path, port, "--mqtt-still-seconds", 1, "--mqtt-discovery") as command:
        assert listener.next(f"{TOPIC}/availability") == (b"online", False)
        assert "site-front" in listener.next("homeassistant/sensor/site-front/rung/config")[0].decode()
        status = status_where(listener, "rung", "native")
        assert status["camera"] == {"state": "open", "error": None}
        picture, retained = listener.next(f"{TOPIC}/still")
        assert picture.startswith(b"\xff\xd8")
        assert not retained
        with closing(Listener(port)) as late:
            assert late.next(f"{TOPIC}/availability") == (b"online", True)
            assert json.loads(late.next(f"{TOPIC}/status")[0])["rung"] == "native", "kept for those who come later"
        title = Path(f"/proc/{command.process.pid}/cmdline").read_text()
        command.process.send_signal(signal.SIGTERM)
        assert listener.next(f"{TOPIC}/availability") == (b"offline", False)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert PASSWORD not in outcome.output + title


def test_a_run_that_is_killed_leaves_its_last_will(tmp_path: Path, port: int, listener: Listener) -> None:
    with run(tmp_path, port) as command:
        assert listener.next(f"{TOPIC}/availability")[0] == b"online"
        command.process.kill()
        assert listener.next(f"{TOPIC}/availability")[0] == b"offline"


def test_commands_that_are_allowed_are_done(tmp_path: Path, port: int, listener: Listener) -> None:
    with run(tmp_path, port, "--mqtt-allow", "rung,snapshot,restart") as command:
        status_where(listener, "rung", "native")
        listener.send(f"{TOPIC}/command/rung", b"low")
        status_where(listener, "rung", "low")
        listener.send(f"{TOPIC}/command/snapshot")
        assert listener.next(f"{TOPIC}/still")[0].startswith(b"\xff\xd8")
        listener.send(f"{TOPIC}/command/restart", b"PRESS")
        assert listener.next(f"{TOPIC}/availability")[0] == b"offline"
        assert listener.next(f"{TOPIC}/availability")[0] == b"online"
        status_where(listener, "rung", "native")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert outcome.output.count("frames captured") == 2, "one run, and another"


def test_hostile_messages_change_nothing_and_are_logged_once(tmp_path: Path, port: int, listener: Listener) -> None:
    # What the broker kept from long ago is sent to whoever comes.
    listener.send(f"{TOPIC}/command/restart", retain=True)
    with run(tmp_path, port, "--mqtt-allow", "rung,restart") as command:
        status_where(listener, "rung", "native")
        for payload in (b"x" * 10_000_000, b"x" * 1000, b"\xff\xfe\x00", b'{"rung": ["low"', b"", b"LOW", b"enhanced"):
            listener.send(f"{TOPIC}/command/rung", payload)
        for name in ("snapshot", "reboot", "%s%n"):
            listener.send(f"{TOPIC}/command/{name}", b"low")
        for _ in range(200):
            listener.send(f"{TOPIC}/command/restart", b"now!")
        command.until_said("the rung stays")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert outcome.output.count("mqtt: ignored") == 1, outcome.output
    assert "INFO rung low" not in outcome.output
    assert outcome.output.count("frames captured") == 1
    assert "Traceback" not in outcome.output


def test_without_leave_no_command_is_even_asked_for(tmp_path: Path, port: int, listener: Listener) -> None:
    with run(tmp_path, port) as command:
        status_where(listener, "rung", "native")
        listener.send(f"{TOPIC}/command/rung", b"low")
        listener.send(f"{TOPIC}/command/restart")
        # The rung changes where a segment starts.
        time.sleep(3.0)
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert "ignored" not in outcome.output
    assert "INFO rung low" not in outcome.output
    assert outcome.output.count("frames captured") == 1


def test_a_broker_that_is_away_or_says_no_holds_nothing_up(tmp_path: Path, port: int) -> None:
    for url in (f"mqtt://127.0.0.1:{free_port()}", f"mqtt://{USER}:wr0ng@127.0.0.1:{port}"):
        words = ("run", "--camera", "demo", "--uplink", "out", *LIGHT, "--mqtt", url)
        with started(*words, state=tmp_path / "state", cwd=tmp_path) as command:
            command.until_said("is away: ")
            command.until_said("rung native")
            command.process.send_signal(signal.SIGTERM)
            outcome = command.ended()
        assert outcome.code == 0, outcome.output
        assert outcome.output.count("is away: ") == 1, outcome.output
        assert "wr0ng" not in outcome.output


@contextmanager
def hanging_up(port: int) -> Iterator[None]:
    """Something that takes connections and ends them before a word was said."""

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", port), HangUp) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield
        server.shutdown()


def failing(client: MqttClient, why: str) -> PartStatus:
    """The broker once it fails for this reason."""
    end = time.monotonic() + 90.0
    while (part := client.part).last_error != why:
        assert time.monotonic() < end, f"not {why!r} but {part}"
        time.sleep(0.02)
    return part


def test_each_try_that_fails_is_counted_once_however_it_fails(tmp_path: Path) -> None:
    port = free_port()
    client = MqttClient(Broker.parse(f"mqtt://{USER}:wr0ng@127.0.0.1:{port}/x", "x"), MqttOptions(), SystemClock())
    with closing(client):
        nobody = failing(client, "Connection refused")
        folder = tmp_path / "broker"
        folder.mkdir()
        with broker(folder, port):
            refused = failing(client, "it says Not authorized")
            assert refused.failures > nobody.failures > 0
            assert refused.retry_in > 0.0
            # The broker ends the connection that it refused.
            time.sleep(0.5)
            assert client.part.failures == refused.failures
        with hanging_up(port):
            rude = failing(client, "the connection ended: Unspecified error")
        assert rude.failures > refused.failures
    assert "wr0ng" not in str(client.part)


def test_only_the_client_s_own_thread_writes_to_the_broker(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    writers: dict[paho.Client, set[str]] = {}
    write = paho.Client.loop_write

    def noted(client: paho.Client) -> Any:
        writers.setdefault(client, set()).add(threading.current_thread().name)
        return write(client)

    monkeypatch.setattr(paho.Client, "loop_write", noted)
    url = f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{port}/{TOPIC}"
    with (
        closing(Listener(port)) as there,
        closing(MqttClient(Broker.parse(url, "x"), MqttOptions(), SystemClock())) as client,
    ):
        assert there.next(f"{TOPIC}/availability")[0] == b"online"
        client.show(RunStatus(15.0, 15.0, Rung.NATIVE, 800.0, 2, CameraState.OPEN, "up"))
        assert json.loads(there.next(f"{TOPIC}/status")[0])["rung"] == "native"
    (ours,) = (names for names in writers.values() if "mqtt" in names)
    assert ours == {"mqtt"}


def test_a_broker_is_known_by_its_certificate(tmp_path: Path) -> None:
    folder, number = tmp_path / "broker", free_port()
    folder.mkdir()
    certify(folder, "server", "subjectAltName=DNS:localhost")
    certify(folder, "stranger", "subjectAltName=DNS:localhost")
    url = f"mqtts://{USER}:{PASSWORD}@localhost:{number}/{TOPIC}"
    run = ["run", "--camera", "demo", "--uplink", tmp_path / "out", *LIGHT, "--mqtt", url, "--mqtt-ca"]
    with broker(folder, number, tls="server"):
        for authority, says in {"server": "connected to mqtts://localhost", "stranger": "is not trusted"}.items():
            with started(*run, folder / f"{authority}-ca.pem", state=tmp_path / "state") as command:
                command.until_said(says)
