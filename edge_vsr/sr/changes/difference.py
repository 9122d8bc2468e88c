"""How far two frames are apart, sample by sample. Pure."""

import cv2
import numpy as np

from edge_vsr.frame import Plane


def apart(before: Plane, after: Plane) -> Plane:
    """The difference in levels, without its sign."""
    return np.asarray(cv2.absdiff(before, after), np.uint8)


def apart_in_detail(before: Plane, after: Plane) -> Plane:
    """The difference in levels less its own mean over 3x3 samples.

    What the network adds to bicubic is detail: where light or shadow alone have changed it stays what it was.
    """
    change = cv2.subtract(after, before, dtype=cv2.CV_16S)
    return np.asarray(cv2.convertScaleAbs(cv2.subtract(change, cv2.blur(change, (3, 3)))), np.uint8)
