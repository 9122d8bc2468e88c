"""The network of a job, opened as `restore` opens it."""

from pathlib import Path

from edge_vsr.bench.jobs import WHOLE, Job
from edge_vsr.frame import Size
from edge_vsr.sr.network import TileSize
from edge_vsr.sr.runtime import Runtime
from edge_vsr.sr.store import ModelStore, bundled_store
from edge_vsr.sr.upscaler import NetworkUpscaler


def open_upscaler(job: Job, runtime: Runtime) -> NetworkUpscaler:
    """Raises EdgeVsrError for what this box cannot do, ValueError for a tile that is none."""
    store = ModelStore(Path(job.store)) if job.store else bundled_store()
    return NetworkUpscaler(store, job.model, runtime, job.threads, tile=_parse_tile(job.tile))


def _parse_tile(text: str) -> TileSize | None:
    """ "512x256" as (256, 512); None for "whole"."""
    if text == WHOLE:
        return None
    size = Size.parse(text)
    return size.height, size.width
