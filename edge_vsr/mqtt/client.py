"""The connection to the broker. It never holds the run up: what cannot be sent now is not sent."""

import logging
import queue
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_vsr import __version__
from edge_vsr.clock import Clock
from edge_vsr.errors import MissingDependency, UsageError
from edge_vsr.mqtt.messages import (
    OFFLINE,
    ONLINE,
    Command,
    CommandName,
    Ignored,
    command,
    discovery,
    standing,
    status_message,
)
from edge_vsr.mqtt.topics import Broker
from edge_vsr.part import MQTT, Part, PartStatus
from edge_vsr.pipeline import RunStatus

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo

log = logging.getLogger(__name__)

STATUS_SECONDS = 5.0
"""Between two statuses that tell of figures only."""
STILL_SECONDS = 1.0
"""Between two stills, however many are asked for."""
LOG_SECONDS = 60.0
"""Between two log lines about messages that are ignored."""
LARGEST_PACKET = 4096
"""Bytes; the broker is asked to keep larger ones to itself. Commands are tiny."""
_WAITING_COMMANDS = 8
_KEEPALIVE = 30
_PATIENCE = 5.0
"""Seconds to connect."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1, 30
"""Seconds before the next try; each pause is twice the last."""
_FAREWELL = 2.0
"""Seconds that the end may take."""


class BrokerState(Enum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """What a broker is told and may ask for."""

    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's, over mqtts://."""
    allowed: frozenset[CommandName] = frozenset()
    still_seconds: float | None = None
    """Between two stills; None for only those that are asked for."""
    discovery: bool = False
    """Announce ourselves to Home Assistant."""


class MqttClient:
    """Made, shown and closed by one thread, which executes the commands; another of its own talks to the broker."""

    def __init__(
        self, broker: Broker, options: MqttOptions, clock: Clock, still: Callable[[], bytes | None] = lambda: None
    ) -> None:
        """Begins to connect. `still` makes a JPEG of what is seen now; None if nothing is.

        Raises MissingDependency, and UsageError for a CA file that cannot be used.
        """
        self._broker = broker
        self._options = options
        self._clock = clock
        self._still = still
        self._commands: queue.Queue[Command] = queue.Queue(_WAITING_COMMANDS)
        self._guard = threading.Lock()
        self._ignored = 0
        self._said_at: float | None = None
        self._fresh = threading.Event()
        self._told: tuple[object, ...] | None = None
        self._told_at = self._still_at = clock.monotonic()
        self._still_asked = False
        self._sending: MQTTMessageInfo | None = None
        self._part = Part(MQTT, clock)
        self._state = BrokerState.CONNECTING
        self._refused = False
        """The end of the connection that follows is no failure of its own."""
        self._client = self._connecting()
        self._thread = threading.Thread(
            target=self._client.loop_forever, kwargs={"retry_first_connection": True}, name="mqtt", daemon=True
        )
        self._thread.start()

    @property
    def part(self) -> PartStatus:
        """The broker as a part of a run; may be read by any thread."""
        return self._part.status(self._state.value)

    def show(self, status: RunStatus) -> None:
        """Tell the broker how the run is doing, and send a still when one is due. Never waits."""
        if not self._client.is_connected():
            return
        now, state = self._clock.monotonic(), standing(status)
        fresh = self._fresh.is_set()
        if fresh or state != self._told or now - self._told_at >= STATUS_SECONDS:
            self._fresh.clear()
            self._told, self._told_at = state, now
            self._client.publish(self._broker.topics.status, status_message(status), qos=1, retain=True)
        self._show_still(now)

    def commands(self) -> Iterator[Command]:
        """What was asked for since the last time, snapshots aside."""
        while True:
            try:
                asked = self._commands.get_nowait()
            except queue.Empty:
                return
            log.info("mqtt: %s", asked.name.value + (f" {asked.rung.value}" if asked.rung else ""))
            if asked.name is CommandName.SNAPSHOT:
                self._still_asked = True
            else:
                yield asked

    def close(self) -> None:
        """Say goodbye. Takes a bounded time."""
        if self._client.is_connected():
            farewell = self._client.publish(self._broker.topics.availability, OFFLINE, qos=1, retain=True)
            try:
                farewell.wait_for_publish(_FAREWELL)
            except (RuntimeError, ValueError):
                log.debug("mqtt: the broker went away first")
        self._client.disconnect()
        self._thread.join(_FAREWELL)

    def _show_still(self, now: float) -> None:
        pause = self._options.still_seconds
        due = self._still_asked or (pause is not None and now - self._still_at >= pause)
        # One at a time: on a thin link they would pile up.
        busy = self._sending is not None and not self._sending.is_published()
        if not due or busy or now - self._still_at < STILL_SECONDS:
            return
        picture = self._still()
        self._still_at, self._still_asked = now, False
        if picture is not None:
            self._sending = self._client.publish(self._broker.topics.still, picture, qos=1)

    def _connecting(self) -> "Client":
        try:
            from paho.mqtt import client as paho
            from paho.mqtt.enums import CallbackAPIVersion
            from paho.mqtt.packettypes import PacketTypes
            from paho.mqtt.properties import Properties
        except ImportError:
            raise MissingDependency("MQTT needs a package: pip install 'edge-vsr[mqtt]'") from None
        broker = self._broker
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set_context(trust(self._options.ca_file))
        client.connect_timeout = _PATIENCE
        client.reconnect_delay_set(_FIRST_PAUSE, _LONGEST_PAUSE)
        client.will_set(broker.topics.availability, OFFLINE, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        # Without, whoever publishes writes to the broker as well, beside the client's own thread.
        client.on_socket_register_write = lambda *_: None
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = LARGEST_PACKET
        client.connect_async(broker.host, broker.port, _KEEPALIVE, clean_start=True, properties=limits)
        return client

    def _on_connect(self, client: "Client", _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = True
            self._is_away(f"it says {reason}")
            return
        log.info("mqtt: connected to %s", self._broker.shown)
        self._state = BrokerState.CONNECTED
        self._part.worked()
        topics, options = self._broker.topics, self._options
        if options.allowed:
            client.subscribe(topics.commands, qos=1)
        client.publish(topics.availability, ONLINE, qos=1, retain=True)
        if options.discovery:
            stills = options.still_seconds is not None
            for topic, message in discovery(topics, __version__, options.allowed, stills=stills).items():
                client.publish(topic, message, qos=1, retain=True)
        self._fresh.set()

    def _on_connect_fail(self, _client: "Client", _data: Any) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, ssl.SSLCertVerificationError):
            self._is_away(f"its certificate is not trusted ({error.verify_message})")
        else:
            self._is_away(getattr(error, "strerror", None) or "it does not answer")

    def _on_disconnect(self, _client: "Client", _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        refused, self._refused = self._refused, False
        if reason.is_failure and not refused:
            self._is_away(f"the connection ended: {reason}")

    def _is_away(self, why: str) -> None:
        if self._state is not BrokerState.AWAY:
            log.warning("mqtt: %s is away: %s; trying again", self._broker.shown, why)
        self._state = BrokerState.AWAY
        # As the library pauses, which does not tell.
        self._part.rest(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self._part.failed(why) - 1)))

    def _on_message(self, _client: "Client", _data: Any, message: "MQTTMessage") -> None:
        name = self._broker.topics.command_in(message.topic)
        try:
            self._commands.put_nowait(
                command(name, bytes(message.payload), retained=message.retain, allowed=self._options.allowed)
            )
        except Ignored as reason:
            self._ignore(str(reason))
        except queue.Full:
            self._ignore("too many at once")

    def _ignore(self, why: str) -> None:
        with self._guard:
            self._ignored += 1
            now = self._clock.monotonic()
            if self._said_at is None or now - self._said_at >= LOG_SECONDS:
                log.warning("mqtt: ignored %d messages, lately since %s", self._ignored, why)
                self._ignored, self._said_at = 0, now


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """What certificates to trust: those in `ca_file`, else the system's. Raises UsageError."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = "it has no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(f"cannot use the CA file {ca_file}: {reason}") from None


def allowed_commands(text: str) -> frozenset[CommandName]:
    """The commands in "rung,snapshot". Raises UsageError."""
    try:
        return frozenset(CommandName(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        known = ", ".join(one.value for one in CommandName)
        raise UsageError(f"--mqtt-allow {text!r} is not a list of {known}, with commas between") from None
