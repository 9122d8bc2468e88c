"""The town: sky, hills, pylons, a row of buildings, a street."""

import itertools
import math

import cv2
import numpy as np

from edge_vsr.camera.demo import buildings
from edge_vsr.camera.demo.canvas import UNITS, Canvas, Yuv, to_yuv
from edge_vsr.frame import Matrix, Size

_GROUND = 300
_KERB = 402


def draw_town(size: Size, matrix: Matrix) -> Yuv:
    """The whole town at `size` (even)."""
    scale = size.height / UNITS
    width = size.width / scale
    town = Canvas(width, UNITS, scale)
    _sky(town, width)
    _pylons(town, width)
    row = [
        buildings.brick_house,
        buildings.board,
        buildings.plaster_house,
        buildings.shop,
        buildings.brick_house,
        buildings.tower,
    ]
    place = 14.0
    for turn, draw in enumerate(itertools.cycle(row)):
        if place > width:
            break
        place += draw(town, place, turn) + 16
        buildings.tree(town, place + 6, 60 + 17 * (turn % 3), turn)
        place += 36
    _street(town, width)
    return to_yuv(town.pixels, size, matrix)


def _sky(town: Canvas, width: float) -> None:
    # Nothing in the sky is fine, so it is worked out small
    y, x = np.mgrid[0:UNITS:3, 0 : width + 3 : 3]
    height = np.clip(y / _GROUND, 0, 1)
    cloud = np.zeros(x.shape)
    for k in (1, 2, 3, 5):
        cloud += np.sin(x * k / 90 + k * k) * np.sin(y * k / 31 + 2 * k + x / 200) / k
    cloud = np.clip(cloud * 0.8 - 0.35, 0, 1) * (1 - height)
    low, high = np.array([232.0, 222.0, 206.0]), np.array([205.0, 142.0, 78.0])
    sky = high + (low - high) * height[:, :, None]
    sky += (np.array([250.0, 248.0, 245.0]) - sky) * cloud[:, :, None]
    cv2.resize(sky.astype(np.uint8), town.pixels.shape[1::-1], dst=town.pixels, interpolation=cv2.INTER_CUBIC)
    for depth, colour in enumerate([(170, 150, 120), (120, 140, 96), (84, 128, 84)]):
        hill = [
            (step, 208 + 26 * depth + 18 * math.sin(step / (130 - 30 * depth) + depth * 2))
            for step in np.arange(0.0, width + 8, 4)
        ]
        town.polygon([(0, UNITS), *hill, (width + 8, UNITS)], colour)
    town.grain(0, 280, width, _KERB - 280, 22, seed=1, fade=True)


def _pylons(town: Canvas, width: float) -> None:
    steel = (112, 108, 104)
    feet = list(np.arange(70.0, width + 400, 330))
    for x in feet:
        top, foot = 62.0, 292.0
        for side in (-1, 1):
            town.line((x + side * 20, foot), (x + side * 4, top), steel, 1.8)
        for step in range(9):
            y, lower = foot - step * 25, foot - (step + 1) * 25
            half, less = (4 + 16 * (level - top) / (foot - top) for level in (y, lower))
            town.line((x - half, y), (x + less, lower), steel, 0.9)
            town.line((x + half, y), (x - less, lower), steel, 0.9)
        for arm in (78, 104):
            town.line((x - 34, arm), (x + 34, arm), steel, 1.6)
            town.line((x - 34, arm), (x, arm - 12), steel, 0.8)
            town.line((x + 34, arm), (x, arm - 12), steel, 0.8)
    for start in [feet[0] - 330, *feet]:
        for arm in (80, 106):
            for side in (-33, 33):
                points = [(start + side + 330 * t, arm + 4 + 34 * 4 * t * (1 - t)) for t in np.linspace(0, 1, 24)]
                for a, b in itertools.pairwise(points):
                    town.line(a, b, (84, 80, 78), 0.6)


def _street(town: Canvas, width: float) -> None:
    for post in np.arange(0.0, width, 7):
        town.polygon([(post, 404), (post, 376), (post + 2, 372), (post + 4, 376), (post + 4, 404)], (232, 236, 238))
    for rail in (382, 396):
        town.line((0, rail), (width, rail), (214, 218, 220), 2)
    town.box(0, _KERB, width, 14, (168, 172, 174))
    for slab in np.arange(0.0, width, 18):
        town.line((slab + 6, _KERB), (slab, _KERB + 14), (120, 124, 126), 0.8)
    town.box(0, _KERB + 14, width, UNITS - _KERB - 14, (86, 84, 82))
    town.grain(0, _KERB + 14, width, UNITS - _KERB - 14, 9, seed=2)
    for dash in np.arange(0.0, width, 60):
        town.polygon([(dash + 4, 457), (dash + 34, 457), (dash + 32, 461), (dash, 461)], (236, 240, 240))
