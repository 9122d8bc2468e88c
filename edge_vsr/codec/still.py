"""One frame as a JPEG."""

import av
from av.video.reformatter import ColorRange, Colorspace

from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame


def jpeg(frame: Frame, quality: int = 5) -> bytes:
    """A JFIF picture, BT.601 in full range as that has it; `quality` is FFmpeg's, 2..31, less is better.

    Raises EncoderError.
    """
    picture = video_frame(frame, 0).reformat(
        format="yuvj420p",
        src_colorspace=AV_MATRIX[frame.matrix],
        dst_colorspace=Colorspace.SMPTE170M,
        src_color_range=AV_RANGE[frame.range],
        dst_color_range=ColorRange.JPEG,
    )
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuvj420p"
    context.color_range = ColorRange.JPEG
    context.options = {"qmin": str(quality), "qmax": str(quality)}
    try:
        packets = [*context.encode(picture), *context.encode(None)]
    except av.FFmpegError as error:
        raise EncoderError(f"no still of {frame.size}: {error.strerror}") from error
    return b"".join(map(bytes, packets))
