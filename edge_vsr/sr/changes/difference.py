"""How far two frames are apart, sample by sample. Pure."""

import cv2
import numpy as np

from edge_vsr.frame import Plane

_NONE = 128
"""What stands for no difference."""


def apart(before: Plane, after: Plane) -> Plane:
    """The difference in levels, without its sign."""
    return np.asarray(cv2.absdiff(before, after), np.uint8)


def apart_in_detail(before: Plane, after: Plane) -> Plane:
    """The difference in levels less its own mean over 3x3 samples; what differs by 128 and more counts as it is.

    What the network adds to bicubic is detail: where light or shadow alone have changed it stays what it was.
    """
    change = cv2.addWeighted(after, 1, before, -1, _NONE)  # in bytes, which are twice as fast as wider numbers
    detail = cv2.absdiff(change, cv2.blur(change, (3, 3)))
    _, beyond = cv2.threshold(cv2.absdiff(before, after), _NONE - 1, 0, cv2.THRESH_TOZERO)  # whose detail is cut off
    return np.asarray(cv2.max(detail, beyond), np.uint8)
