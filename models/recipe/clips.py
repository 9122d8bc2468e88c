"""What arrives over a thin link: short clips made of training pictures, made small, coded, and decoded again.

A clip stands still, pans or zooms while something moves across it, is seldom sharp, has a sensor's noise, and is coded
as `run` codes its `low` rung, or as a camera's own MJPEG. One of its pictures, at a random place after the keyframe, is
the example, most often refined by those behind it, as `restore` does it; what it should become is the scene itself,
without noise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import X264
from edge_vsr.coded import TIME_BASE
from edge_vsr.frame import Frame, Matrix, Range, Size
from edge_vsr.restoring.ahead import AHEAD, WAITING, looking_ahead
from edge_vsr.restoring.groups import EXPORT, Groups
from models.recipe.pairs import Luma, Pair

Random = np.random.Generator

SIDE = {2: 384, 4: 504}
"""Of the scene, in samples, by scale. Most training pictures are 512 high: a larger one would leave them out, and a
smaller one of x4 would hold no window that features are made from."""
MOST_FRAMES = 30
"""More than a second: by then a standing scene is as good as it gets, and what moves has drifted."""
STILL, PANNED = 0.6, 0.85
"""Chance that a clip stands still; that it stands still or pans. The rest zooms."""
SHAKEN, SHAKE = 0.6, 0.3
"""Chance that the camera shakes, as on a mast; by how much, in samples (standard deviation). This and every other
length and speed is of x2. The scene of x4 has them twice: what arrives moves as much."""
REFINED = 0.7
"""Chance that pictures behind it are known, as many as `restore` knows at least and at most."""
MOVES = 0.6
"""Chance that something moves across."""
SOFT, SOFTNESS = 0.8, (0.3, 1.2)
"""Chance that the camera is not as sharp as its samples allow, as most are; standard deviation of the blur, in its
own samples at either scale. Photographs made small, as training pictures are, have more detail than any video."""
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


def lossy_pairs(lumas: Sequence[Luma], scale: int, count: int, seed: int) -> Iterator[Pair]:
    """`count` examples of `scale`, a key of SIDE, none where no picture is large enough; the same for the same seed.
    Where libx264 keeps to a rate in several threads, it codes them a little differently each time."""
    large = [luma for luma in lumas if min(luma.shape) >= SIDE[scale] + 2]
    for number in range(count if large else 0):
        yield _lossy_pair(large, scale, np.random.default_rng((seed, number)))


def _lossy_pair(lumas: Sequence[Luma], scale: int, rng: Random) -> Pair:
    before = int(rng.integers(MOST_FRAMES))
    behind = int(rng.integers(AHEAD, WAITING)) if rng.random() < REFINED else 0
    scenes = list(_in_focus(_scenes(lumas, scale, before + 1 + behind, rng), rng))
    arrived = _arrived([shrunk(_seen(scene, scale, rng), scale) for scene in scenes], before, rng)
    return Pair(arrived, scenes[before])


def shrunk(luma: Luma, scale: int) -> Luma:
    """A picture, its sides multiples of `scale`, made small by area averaging, as the `low` rung does it by two."""
    size = (luma.shape[1] // scale, luma.shape[0] // scale)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def sent(luma: Luma, scale: int) -> Luma:
    """A picture, its sides multiples of 2 * `scale`, made small and as it would arrive in a keyframe at TEST_CRF."""
    small = shrunk(luma, scale)
    return _through_x264([small], TEST_CRF, _kbits(UNBOUNDED_BITS, small))[0].y


def _scenes(lumas: Sequence[Luma], scale: int, count: int, rng: Random) -> Iterator[Luma]:
    """A clip's `count` true pictures, SIDE x SIDE."""
    side, times = SIDE[scale], scale / 2
    ground, thing = (lumas[i] for i in rng.integers(len(lumas), size=2))
    kind = rng.random()
    pan = rng.uniform(-3, 3, 2) * times if STILL <= kind < PANNED else np.zeros(2)
    zoom = rng.uniform(-0.008, 0.008) if kind >= PANNED else 0.0
    size = round(int(rng.integers(24, 160)) * times)
    cut = _corner(thing, size, rng)
    patch = thing[cut[0] : cut[0] + size, cut[1] : cut[1] + size]
    moves = rng.random() < MOVES
    start, speed = rng.uniform(-size / 2, side - size / 2, 2), rng.uniform(-4, 4, 2) * times
    origin = _corner(ground, side, rng)
    shake = SHAKE * times * float(rng.random() < SHAKEN)
    for time in range(count):
        # Sub-pixel motion, as cameras have it: by an affine map, where OpenCV's border repeats the picture.
        grow = 1 + zoom * time
        down, across = origin + pan * time + rng.normal(size=2) * shake
        move = np.array([[1 / grow, 0, across], [0, 1 / grow, down]])
        scene = _warped(ground, move, side)
        if moves:
            _put(scene, patch, *(start + speed * time))
        yield scene


def _corner(luma: Luma, side: int, rng: Random) -> NDArray[np.int64]:
    side = min(side, *luma.shape)
    return np.array([rng.integers(length - side + 1) for length in luma.shape])


def _warped(luma: Luma, move: NDArray[np.float64], side: int) -> Luma:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    whole = float(np.abs(move - np.rint(move)).max()) == 0
    if whole:
        top, left = int(move[1, 2]), int(move[0, 2])
        return luma[top : top + side, left : left + side].copy()
    made = cv2.warpAffine(luma, move, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(made, np.uint8)


def _put(scene: Luma, patch: Luma, down: float, across: float) -> None:
    """`patch` on `scene`, as far as it is inside."""
    top, left = round(down), round(across)
    places = zip((top, left), patch.shape, strict=True)
    rows, columns = (slice(*np.clip((at, at + length), 0, len(scene))) for at, length in places)
    scene[rows, columns] = patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def _in_focus(scenes: Iterable[Luma], rng: Random) -> Iterator[Luma]:
    """A clip's pictures as sharp as its camera is."""
    blur = float(rng.uniform(*SOFTNESS)) if rng.random() < SOFT else 0.0
    for scene in scenes:
        yield np.asarray(cv2.GaussianBlur(scene, (0, 0), blur), np.uint8) if blur else scene


def _seen(scene: Luma, scale: int, rng: Random) -> Luma:
    """With a sensor's noise, more of it in the light; as much of it is left in what arrives at either scale."""
    gain = rng.uniform(0, 0.03)
    noise = rng.normal(size=scene.shape) * np.sqrt(gain * scene + rng.uniform(0, 2.0)) * (scale / 2)
    return np.asarray(np.clip(np.rint(scene + noise), 0, 255), np.uint8)


def _arrived(clip: Sequence[Luma], at: int, rng: Random) -> Luma:
    """One picture of a small clip, through a codec, refined by those behind it."""
    if rng.random() < MOTION_JPEG:
        return _through_jpeg(clip[at], int(rng.integers(*QUALITY)))
    at_a_rate = rng.random() < AT_A_RATE
    bits = rng.uniform(*BITS_A_SAMPLE) if at_a_rate else UNBOUNDED_BITS
    crf = FINEST_CRF if at_a_rate else rng.uniform(*CRF)
    return next(looking_ahead(_through_x264(clip, crf, _kbits(bits, clip[at]))[at:])).y


def _kbits(bits: float, luma: Luma) -> int:
    """A second, where a sample takes `bits`."""
    return max(8, round(bits * luma.size * float(RATE) / 1000))


def _frame(luma: Luma, number: int) -> Frame:
    grey = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
    return Frame(luma, grey, grey, Matrix.BT601, Range.FULL, number, number / float(RATE), 0.0)


def _through_jpeg(luma: Luma, quality: int) -> Luma:
    _, data = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _through_x264(clip: Sequence[Luma], crf: float, kbits: int) -> list[Frame]:
    """The pictures as the far end decodes them, one group."""
    frames = [_frame(luma, number) for number, luma in enumerate(clip)]
    first = frames[0]
    size = Size(first.width, first.height)
    encoder = replace(X264, crf=crf).open(EncoderSettings(size, RATE, first.matrix, first.range, kbits))
    decoder = av.CodecContext.create("h264", "r")
    decoder.options = EXPORT
    groups, arrived = Groups(), list[Frame]()

    def take(packet: "av.Packet[Any] | None") -> None:
        for decoded in decoder.decode(packet):
            assert isinstance(decoded, av.VideoFrame)
            luma = np.ascontiguousarray(decoded.to_ndarray(format="gray"), np.uint8)
            arrived.append(replace(_frame(luma, len(arrived)), group=groups.of(decoded)))

    for frame in frames:
        for picture in encoder.encode(frame, round(frame.number / RATE / TIME_BASE), keyframe=frame is first):
            take(av.Packet(picture.data))
    take(None)
    return arrived
