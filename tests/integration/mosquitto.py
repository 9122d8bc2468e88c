"""A real MQTT broker on loopback."""

import queue
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.servers import need, running

USER, PASSWORD = "front", "S3CR3T"


@contextmanager
def broker(folder: Path, port: int, *, tls: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """For USER alone; over TLS with the certificate `tls`.pem in `folder`."""
    folder.chmod(0o755)
    password_file = folder / "passwords"
    password_file.touch(0o600)
    command = [need("mosquitto_passwd"), "-b", str(password_file), USER, PASSWORD]
    subprocess.run(command, check=True, capture_output=True)
    lines = [f"listener {port} 127.0.0.1", f"password_file {password_file}", "allow_anonymous false", "user root"]
    if tls:
        lines += [f"certfile {folder / tls}.pem", f"keyfile {folder / tls}.key"]
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n")
    with running([need("mosquitto"), "-c", str(config)], port=port) as process:
        yield process


class Listener:
    """Another client of the broker: what comes by each topic, and messages to send."""

    def __init__(self, port: int) -> None:
        self._messages: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.username_pw_set(USER, PASSWORD)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._messages.put((message.topic, bytes(message.payload), message.retain))

    def next(self, topic: str, seconds: float = 90.0) -> tuple[bytes, bool]:
        """The next message by `topic` and whether it was retained; others are passed over."""
        while True:
            try:
                found, payload, retained = self._messages.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"nothing came by {topic} for {seconds:g} s") from None
            if found == topic:
                return payload, retained

    def send(self, topic: str, payload: bytes = b"", *, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(60.0)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
