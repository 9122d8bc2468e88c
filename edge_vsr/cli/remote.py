"""What a run tells an MQTT broker, and does for it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from edge_vsr.cli.renewal import Current
from edge_vsr.clock import Clock
from edge_vsr.codec.still import jpeg
from edge_vsr.config import RunConfig
from edge_vsr.errors import EdgeVsrError, EncoderError
from edge_vsr.mqtt.client import MqttClient, MqttOptions, allowed_commands, trust
from edge_vsr.mqtt.messages import Command, CommandName
from edge_vsr.mqtt.topics import Broker
from edge_vsr.part import PartStatus
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

    def __init__(self, messenger: "Messenger", current: Current, under_way: Run, restart: Callable[[], None]) -> None:
        """`restart` asks for the end of this run and for another."""
        self._messenger = messenger
        self._current = current
        self._run = under_way
        self._restart = restart

    def show(self, status: RunStatus) -> None:
        """Tell the broker, and do what it asked for."""
        client = self._messenger.client
        if client is None:
            return
        client.show(status)
        for command in client.commands():
            self._execute(command)

    def _execute(self, command: Command) -> None:
        if command.name is CommandName.RESTART:
            self._restart()
            return
        try:
            config = self._current.config
            self._run.limit(replace(config, rung=command.rung or config.rung))
        except EdgeVsrError as error:
            log.warning("mqtt: the rung stays: %s", error)


class Messenger:
    """The connection to the broker, where there is one. Used by the main thread."""

    def __init__(self, config: RunConfig, camera: LastFrameCamera, clock: Clock) -> None:
        """Begins to connect. Raises what MqttClient raises."""
        self._camera = camera
        self._clock = clock
        self._place = _place(config)
        self.client = self._connected(broker_of(config))

    @property
    def parts(self) -> tuple[PartStatus, ...]:
        """The broker, where there is one."""
        return (self.client.part,) if self.client else ()

    def renewal(self, config: RunConfig) -> Callable[[], None]:
        broker, place = broker_of(config), _place(config)
        if broker and broker[0].tls:
            trust(config.mqtt_ca)

        def renew() -> None:
            if place != self._place:
                self.close()
                self._place, self.client = place, self._connected(broker)

        return renew

    def close(self) -> None:
        """Say goodbye. Takes a bounded time."""
        if self.client:
            self.client.close()

    def _connected(self, broker: tuple[Broker, MqttOptions] | None) -> MqttClient | None:
        return MqttClient(*broker, self._clock, lambda: _still(self._camera)) if broker else None


def _place(config: RunConfig) -> tuple[str | None, bytes]:
    """What a connection is made with; where that stays the same, it need not be made anew."""
    try:
        return config.mqtt, config.mqtt_ca.read_bytes() if config.mqtt_ca else b""
    except OSError:
        return config.mqtt, b""


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
        self.leaving = threading.Event()
        """Set when no other run will follow."""
        self._again = threading.Event()

    def for_good(self) -> None:
        """May be called by a signal handler, at any moment."""
        self.leaving.set()
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
        if self.leaving.is_set():
            self.stop.set()
        return again and not self.stop.is_set()
