"""Pictures of frames with the outlines of the truth and of a result, to see at a glance what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from imagecodecs import png_encode
from numpy.typing import NDArray
from skimage.segmentation import find_boundaries

TRUTH, RESULT, BOTH = (0, 170, 255), (255, 140, 0), (255, 255, 255)
"""Colours of the outlines, red, green and blue: for whoever sees colours, and for whoever sees few."""

_SMALLEST_SIDE = 512
_LARGEST_SIDE = 1024
_LIGHTEST = 230
"""Grey of the brightest pixels, so that white lines stand out."""
_DARK, _BRIGHT = 0.001, 0.999


def draw_outlines(path: Path, frame: NDArray[Any], truth: NDArray[Any], result: NDArray[Any]) -> None:
    """Write a PNG of a frame: the truth outlined in blue, the result in orange, in white where they agree.

    Parameters
    ----------
    path : Path
        The file; its folder is made.
    frame : ndarray, (Y, X)
        Intensities.
    truth, result : ndarray, (Y, X) integer
        Label images.
    """
    side = max(frame.shape)
    larger, step = -(-_SMALLEST_SIDE // side), -(-side // _LARGEST_SIDE)
    low, high = np.quantile(frame, (_DARK, _BRIGHT))
    grey = np.clip((frame - low) / max(high - low, 1e-9), 0, 1) * _LIGHTEST
    picture = np.repeat(_resized(grey, larger, step)[..., None], 3, -1).astype(np.uint8)
    outlines = [
        find_boundaries(_resized(labels, larger, step), mode="inner")  # type: ignore[no-untyped-call]
        for labels in (truth, result)
    ]
    for colour, where in zip(
        (TRUTH, RESULT, BOTH), (outlines[0], outlines[1], outlines[0] & outlines[1]), strict=True
    ):
        picture[where] = colour
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png_encode(picture))


def _resized(image: NDArray[Any], larger: int, step: int) -> NDArray[Any]:
    """Repeat the pixels of a small image, or take every so-manyth of a large one."""
    return image.repeat(larger, 0).repeat(larger, 1)[::step, ::step]
