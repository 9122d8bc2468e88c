"""What arrives over a thin link: short clips made of training pictures, made small, coded, and decoded again.

A clip stands still, pans or zooms while something moves across it, has a sensor's noise, and is coded as `run` codes
its `low` rung, or as a camera's own MJPEG. One of its pictures, at a random place after the keyframe, is the example;
what it should become is the scene itself, without noise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import X264
from edge_vsr.coded import TIME_BASE
from edge_vsr.frame import Frame, Matrix, Range, Size
from edge_vsr.stages.prepare import halved
from models.recipe.pairs import Luma, Pair

Random = np.random.Generator

SIDE = 384
"""Of the scene, in samples."""
MOST_FRAMES = 30
"""More than a second: by then a standing scene is as good as it gets, and what moves has drifted."""
STILL, PANNED = 0.6, 0.85
"""Chance that a clip stands still; that it stands still or pans. The rest zooms."""
SHAKEN, SHAKE = 0.6, 0.3
"""Chance that the camera shakes, as on a mast; by how much, in samples (standard deviation)."""
MOVES = 0.6
"""Chance that something moves across."""
MOTION_JPEG = 0.15
"""Chance that a clip is one of a camera that codes each picture for itself."""
CRF = 24.0, 44.0
FINEST_CRF = 18.0
"""Of clips whose rate decides."""
BITS_A_SAMPLE = 0.02, 0.2
"""Of clips that are coded at a rate; about what the `low` rung's range is."""
AT_A_RATE = 0.3
"""Chance of that."""
UNBOUNDED_BITS = 8.0
"""A sample; more than any clip takes."""
QUALITY = 30, 90
"""Of MJPEG."""
TEST_CRF = 30.0
"""Of the pictures that models are judged by."""
RATE = Fraction(25)


def lossy_pairs(lumas: Sequence[Luma], count: int, seed: int) -> Iterator[Pair]:
    """`count` examples; the same scenes for the same seed. Where libx264 keeps to a rate in several threads, it codes
    them a little differently each time."""
    large = [luma for luma in lumas if min(luma.shape) >= SIDE + 2]
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        scenes = list(_scenes(large, rng))
        yield Pair(_arrived([_seen(scene, rng) for scene in scenes], rng), scenes[-1])


def sent(luma: Luma) -> Luma:
    """A picture, its sides multiples of 4, as the `low` rung would send it in a keyframe at TEST_CRF."""
    return _through_x264([halved(_frame(luma, 0))], TEST_CRF, round(UNBOUNDED_BITS * luma.size * float(RATE) / 4000))


def _scenes(lumas: Sequence[Luma], rng: Random) -> Iterator[Luma]:
    """A clip's true pictures, SIDE x SIDE."""
    ground, thing = (lumas[i] for i in rng.integers(len(lumas), size=2))
    kind = rng.random()
    pan = rng.uniform(-3, 3, 2) if STILL <= kind < PANNED else np.zeros(2)
    zoom = rng.uniform(-0.008, 0.008) if kind >= PANNED else 0.0
    size = int(rng.integers(24, 160))
    cut = _corner(thing, size, rng)
    patch = thing[cut[0] : cut[0] + size, cut[1] : cut[1] + size]
    moves = rng.random() < MOVES
    start, speed = rng.uniform(-size / 2, SIDE - size / 2, 2), rng.uniform(-4, 4, 2)
    origin = _corner(ground, SIDE, rng)
    shake = SHAKE * float(rng.random() < SHAKEN)
    for time in range(int(rng.integers(1, MOST_FRAMES + 1))):
        # Sub-pixel motion, as cameras have it: by an affine map, where OpenCV's border repeats the picture.
        grow = 1 + zoom * time
        down, across = origin + pan * time + rng.normal(size=2) * shake
        move = np.array([[1 / grow, 0, across], [0, 1 / grow, down]])
        scene = _warped(ground, move)
        if moves:
            _put(scene, patch, *(start + speed * time))
        yield scene


def _corner(luma: Luma, side: int, rng: Random) -> NDArray[np.int64]:
    side = min(side, *luma.shape)
    return np.array([rng.integers(length - side + 1) for length in luma.shape])


def _warped(luma: Luma, move: NDArray[np.float64]) -> Luma:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    whole = float(np.abs(move - np.rint(move)).max()) == 0
    if whole:
        top, left = int(move[1, 2]), int(move[0, 2])
        return luma[top : top + SIDE, left : left + SIDE].copy()
    made = cv2.warpAffine(luma, move, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(made, np.uint8)


def _put(scene: Luma, patch: Luma, down: float, across: float) -> None:
    """`patch` on `scene`, as far as it is inside."""
    top, left = round(down), round(across)
    places = zip((top, left), patch.shape, strict=True)
    rows, columns = (slice(*np.clip((at, at + length), 0, SIDE)) for at, length in places)
    scene[rows, columns] = patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def _seen(scene: Luma, rng: Random) -> Luma:
    """With a sensor's noise, more of it in the light."""
    gain = rng.uniform(0, 0.03)
    noisy = scene + rng.normal(size=scene.shape) * np.sqrt(gain * scene + rng.uniform(0, 2.0))
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def _arrived(clip: Sequence[Luma], rng: Random) -> Luma:
    """The last picture of a clip, made small and through a codec."""
    frames = [halved(_frame(luma, number)) for number, luma in enumerate(clip)]
    if rng.random() < MOTION_JPEG:
        return _through_jpeg(frames[-1].y, int(rng.integers(*QUALITY)))
    at_a_rate = rng.random() < AT_A_RATE
    bits = rng.uniform(*BITS_A_SAMPLE) if at_a_rate else UNBOUNDED_BITS
    crf = FINEST_CRF if at_a_rate else rng.uniform(*CRF)
    return _through_x264(frames, crf, max(8, round(bits * frames[0].y.size * float(RATE) / 1000)))


def _frame(luma: Luma, number: int) -> Frame:
    grey = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
    return Frame(luma, grey, grey, Matrix.BT601, Range.FULL, number, number / float(RATE), 0.0)


def _through_jpeg(luma: Luma, quality: int) -> Luma:
    _, data = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _through_x264(frames: Sequence[Frame], crf: float, kbits: int) -> Luma:
    """The last frame as the far end decodes it."""
    first = frames[0]
    size = Size(first.width, first.height)
    encoder = replace(X264, crf=crf).open(EncoderSettings(size, RATE, first.matrix, first.range, kbits))
    decoder = av.CodecContext.create("h264", "r")
    last = None
    for frame in frames:
        for picture in encoder.encode(frame, round(frame.number / RATE / TIME_BASE), keyframe=frame is first):
            for decoded in decoder.decode(av.Packet(picture.data)):
                last = decoded
    for decoded in decoder.decode(None):
        last = decoded
    assert isinstance(last, av.VideoFrame)
    return np.ascontiguousarray(last.to_ndarray(format="gray"))
