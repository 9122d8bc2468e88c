"""Houses and what is between them. Each draws itself from x to the right and returns its width in units.

There is something in them for every fault of a super-resolution: text, gratings, a star, a zone plate, masonry.
"""

import math

import numpy as np

from edge_vsr.camera.demo.canvas import Canvas, Colour

FLOOR = 388.0
"""Where the buildings stand, in units from the top."""


def brick_house(town: Canvas, x: float, turn: int) -> float:
    width, top = 132.0, 196.0
    wall: Colour = (74, 92, 166) if turn % 2 == 0 else (96, 128, 178)
    town.box(x, top, width, FLOOR - top, wall)
    course = 5.0
    for row in range(int((FLOOR - top) / course)):
        y = top + row * course
        town.line((x, y), (x + width - 0.5, y), (172, 184, 194), 0.7)
        for brick in np.arange(x + (row % 2) * 6, x + width, 12):
            town.line((brick, y), (brick, y + course), (172, 184, 194), 0.7)
    town.grain(x, top, width, FLOOR - top, 10, seed=turn)
    _roof(town, x, top, width, (58, 62, 128) if turn % 2 else (70, 66, 62))
    for column in (12, 52, 92):
        _window(town, x + column, top + 26, 28, 42)
        if column != 52:
            _window(town, x + column, top + 104, 28, 42)
    town.box(x + 52, top + 112, 28, 80, (60, 74, 46))
    town.disc(x + 75, top + 154, 2, (120, 200, 220))
    town.text(x + 59, top + 128, 9, str(7 + turn), (240, 240, 240))
    return width


def _roof(town: Canvas, x: float, top: float, width: float, colour: Colour) -> None:
    town.polygon([(x - 8, top), (x + 22, top - 52), (x + width - 22, top - 52), (x + width + 8, top)], colour)
    light: Colour = (colour[0] + 34, colour[1] + 34, colour[2] + 34)
    for row in range(10):
        y = top - 1 - row * 5.2
        inset = -8 + 30 * (top - y) / 52
        town.line((x + inset, y), (x + width - inset, y), light, 0.8)
        for tile in np.arange(x + inset + (row % 2) * 3, x + width - inset, 6):
            town.line((tile, y), (tile, y - 5.2), light, 0.5)


def _window(town: Canvas, x: float, y: float, width: float, height: float) -> None:
    town.box(x - 2, y - 2, width + 4, height + 4, (238, 240, 242))
    town.box(x, y, width, height, (128, 96, 58))
    town.polygon([(x, y + height), (x + width, y), (x + width, y + height * 0.5), (x + width / 2, y + height)],
                 (170, 142, 104))  # fmt: skip
    town.line((x + width / 2, y), (x + width / 2, y + height), (238, 240, 242), 1.6)
    town.line((x, y + height * 0.4), (x + width, y + height * 0.4), (238, 240, 242), 1.6)


def board(town: Canvas, x: float, _turn: int) -> float:
    """The test chart: a star, gratings and text down to what cannot be read."""
    for leg in (20, 150):
        town.box(x + leg, 270, 6, FLOOR - 270, (90, 90, 94))
    town.box(x, 138, 178, 136, (250, 250, 250))
    town.box(x, 138, 178, 3, (40, 40, 200))
    sx, sy = town.grid(76, 76)
    angle, radius = np.arctan2(sy - 38, sx - 38), np.hypot(sx - 38, sy - 38)
    town.shade(x + 6, 146, np.where(radius < 36, 0.5 + 0.5 * np.clip(4 * np.sin(24 * angle), -1, 1), 0.98))
    for row, period in enumerate((8.0, 5.0, 3.5, 2.5, 2.0)):
        gx, gy = town.grid(40, 13)
        town.shade(x + 90, 147 + row * 15, 0.5 + 0.45 * np.sign(np.sin(2 * np.pi * gx / period)))
        town.shade(x + 133, 147 + row * 15, 0.5 + 0.45 * np.sign(np.sin(2 * np.pi * gy / period)))
    lines = [
        (9, 237, "RESOLUTION"),
        (6.5, 249, "HGKMX 0368 quick brown"),
        (4.5, 258, "jumps over the lazy dog 17"),
        (3.2, 266, "the smallest print on this board is 3 units"),
    ]
    for size, y, line in lines:
        town.text(x + 8, y, size, line, (30, 30, 30))
    return 178


def plaster_house(town: Canvas, x: float, turn: int) -> float:
    width, top = 150.0, 216.0
    town.box(x, top, width, FLOOR - top, (186, 214, 232))
    town.grain(x, top, width, FLOOR - top, 4, seed=turn)
    for beam in (0, 48, 100, 145):
        town.box(x + beam, top, 5, FLOOR - top, (46, 62, 84))
    for beam in (0, 80):
        town.box(x, top + beam, width, 5, (46, 62, 84))
    for start, end in ((5, 48), (145, 105)):
        town.line((x + start, top + 82), (x + end, top + 166), (46, 62, 84), 4.5)
    _roof(town, x, top, width, (52, 74, 150))
    _window(town, x + 60, top + 20, 32, 44)
    _window(town, x + 12, top + 20, 28, 44)
    _window(town, x + 110, top + 20, 28, 44)
    town.box(x + 60, top + 94, 32, 80, (92, 52, 40))
    return width


def shop(town: Canvas, x: float, _turn: int) -> float:
    """A shop whose window shows a zone plate."""
    width, top = 148.0, 230.0
    town.box(x, top, width, FLOOR - top, (150, 152, 158))
    for slat in np.arange(top + 34, FLOOR, 3.0):
        town.line((x, slat), (x + width, slat), (118, 120, 128), 1.0)
    town.box(x, top, width, 30, (120, 60, 20))
    town.text(x + 10, top + 21, 14, "EDGE-VSR", (250, 250, 250))
    for stripe in range(12):
        colour: Colour = (60, 60, 210) if stripe % 2 else (245, 245, 245)
        left = x - 4 + stripe * 13
        town.polygon([(left + 2, top + 30), (left + 15, top + 30), (left + 13, top + 46), (left, top + 46)], colour)
    town.box(x + 8, top + 52, 98, 98, (240, 240, 240))
    zx, zy = town.grid(94, 94)
    # The finest ring is near the limit of 540 lines
    town.shade(x + 10, top + 54, 0.5 + 0.48 * np.cos(np.pi * ((zx - 47) ** 2 + (zy - 47) ** 2) / 47 / 2.2))
    _window(town, x + 114, top + 60, 26, 98)
    return width


def tower(town: Canvas, x: float, turn: int) -> float:
    width, top = 96.0, 112.0
    town.box(x, top, width, FLOOR - top, (176, 170, 160))
    for floor in range(11):
        for column in range(6):
            lit = (floor * 7 + column * 5 + turn) % 4 == 0
            town.box(x + 6 + column * 15, top + 10 + floor * 23, 10, 14, (150, 222, 246) if lit else (104, 84, 66))
            town.line((x + 5 + column * 15, top + 26 + floor * 23), (x + 17 + column * 15, top + 26 + floor * 23),
                      (90, 90, 90), 0.8)  # fmt: skip
    town.line((x + 48, top), (x + 48, top - 44), (60, 60, 200), 1.4)
    for y in range(5):
        town.line((x + 42, top - 8 - y * 8), (x + 54, top - 8 - y * 8), (60, 60, 200), 0.7)
    return width


def tree(town: Canvas, x: float, height: float, seed: int) -> None:
    foot = FLOOR
    town.box(x - 3, foot - height * 0.7, 6, height * 0.7, (40, 62, 84))
    rng = np.random.default_rng(100 + seed)
    for _ in range(420):
        angle, reach = rng.uniform(0, 2 * np.pi), math.sqrt(rng.uniform(0, 1))
        leaf_x, leaf_y = x + 26 * reach * math.cos(angle), foot - height + 34 * reach * math.sin(angle)
        light = rng.uniform(0.55, 1.25)
        town.disc(leaf_x, leaf_y, rng.uniform(1.0, 2.6), (int(40 * light), int(132 * light), int(84 * light)))
