"""What cameras at the end of a link see and training pictures lack: text, overlays, night, blur.

Each takes and returns full-size luma, so that what is done to it is in the low-resolution picture too: the network
learns to enlarge such scenes, not to repair them. Pictures of text are rendered from Debian's fonts.
"""

import string
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Luma = NDArray[np.uint8]
Random = np.random.Generator

FONTS = Path("/usr/share/fonts/truetype")
FAMILIES = ("dejavu", "freefont", "liberation2")
"""Debian's fonts-dejavu, fonts-freefont-ttf and fonts-liberation2: Latin, Greek and Cyrillic."""
CHARACTERS = string.ascii_letters + string.digits + " .,:-/()%°ÄÖÜäöüßéèçñøłΩμЖИд"


def fonts(folder: Path = FONTS) -> list[Path]:
    """The fonts to render with, by name."""
    found = sorted(file for family in FAMILIES for file in (folder / family).glob("*.ttf"))
    if not found:
        raise SystemExit(f"{folder}: no fonts; apt-get install fonts-dejavu fonts-freefont-ttf fonts-liberation2")
    return found


def _words(rng: Random, most: int) -> str:
    kind = rng.integers(3)
    if kind == 0:  # what cameras stamp on their pictures
        day, clock = rng.integers(1, 29, 2), rng.integers(0, 60, 2)
        return (
            f"20{rng.integers(10, 40)}-{day[0] % 12 + 1:02}-{day[1]:02} {clock[0] % 24:02}:{clock[1]:02} CAM {day[0]}"
        )
    if kind == 1:
        return " ".join(f"{number / 10:.1f}" for number in rng.integers(0, 9999, 5))
    return "".join(rng.choice(list(CHARACTERS), int(rng.integers(4, most))))


def with_text(luma: Luma, rng: Random, faces: Sequence[Path], lines: int) -> Luma:
    """`lines` lines of text on `luma`: signs, labels, a camera's overlay. Some have a border or a box behind them."""
    image = Image.fromarray(luma)
    draw = ImageDraw.Draw(image)
    for _ in range(lines):
        font = ImageFont.truetype(faces[int(rng.integers(len(faces)))], int(np.exp(rng.uniform(np.log(9), np.log(64)))))
        place = int(rng.integers(-20, luma.shape[1] - 20)), int(rng.integers(-5, luma.shape[0] - 5))
        ink, paper = (int(level) for level in rng.permutation([rng.integers(0, 90), rng.integers(165, 256)]))
        words = _words(rng, 40)
        style = rng.integers(3)
        if style == 0:
            draw.rectangle(draw.textbbox(place, words, font), fill=paper)
        draw.text(place, words, ink, font, stroke_width=int(style == 1 and font.size > 14), stroke_fill=paper)
    return np.asarray(image)


def night(luma: Luma, rng: Random) -> Luma:
    """Little light: dark, steep, and with the noise of a sensor at high gain, some of it between neighbours alike."""
    dark = 255 * (luma / 255.0) ** rng.uniform(1.2, 2.2) * rng.uniform(0.25, 0.7)
    sharp = rng.normal(size=luma.shape)
    grain = 2 * cv2.GaussianBlur(sharp, (0, 0), 0.7) if rng.random() < 0.5 else sharp
    noisy = dark + grain * np.sqrt(dark * rng.uniform(0.02, 0.25) + rng.uniform(0.2, 4.0))
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def blurred(luma: Luma, rng: Random) -> Luma:
    """Out of focus, or moving: along a line of a few samples."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(luma, (0, 0), rng.uniform(0.6, 1.6)), np.uint8)
    length = int(rng.integers(3, 10))
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), rng.uniform(0, 180), 1.0)
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    kernel = cv2.warpAffine(line, turn, (length, length))
    return np.asarray(cv2.filter2D(luma, -1, kernel / kernel.sum()), np.uint8)


def page(rng: Random, faces: Sequence[Path], size: int = 384) -> Luma:
    """A picture of text alone, on paper or on a gradient."""
    across, down = rng.uniform(-60, 60, 2)
    ramp = np.linspace(0, 1, size)
    paper = np.clip(rng.uniform(60, 255) + across * ramp[None] + down * ramp[:, None], 0, 255)
    return with_text(np.asarray(np.rint(paper), np.uint8), rng, faces, lines=24)


def added_scenes(lumas: Sequence[Luma], seed: int) -> Iterator[Luma]:
    """Of every fourth picture one more: by night, blurred, or with an overlay, in turn; and a page of text for it."""
    rng = np.random.default_rng(seed)
    faces = fonts()
    changes: list[Callable[[Luma, Random], Luma]] = [
        night,
        lambda luma, rng: with_text(luma, rng, faces, lines=8),
        blurred,
        lambda luma, rng: with_text(night(luma, rng), rng, faces, lines=8),
    ]
    for i, luma in enumerate(lumas[::4]):
        yield changes[i % len(changes)](luma, rng)
        if i % 2:
            yield page(rng, faces)
