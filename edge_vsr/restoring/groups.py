"""Groups of pictures, and how coarsely they were coded.

The step of H.264's quantizer doubles with every 6 of its parameter (ITU-T H.264, 8.5.9), which FFmpeg's decoder tells
block by block. Of other codecs nothing is told, or in other units.
"""

import av
from av.sidedata.encparams import VideoEncParams, VideoEncParamsType

from edge_vsr.frame import Group

EXPORT = {"export_side_data": "venc_params"}
"""An option of FFmpeg's decoders, without which they keep it to themselves."""
FINEST = 0.625
"""The step that belongs to a parameter of 0, in levels."""


class Groups:
    """Of a stream."""

    def __init__(self) -> None:
        self._last: Group | None = None

    def of(self, picture: av.VideoFrame) -> Group | None:
        """That of the next picture that was decoded; None if it is not told how coarsely its keyframe was coded."""
        if picture.key_frame:
            step = step_of(picture)
            self._last = None if step is None else Group(step)
        return self._last


def step_of(picture: av.VideoFrame) -> float | None:
    """Step of the quantizer of a decoded picture, in levels, at its blocks' mean parameter; None if none was told."""
    told = picture.side_data.get("VIDEO_ENC_PARAMS")
    if not isinstance(told, VideoEncParams) or told.codec_type != VideoEncParamsType.H264 or not told.nb_blocks:
        return None
    return float(FINEST * 2 ** (told.qp_map().mean() / 6))
