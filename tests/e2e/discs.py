"""Frames of three bright discs, with their true labels."""

import numpy as np


def draw(t, size=(48, 64)):
    """Three discs: one still, one moving, one that is there from frame 3 on; true labels beside them."""
    y, x = np.mgrid[: size[0], : size[1]]
    labels = np.zeros(size, np.uint16)
    labels[np.hypot(y - 12, x - 12) < 6] = 1
    labels[np.hypot(y - 30, x - 20 - 1.5 * t) < 7] = 2
    if t >= 3:
        labels[np.hypot(y - 12, x - 50) < 6] = 3
    image = np.where(labels > 0, 200, 20).astype(np.uint8)
    return image, labels
