"""Pictures of a result: every cell in the colour of its lineage, which it keeps through the movie."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import find_boundaries

from cellseg.export.experiment import Experiment
from cellseg.export.lineages import Lineages
from cellseg.export.measure import Wrap

_SMALLEST_SIDE = 512
_LARGEST_SIDE = 1920
_LIGHTEST = 230
_DARK, _BRIGHT = 0.001, 0.999
_TURN = 0.618034
"""Of the colour circle, from one lineage to the next: the golden ratio keeps numbers that follow apart."""


def overlays(experiment: Experiment, progress: Wrap = iter) -> Iterator[NDArray[np.uint8]]:
    """Draw the frames of a result, one after the other.

    Parameters
    ----------
    experiment : Experiment
        The first channel is shown in grey, at the same contrast in all frames, with the outlines of the
        cells; without one, the cells themselves are drawn on black.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Yields
    ------
    ndarray, (Y', X', 3) uint8
        Small frames are enlarged, very large ones made smaller; both sides are even.

    Raises
    ------
    CellsegError
        A mask or a frame cannot be read.
    """
    masks = experiment.result.masks
    numbers = list(masks)
    roots = Lineages(experiment.result.tracks).root
    low, high = _contrast(experiment, numbers)
    for number in progress(numbers):
        labels = _resized(masks[number])
        colours = _colours(roots, int(labels.max(initial=0)))
        if experiment.channels:
            grey = _resized(experiment.images(number)[0].astype(np.float64))
            grey = np.clip((grey - low) / (high - low), 0, 1) * _LIGHTEST
            picture = np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
            outline = find_boundaries(labels, mode="inner")  # type: ignore[no-untyped-call]
            picture[outline] = colours[labels[outline]]
        else:
            picture = colours[labels]
        y, x = picture.shape[:2]
        yield np.pad(picture, ((0, y % 2), (0, x % 2), (0, 0)))


def lineage_colour(root: int) -> tuple[int, int, int]:
    """Colour (red, green, blue) of the lineage whose first track has a label."""
    brightness = (1.0, 0.75)[root // 7 % 2]
    red, green, blue = colorsys.hsv_to_rgb(root * _TURN % 1, 0.85, brightness)
    return round(255 * red), round(255 * green), round(255 * blue)


def _colours(roots: dict[int, int], largest: int) -> NDArray[np.uint8]:
    """Colour of every label up to the largest; the background is black."""
    colours = np.zeros((largest + 1, 3), np.uint8)
    for label in range(1, largest + 1):
        colours[label] = lineage_colour(roots.get(label, label))
    return colours


def _contrast(experiment: Experiment, numbers: list[int]) -> tuple[float, float]:
    """Intensities shown in black and in white: of the first, the middle and the last frame."""
    if not experiment.channels:
        return 0.0, 1.0
    some = {numbers[0], numbers[len(numbers) // 2], numbers[-1]}
    ranges = [np.quantile(experiment.images(number)[0], (_DARK, _BRIGHT)) for number in some]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    return float(low), float(max(high, low + 1e-9))


def _resized(image: NDArray[Any]) -> NDArray[Any]:
    """Repeat the pixels of a small image, or take every so-manyth of a large one."""
    side = max(image.shape)
    larger, step = -(-_SMALLEST_SIDE // side), -(-side // _LARGEST_SIDE)
    return image.repeat(larger, 0).repeat(larger, 1)[::step, ::step]
