"""A video file restored: decode, upscale and encode side by side."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge_vsr.channel import Channel
from edge_vsr.frame import Frame
from edge_vsr.restoring.source import Sound, VideoSource
from edge_vsr.restoring.target import ENCODER_BYTES, is_raw, open_target
from edge_vsr.restoring.whole import whole_file
from edge_vsr.sr.budget import Carried
from edge_vsr.sr.upscaler import Upscaler, upscale
from edge_vsr.stages.worker import Workers

DEPTH = 1
"""Frames between two stages: large ones, and the network, which is the slowest by far, waits for neither."""

DECODER_FRAMES = 8
"""That the decoder holds to refer to and to put in order; formats allow more, but hardly at sizes that matter."""
FRAME_BYTES = 1.5
"""A luma sample, in 4:2:0."""


def carried(target: Path) -> Carried:
    """What `restore_video` to `target` holds: a frame in the hands of each stage, and those between."""
    encoder = 0 if is_raw(target) else ENCODER_BYTES
    return Carried(
        inputs=FRAME_BYTES * (DECODER_FRAMES + DEPTH + 2),
        outputs=FRAME_BYTES * (DEPTH + 2) - 1 + encoder,
    )


def restore_video(source: Path, target: Path, upscaler: Upscaler, progress: Callable[[int, int | None], None]) -> None:
    """Restore the first video stream of `source`; `progress` gets how many frames of how many are done.

    Sound goes along as it is where `target` can hold it. Raises InputError, EncoderError or OutputError; `target` is
    written whole or not at all.
    """
    decoded, larger = Channel[Frame](DEPTH), Channel[Frame](DEPTH)

    def abandon() -> None:
        decoded.close()
        larger.close()

    workers = Workers(abandon)
    with (
        VideoSource(source) as video,
        closing(Sound(source)) as sound,
        whole_file(target) as part,
        closing(open_target(part, video.rate, sound)) as out,
    ):

        def decode() -> None:
            for frame in video:
                if not decoded.put(frame):
                    return

        def enlarge() -> None:
            while (frame := decoded.get()) is not None and larger.put(upscale(frame, upscaler)):
                pass

        total = video.frames
        done = 0
        try:
            workers.start("decode", decode, at_end=decoded.close)
            workers.start("upscale", enlarge, at_end=larger.close)
            progress(done, total)
            while (frame := larger.get()) is not None:
                out.write(frame)
                done += 1
                progress(done, total)
        finally:
            # The decoder must be out of the file before that is closed.
            abandon()
            workers.join(float("inf"), lambda: None, 1.0)
        if workers.failure:
            raise workers.failure
        out.finish()
        progress(done, done)
