"""How coarsely a picture was coded.

The step of H.264's quantizer doubles with every 6 of its parameter (ITU-T H.264, 8.5.9), which FFmpeg's decoder tells
block by block. Of other codecs nothing is told, or in other units.
"""

import av
from av.sidedata.encparams import VideoEncParams, VideoEncParamsType

EXPORT = {"export_side_data": "venc_params"}
"""An option of FFmpeg's decoders, without which they keep it to themselves."""
FINEST = 0.625
"""The step that belongs to a parameter of 0, in levels."""


class KeyframeStep:
    """Of a stream: the step of its last keyframe, by which most of what stands still remains quantized."""

    def __init__(self) -> None:
        self._step: float | None = None

    def at(self, picture: av.VideoFrame) -> float | None:
        """The step of the last keyframe up to `picture`, the next one that was decoded; None if none was told."""
        if picture.key_frame:
            self._step = step_of(picture)
        return self._step


def step_of(picture: av.VideoFrame) -> float | None:
    """Step of the quantizer of a decoded picture, in levels, at its blocks' mean parameter; None if none was told."""
    told = picture.side_data.get("VIDEO_ENC_PARAMS")
    if not isinstance(told, VideoEncParams) or told.codec_type != VideoEncParamsType.H264 or not told.nb_blocks:
        return None
    return float(FINEST * 2 ** (told.qp_map().mean() / 6))
