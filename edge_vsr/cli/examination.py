"""What `doctor` looks at where the packages that everything needs do start."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from edge_vsr.camera.base import CaptureWish
from edge_vsr.cli.follow import bytes_of
from edge_vsr.cli.layers import take_file
from edge_vsr.cli.run import KEYS
from edge_vsr.config import default_spool
from edge_vsr.doctor.camera import check_camera
from edge_vsr.doctor.cameras import check_cameras
from edge_vsr.doctor.disk import check_disk
from edge_vsr.doctor.encoders import check_encoders
from edge_vsr.doctor.finding import Finding
from edge_vsr.doctor.models import check_models
from edge_vsr.doctor.uplink import check_uplink
from edge_vsr.errors import UsageError
from edge_vsr.secrets import find_secret
from edge_vsr.uplink.options import UplinkOptions


def settings_of(context: typer.Context, config: Path | None, uplink: list[str] | None) -> Mapping[str, Any]:
    """What a run would be told by `config`, the environment, and `uplink`. Raises UsageError."""
    take_file(context, config, KEYS)
    return {**(context.default_map or {}), **dict(_variables(os.environ)), **({"uplink": uplink} if uplink else {})}


def _variables(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The keys that the environment sets; two far ends in one variable are `take_file`'s."""
    for key in KEYS.values():
        text = environment.get(key.variable, "").strip()
        if not text or key.several or key.kind is bool:
            continue
        try:
            yield key.name, key.typed(key.kind(text) if key.kind in (int, float) else text)
        except ValueError:
            raise UsageError(f"{key.variable}: give {key.allowed}") from None


def examine(settings: Mapping[str, Any], *, send: bool) -> Iterator[Finding]:
    """What the settings ask for is looked at where they are made; the rest as a run without them would have it."""
    far_ends = settings.get("uplink") or []
    spool = settings.get("spool") or default_spool(settings.get("camera", "demo"), far_ends[0] if far_ends else "out")
    yield from check_models()
    yield from check_encoders()
    yield from check_cameras()
    if camera := settings.get("camera"):
        yield from check_camera(camera, CaptureWish(rtsp_transport=settings.get("rtsp_transport", "tcp")))
    yield from check_disk(Path(spool), bytes_of(settings.get("spool_mb") or KEYS["spool_mb"].default))
    for far_end in far_ends:
        yield from check_uplink(far_end, _options(settings), send=send)


def _options(settings: Mapping[str, Any]) -> UplinkOptions:
    paths = {
        name: Path(value) for name, value in settings.items() if name.startswith("uplink_") and KEYS[name].kind is Path
    }
    return UplinkOptions(
        ca_file=paths.get("uplink_ca"),
        client_certificate=paths.get("uplink_cert"),
        client_key=paths.get("uplink_key"),
        bearer_token=find_secret("uplink_token", paths.get("uplink_token_file")),
    )
