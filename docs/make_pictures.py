"""Make the pictures of the README and the models' cards: `python docs/make_pictures.py`.

For each released model a piece of the demo camera's own scene, before and after.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.camera.demo.scene import Scene
from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import X264
from edge_vsr.frame import Frame, Range, Size
from edge_vsr.sr.store import bundled_store
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler, open_upscaler, upscale

Bgr = NDArray[np.uint8]

FOLDER = Path(__file__).with_name("before-after")
SIZE = Size(1280, 720)
PIECE = (slice(176, 376), slice(250, 530))
"""Rows and columns: the test chart, its small print, a pylon and a wall of bricks."""
ZOOM = 2
CAPTION = 44
NUMBER = 0
CRF = 32.0
"""Of what arrives at models of coded sources."""


def scene() -> Frame:
    """The scene at full size."""
    drawn = Scene(SIZE)
    return Frame(*drawn.picture(NUMBER), drawn.matrix, Range.LIMITED, NUMBER, 0.0, 0.0)


def reduced(frame: Frame, factor: int) -> Frame:
    """As a small camera, or the `low` rung, sends it."""
    y, u, v = (
        np.asarray(cv2.resize(p, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA), np.uint8)
        for p in (frame.y, frame.u, frame.v)
    )
    return Frame(y, u, v, frame.matrix, frame.range, frame.number, frame.time, frame.wall)


def coded(frame: Frame) -> Frame:
    """As it arrives: a keyframe of x264."""
    settings = EncoderSettings(frame.size, Fraction(25), frame.matrix, frame.range, kbits=10**5)
    (picture,) = replace(X264, crf=CRF).open(settings).encode(frame, 0, keyframe=True)
    decoder = av.CodecContext.create("h264", "r")
    (decoded,) = (*decoder.decode(av.Packet(picture.data)), *decoder.decode(None))
    planes = np.asarray(decoded.to_ndarray(), np.uint8).reshape(-1)
    y, u, v = np.split(planes, [frame.y.size, frame.y.size + frame.u.size])
    return replace(frame, y=y.reshape(frame.y.shape), u=u.reshape(frame.u.shape), v=v.reshape(frame.v.shape))


def piece(frame: Frame) -> Bgr:
    """The cut, in colour, every sample a square."""
    planes = np.concatenate([plane.reshape(-1) for plane in (frame.y, frame.u, frame.v)])
    bgr = cv2.cvtColor(planes.reshape(frame.height * 3 // 2, frame.width), cv2.COLOR_YUV2BGR_I420)[PIECE]
    return np.asarray(cv2.resize(bgr, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_NEAREST), np.uint8)


def captioned(picture: Bgr, text: str) -> Bgr:
    out = cv2.copyMakeBorder(picture, 0, CAPTION, 0, 8, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    cv2.putText(out, text, (4, out.shape[0] - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 40, 40), 2, cv2.LINE_AA)
    return np.asarray(out, np.uint8)


def before_and_after(model: Upscaler, *, lossy: bool) -> Bgr:
    """Bicubic, `model` and the original, side by side."""
    truth = scene()
    small = reduced(truth, model.scale)
    sent = coded(small) if lossy else small
    ways = (BicubicUpscaler(model.scale), model)
    shown = [captioned(piece(upscale(sent, way)), f"{way.name} from {sent.size}") for way in ways]
    return np.hstack([*shown, captioned(piece(truth), f"the scene at {truth.size}")])


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, model in bundled_store().models.items():
        picture = before_and_after(open_upscaler(name), lossy=model.source == "lossy")
        cv2.imwrite(str(FOLDER / f"{name}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
