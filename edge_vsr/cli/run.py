"""`edge-vsr run`: a camera's picture, encoded, super-resolved and sent."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from edge_vsr.camera.address import parse_camera
from edge_vsr.camera.base import Camera, CaptureWish, RtspTransport
from edge_vsr.camera.decoded import FASTEST
from edge_vsr.camera.open import is_lossy, open_camera
from edge_vsr.cli.far_end import CaFlag, CertificateFlag, KeyFlag, ParallelFlag, TokenFileFlag
from edge_vsr.cli.follow import Followed, bytes_of, seconds_of
from edge_vsr.cli.keys import keys_of
from edge_vsr.cli.layers import CONTEXT_SETTINGS, fixed_keys, mistyped_variables, take_file
from edge_vsr.cli.log import LogFormat, LogLevel, start_logging
from edge_vsr.cli.memory import MemoryFlag, budget_of, memory_of
from edge_vsr.cli.model import ModelFlag, asked_model, chosen_model, tell_model
from edge_vsr.cli.profile import ProfiledCommand, sr_of, tell_profile
from edge_vsr.cli.reload import Reload
from edge_vsr.cli.remote import Ending, Messenger, Remote, broker_of
from edge_vsr.cli.renewal import Current, with_secrets
from edge_vsr.cli.status_line import StatusLine, in_words, summary_in_words
from edge_vsr.cli.tile import TileFlag, tile_of
from edge_vsr.cli.uplinks import Uplinks, uplink_options
from edge_vsr.cli.watchdog import Watchdog
from edge_vsr.clock import Clock, SystemClock
from edge_vsr.codec.choice import Choice, choose
from edge_vsr.codec.encoder import check_encodable
from edge_vsr.codec.kinds import KINDS, X264
from edge_vsr.codec.probe import attempt
from edge_vsr.config import EncoderChoice, RunConfig, SendingOrder, SuperResolution, default_spool
from edge_vsr.errors import CameraError, InputError, UsageError
from edge_vsr.frame import Size
from edge_vsr.heartbeat import PATIENCE, Heartbeats
from edge_vsr.heat import SysfsHeat
from edge_vsr.memory import return_freed_memory
from edge_vsr.notify import NoNotifier, notifier_of
from edge_vsr.pipeline import Run, RunStatus, RunSummary, carried
from edge_vsr.policy.cadence import longest_segment
from edge_vsr.rung import Rung
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.choice import AUTO
from edge_vsr.sr.engines import check_installed
from edge_vsr.sr.library import open_library
from edge_vsr.sr.upscaler import BICUBIC, NetworkUpscaler, Upscaler, open_upscaler
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.last import LastFrameCamera
from edge_vsr.stages.pace import PacedCamera
from edge_vsr.stages.prepare import cropped_even
from edge_vsr.stages.source import Source
from edge_vsr.telemetry.report import Report
from edge_vsr.telemetry.server import Listen
from edge_vsr.telemetry.state import runtime_folder
from edge_vsr.uplink.far_ends import FarEnds
from edge_vsr.uplink.folder import check_apart, check_place
from edge_vsr.uplink.open import folder_of, is_live, open_uplink
from edge_vsr.uplink.order import Order
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

SETTINGS: dict[str, Any] = {"cls": ProfiledCommand, "context_settings": CONTEXT_SETTINGS}
"""Of the command, for the library."""


def _take_file(context: typer.Context, path: Path | None) -> Path | None:
    take_file(context, path, KEYS)
    return path


def command(
    context: typer.Context,
    camera: Annotated[
        str,
        typer.Option(
            help="demo, 0 (first camera), /dev/video0, /dev/v4l/by-id/..., picamera:0, rtsp://, http(s):// or a file.",
        ),
    ],
    uplink: Annotated[
        list[str] | None,
        typer.Option(
            # Folders may have blanks; see `layers`.
            allow_from_autoenv=False,
            help="A folder, http(s):// with PUT, rtsp(s)://, rtmp(s):// or srt://; given twice, a live one besides.",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Length of the run; without end if left out.")] = None,
    sr: Annotated[
        SuperResolution, typer.Option(help="Super-resolve before the uplink; auto: when link and compute allow it.")
    ] = SuperResolution.AUTO,
    model: ModelFlag = AUTO,
    rung: Annotated[Rung | None, typer.Option(help="Send on this rung only; the policy chooses if left out.")] = None,
    fps: Annotated[str | None, typer.Option(help="Frames a second, such as 15 or 30000/1001; at most 240.")] = None,
    rtsp_transport: Annotated[
        RtspTransport, typer.Option(help="How an RTSP camera sends: tcp loses nothing, udp is later by less.")
    ] = "tcp",
    encoder: Annotated[
        EncoderChoice, typer.Option(help="auto: hardware if it codes the first frame well, else x264.")
    ] = EncoderChoice.AUTO,
    size: Annotated[str | None, typer.Option(help="Size of the camera's frames in pixels, such as 960x540.")] = None,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime or openvino.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, max=256, help="Threads of the network; all processors if left out.")
    ] = None,
    tile: TileFlag = None,
    memory: MemoryFlag = None,
    spool: Annotated[Path | None, typer.Option(help="Folder for segments that wait for the far end.")] = None,
    spool_mb: Annotated[float, typer.Option(min=1.0, help="Megabytes that may wait; over it the oldest go.")] = 1024.0,
    spool_hours: Annotated[
        float | None, typer.Option(min=0.01, help="Age at which what waits is given up; never if left out.")
    ] = None,
    order: Annotated[SendingOrder, typer.Option(help="What goes first after an outage.")] = "oldest-first",
    parallel: ParallelFlag = 2,
    uplink_ca: CaFlag = None,
    uplink_cert: CertificateFlag = None,
    uplink_key: KeyFlag = None,
    uplink_verify: Annotated[
        bool, typer.Option(help="Ask an HTTP far end how much it keeps of each segment; a round trip each.")
    ] = True,
    uplink_token_file: TokenFileFlag = None,
    metrics: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Where Prometheus finds metrics; off loopback only with a token. auto: 127.0.0.1:9273, or the next "
            "port that no other run has; off: nowhere.",
        ),
    ] = "auto",
    metrics_token_file: Annotated[
        Path | None, typer.Option(help="File with the bearer token that who asks for metrics must have.")
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option(help="auto: text on a terminal, priorities in systemd's journal, json elsewhere.")
    ] = "auto",
    log_level: Annotated[LogLevel, typer.Option(help="What is less weighty is not logged.")] = "info",
    mqtt: Annotated[
        str | None, typer.Option(help="Broker to tell how the run is doing: mqtt(s)://user:password@host:port/topic.")
    ] = None,
    mqtt_allow: Annotated[
        str, typer.Option(help="Commands that the broker may give: rung, snapshot, restart, with commas between.")
    ] = "",
    mqtt_ca: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) to trust at the broker instead of the system's.")
    ] = None,
    mqtt_still_seconds: Annotated[
        float | None, typer.Option(min=1.0, help="Seconds between two stills for the broker; none if left out.")
    ] = None,
    mqtt_discovery: Annotated[bool, typer.Option(help="Announce the run to Home Assistant, over MQTT.")] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            is_eager=True,
            callback=_take_file,
            metavar="FILE",
            help="TOML file with the same settings; see `edge-vsr config init -`.",
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", hidden=True, help="Check everything and stop.")] = False,
) -> None:
    """Send a camera's picture: encoded in 2 s segments, super-resolved when there is room, kept until delivered.

    Settings come from the file of --config, the environment and flags; the later counts. An address with a password is
    better not given on the command line, which others can see, but as EDGE_VSR_CAMERA, EDGE_VSR_MQTT or
    EDGE_VSR_UPLINK, where a blank is between two far ends. A bearer token is taken from EDGE_VSR_UPLINK_TOKEN, a file,
    or systemd's credential uplink_token.
    Stops on Ctrl-C or SIGTERM with everything flushed; a second Ctrl-C stops at once.
    """
    start_logging(log_format, log_level)
    sr = sr_of(context, sr)
    model, model_like = asked_model(context, model)
    tell_profile(context)
    for mistake in mistyped_variables(KEYS):
        log.warning("%s", mistake)
    return_freed_memory()
    far_ends = FarEnds.of(uplink or [])
    if spool == Path():  # which the empty path is too
        raise UsageError("--spool is empty, or the current folder; give one of its own")
    wanted = RunConfig(
        camera=camera,
        uplink=far_ends.main,
        live_uplink=far_ends.live,
        seconds=seconds,
        sr=sr,
        model=model,
        model_like=model_like,
        rung=rung,
        rate=_rate(fps) if fps else None,
        rtsp_transport=rtsp_transport,
        encoder=encoder,
        size=_size(size) if size else None,
        runtime=runtime,
        threads=threads,
        tile=tile_of(tile),
        memory=memory_of(memory),
        spool=spool,
        spool_bytes=bytes_of(spool_mb),
        spool_seconds=seconds_of(spool_hours),
        order=order,
        parallel=parallel,
        ca_file=uplink_ca,
        client_certificate=uplink_cert,
        client_key=uplink_key,
        bearer_token_file=uplink_token_file,
        metrics_token_file=metrics_token_file,
        verify=uplink_verify,
        mqtt=mqtt,
        mqtt_allow=mqtt_allow,
        mqtt_ca=mqtt_ca,
        mqtt_still_seconds=mqtt_still_seconds,
        mqtt_discovery=mqtt_discovery,
    )
    current = Current(with_secrets(wanted))
    listen = Listen.parse(metrics, current.config.metrics_token)
    if check:
        _check_names(current.config)
        return
    reload = Reload(config, KEYS, fixed_keys(context, KEYS)) if config else None
    ending = Ending()
    _stop_on_signals(ending)
    if reload:
        reload.listen()
    while True:
        try:
            # With the token that it has by now.
            summary = run(current, ending, listen and replace(listen, token=current.config.metrics_token), reload)
        except (InputError, CameraError):
            if not ending.stop.is_set():
                raise
            log.info("stopped before the first frame")
        else:
            log.info("%s", summary_in_words(summary))
        if not ending.another():
            return


KEYS = keys_of(command)


def run(current: Current, ending: Ending, listen: Listen | None = None, reload: Reload | None = None) -> RunSummary:
    """Open everything, checks first, and run until the end. Closes what it opened."""
    config = current.config
    clock = SystemClock()
    stop = ending.stop
    broker_of(config)
    notifier = notifier_of()
    watchdog = Watchdog(notifier, clock, ending.leaving)
    heartbeats = Heartbeats(clock)
    wish = CaptureWish(config.size, config.rate, config.rtsp_transport)
    choice = upscaler = None
    if config.most is Rung.ENHANCED:
        choice = chosen_model(config.model, config.model_like, lambda: is_lossy(config.camera, wish))
        upscaler = _upscaler(config, choice.name)
    capture = heartbeats.of("capture", max(PATIENCE, 3 * wish.longest_silence()))

    def on_wait(reason: str) -> None:
        capture.beat()
        watchdog.wait(reason)

    # Whoever types a wrong address wants to be told; a service may start before its camera does.
    patient = not isinstance(notifier, NoNotifier)
    with (
        closing(
            open_camera(
                config.camera,
                wish,
                clock,
                stop,
                patient=patient,
                on_wait=on_wait,
                newest=lambda: current.config.camera,
            )
        ) as camera,
        ExitStack() as closing_last,
    ):
        shown_at_once = is_live(config.uplink) or config.live_uplink is not None
        paced = PacedCamera(camera, clock) if shown_at_once and not camera.live else camera
        watched = LastFrameCamera(paced)
        source = Source.checked(config, watched, _only_changes(config, upscaler, camera, clock))
        encoder = _encoder(config, source)
        messenger = closing_last.enter_context(closing(Messenger(config, watched, clock)))
        folder = config.spool or default_spool(config.camera, config.uplink)
        if place := folder_of(config.uplink):
            check_apart(place, folder)
        with _no_empty_folder_left(Path(config.uplink)):
            uplinks = Uplinks.of(config)
            spool = Spool(folder, Bounds(config.spool_bytes, config.spool_seconds), clock)
        with spool:
            name = f"{camera.name} to {uplinks.name}"
            log.info("%s", name)
            log.info("encoder %s", encoder)
            if choice:
                tell_model(config.model, choice)
            line = StatusLine(clock)
            longest = longest_segment(source.limits.least, source.rate)
            delivery = open_delivery(
                uplinks.main, spool, clock,
                more=uplinks.more, order=Order(config.order), live=uplinks.live, longest=longest,
            )  # fmt: skip
            under_way = Run(
                source,
                spool,
                delivery,
                clock,
                seconds=config.seconds,
                heartbeats=heartbeats,
                heat=SysfsHeat(),
                kind=encoder.kind,
            )
            report = Report(
                name, clock, SysfsHeat(), listen=listen, folder=runtime_folder(), words=in_words, pid=os.getpid()
            )
            followed = Followed(current, reload, spool, under_way, uplinks, messenger, report)
            remote = Remote(messenger, current, under_way, ending.restart)

            def tick(inside: RunStatus) -> None:
                status = inside.beside(*messenger.parts)
                line.show(status)
                watchdog.show(status)
                report.show(status)
                followed.follow()
                remote.show(status)

            try:
                with report:
                    summary = under_way.execute(stop, tick)
            finally:
                line.clear()
            if summary.waiting and is_live(config.uplink):
                log.info("`edge-vsr send %s --uplink ...` brings what waits to a far end that keeps it", folder)
            return summary


def _check_names(config: RunConfig) -> None:
    """What can be told without opening anything. Raises what opening would."""
    parse_camera(config.camera)
    broker_of(config)
    for far_end in (config.uplink, config.live_uplink):
        if far_end is None:
            continue
        if folder := folder_of(far_end):
            check_place(folder)
        else:
            open_uplink(far_end, uplink_options(config)).close()
    if config.spool is not None:
        check_place(config.spool)
        if folder := folder_of(config.uplink):
            check_apart(folder, config.spool)
    if config.most is Rung.ENHANCED:
        if config.model not in (AUTO, BICUBIC):
            open_library().store_of(config.model)
        if config.runtime != "auto":
            check_installed(config.runtime)


def _upscaler(config: RunConfig, model: str) -> Upscaler:
    encoder = X264 if config.encoder is EncoderChoice.AUTO else KINDS[config.encoder.value]
    budget = budget_of(config.memory, carried(encoder, kept=config.memory is None))
    return open_upscaler(model, runtime=config.runtime, threads=config.threads, budget=budget, tile=config.tile)


def _encoder(config: RunConfig, source: Source) -> Choice:
    """Tried at the sizes of all rungs that the run may come to."""
    sizes = sorted({source.sizes[rung] for rung in Rung if source.limits.allows(rung)})
    first = cropped_even(source.first)
    wanted = None if config.encoder is EncoderChoice.AUTO else config.encoder.value
    return choose(wanted, lambda kind: attempt(kind, first, source.rate, sizes))


def _only_changes(config: RunConfig, upscaler: Upscaler | None, camera: Camera, clock: Clock) -> Upscaler | None:
    """Of a live camera only what changes goes through the network; not with --memory, for what is kept takes some."""
    if not (camera.live and isinstance(upscaler, NetworkUpscaler) and config.memory is None):
        return upscaler
    return KeptTilesUpscaler(
        upscaler.network,
        clock,
        threshold=config.change_threshold,
        refresh=config.attention_seconds,
        interval=float(1 / camera.rate) if camera.rate else None,
        tile_for=upscaler.tile_for,
    )


@contextmanager
def _no_empty_folder_left(folder: Path) -> Iterator[None]:
    """If the block fails, remove `folder` and those above it that it made and left empty."""
    missing = [place for place in (folder, *folder.parents) if not os.access(place, os.F_OK)]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for place in missing:
                place.rmdir()
        raise


def _stop_on_signals(ending: Ending) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        ending.for_good()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= FASTEST:
        raise UsageError(f"--fps {text!r} is not a number of frames a second up to {FASTEST}, such as 15 or 30000/1001")
    return rate


def _size(text: str) -> Size:
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise UsageError(f"--size: {error}") from error
    check_encodable(size)
    return size
