"""Pieces of a last frame, before and after: of the demo camera's scene, and of clips that may be shown."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from docs.quality import coding
from docs.quality.bench import Bench, Sent
from docs.quality.clip import Clip
from docs.quality.figures import FULL, JUDGED, LESS
from docs.quality.measure import PLAIN, low_rung, restoring
from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.frame import Plane, Size

Gray = NDArray[np.uint8]
FACTOR = JUDGED[1]
ZOOM = 2
CAPTION = 36


@dataclass(frozen=True, slots=True)
class Piece:
    """What is shown of a frame."""

    left: int
    top: int
    width: int = 240
    height: int = 160

    def of(self, luma: Plane) -> Gray:
        """Every sample a square."""
        cut = luma[self.top : self.top + self.height, self.left : self.left + self.width]
        return np.asarray(cv2.resize(cut, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_NEAREST), np.uint8)


SHOWN: Mapping[str, Piece] = {
    # Intel IoT Developer Kit, sample-videos, CC BY 4.0
    "intel_one-by-one-person-detection": Piece(340, 210),
    "demo": Piece(250, 176),
}


def demo(frames: int = 30) -> Clip:
    """The demo camera's first frames."""
    camera = PatternCamera(FakeClock(), size=Size(1280, 720), rate=Fraction(15))
    shown = itertools.islice(iter(camera.read, None), frames)
    return Clip("demo", Fraction(15), tuple((one.y, one.u, one.v) for one in shown))


def draw(clip: Clip, model: str, work: Path, folder: Path) -> None:
    """Lanczos, `model`, full size at about the same rate, and the original."""
    piece, bench = SHOWN[clip.name], Bench(clip, work)
    low, full = low_rung(clip), Sent(FULL, clip.frames, coding.USUAL)
    path = bench.coded(low, crf=str(FACTOR))
    kbits = coding.kbits_of(path, clip.seconds)
    others = [bench.coded(full, crf=str(FACTOR + more)) for more in range(LESS[0] - 2, LESS[1] + 3)]
    other = min(others, key=lambda one: abs(coding.kbits_of(one, clip.seconds) - kbits))
    shown = {
        f"Lanczos, {kbits:.0f} kbit/s": _last(PLAIN.decode(path)),
        f"{model}, {kbits:.0f} kbit/s": _last(restoring(model).decode(path)),
        f"full size, {coding.kbits_of(other, clip.seconds):.0f} kbit/s": _last(coding.decoded(other)),
        "before coding": clip.frames[-1][0],
    }
    tiles = [_captioned(piece.of(luma), text) for text, luma in shown.items()]
    picture = np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])
    cv2.imwrite(str(folder / f"crop-{clip.name}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _last(lumas: coding.Lumas) -> Plane:
    *_, last = lumas
    return last


def _captioned(picture: Gray, text: str) -> Gray:
    out = cv2.copyMakeBorder(picture, 0, CAPTION, 0, 8, cv2.BORDER_CONSTANT, value=255)
    cv2.putText(out, text, (4, out.shape[0] - 12), cv2.FONT_HERSHEY_SIMPLEX, 0.65, 40, 1, cv2.LINE_AA)
    return np.asarray(out, np.uint8)
