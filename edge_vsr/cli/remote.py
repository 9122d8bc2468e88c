"""What a run tells an MQTT broker, and does for it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from edge_vsr.clock import Clock
from edge_vsr.codec.still import jpeg
from edge_vsr.config import RunConfig
from edge_vsr.errors import EdgeVsrError, EncoderError
from edge_vsr.mqtt.client import MqttClient, MqttOptions, allowed_commands
from edge_vsr.mqtt.messages import Command, CommandName
from edge_vsr.mqtt.topics import Broker
from edge_vsr.pipeline import Run, RunStatus
from edge_vsr.redact import redact
from edge_vsr.stages.last import LastFrameCamera

log = logging.getLogger(__name__)


def broker_of(config: RunConfig) -> tuple[Broker, MqttOptions] | None:
    """Where to report to, and what is allowed from there; None if nowhere. Raises UsageError."""
    options = MqttOptions(
        ca_file=config.mqtt_ca,
        allowed=allowed_commands(config.mqtt_allow),
        still_seconds=config.mqtt_still_seconds,
        discovery=config.mqtt_discovery,
    )
    return (Broker.parse(config.mqtt, redact(config.camera)), options) if config.mqtt else None


class Remote:
    """Used by the main thread, between two looks at the run."""

    def __init__(
        self, client: MqttClient | None, config: RunConfig, under_way: Run, restart: Callable[[], None]
    ) -> None:
        """`restart` asks for the end of this run and for another."""
        self._client = client
        self._config = config
        self._run = under_way
        self._restart = restart

    def show(self, status: RunStatus) -> None:
        """Tell the broker, and do what it asked for."""
        if self._client is None:
            return
        self._client.show(status)
        for command in self._client.commands():
            self._execute(command)

    def _execute(self, command: Command) -> None:
        if command.name is CommandName.RESTART:
            self._restart()
            return
        try:
            self._run.limit(replace(self._config, rung=command.rung or self._config.rung))
        except EdgeVsrError as error:
            log.warning("mqtt: the rung stays: %s", error)


@contextmanager
def connected(
    broker: tuple[Broker, MqttOptions] | None, camera: LastFrameCamera, clock: Clock
) -> Iterator[MqttClient | None]:
    """A client for the time of the block; None without a broker. Raises what MqttClient raises."""
    if broker is None:
        yield None
        return
    client = MqttClient(*broker, clock, lambda: _still(camera))
    try:
        yield client
    finally:
        client.close()


def _still(camera: LastFrameCamera) -> bytes | None:
    try:
        return jpeg(camera.last) if camera.last else None
    except EncoderError as error:
        log.warning("mqtt: %s", error)
        return None


class Ending:
    """Whether the end of a run is the end, or the beginning of another."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        """Set when the run is to end."""
        self._for_good = threading.Event()
        self._again = threading.Event()

    def for_good(self) -> None:
        """May be called by a signal handler, at any moment."""
        self._for_good.set()
        self.stop.set()

    def restart(self) -> None:
        self._again.set()
        self.stop.set()

    def another(self) -> bool:
        """Whether to run once more; called after the end of a run."""
        again = self._again.is_set()
        self._again.clear()
        if again:
            self.stop.clear()
        if self._for_good.is_set():
            self.stop.set()
        return again and not self.stop.is_set()
