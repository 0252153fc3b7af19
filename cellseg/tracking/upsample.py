"""Labels from network scale back to the size of the frames, with smooth outlines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.special import erf

_TAPS = 3
_WEIGHT_UNIT = 2.0**-24
"""Weights are multiples of this: sums of products are then exact, and ties do not depend on their order."""


class _Taps(NamedTuple):
    """The three network pixels around each output pixel of one axis: the middle one, and (3, n) weights."""

    centre: NDArray[np.intp]
    weights: NDArray[np.float64]


def upsample_labels(
    labels: NDArray[np.integer], shape: tuple[int, int], foreground: NDArray[np.bool_] | None = None
) -> NDArray[np.integer]:
    """Resample a label image: every output pixel takes the label with the largest Gaussian weight around it.

    Pixel centres are aligned as in bilinear resizing with ``align_corners=False``; the factor may be any
    number and differ between the axes. At factor 1 straight outlines stay and single-pixel bumps go.

    Parameters
    ----------
    labels : numpy.ndarray, (Y', X') int
        Labels at network scale; 0 is background.
    shape : (int, int)
        (Y, X) of the output.
    foreground : numpy.ndarray, (Y, X) bool, optional
        Pixels of cells at output scale: outside of it the result is 0, inside of it the best label other than
        0, where there is one within reach.

    Returns
    -------
    numpy.ndarray, (Y, X), dtype of `labels`
        Of labels with equal weight, the lowest.

    Notes
    -----
    ITK's LabelGaussian interpolation with sigma = 1 network pixel and alpha = 1 (Payer et al. 2019;
    specification, section 5.7): per axis, sample k in [floor(c - 0.5), ceil(c + 1.5)) around coordinate c
    weighs erf((k + 0.5 - c) / sqrt 2) - erf((k - 0.5 - c) / sqrt 2); the weight of a pixel is the product.
    """
    rows, columns = (_axis_taps(size, length) for size, length in zip(labels.shape, shape, strict=True))
    nearest = np.ix_(rows.centre, columns.centre)
    result: NDArray[np.integer] = labels[nearest]
    contested = _contested(labels, background_counts=foreground is None)[nearest]
    if foreground is not None:
        result[~foreground] = 0
        contested &= foreground
    y, x = np.nonzero(contested)
    padded = np.pad(labels, 1, mode="edge").astype(np.int64)
    taps = [(dy, dx) for dy in range(_TAPS) for dx in range(_TAPS)]
    candidates = np.stack([padded[rows.centre[y] + dy, columns.centre[x] + dx] for dy, dx in taps])
    weights = np.stack([rows.weights[dy, y] * columns.weights[dx, x] for dy, dx in taps])
    if foreground is not None:
        weights[candidates == 0] = 0.0
    result[y, x] = _heaviest(candidates, weights)
    return result


def _contested(labels: NDArray[np.integer], *, background_counts: bool) -> NDArray[np.bool_]:
    """Find the network pixels that are not alone with their own label: there is something to weigh."""
    largest = maximum_filter(labels, _TAPS, mode="nearest")
    if background_counts:
        return np.asarray(largest != minimum_filter(labels, _TAPS, mode="nearest"))
    beyond = np.iinfo(labels.dtype).max
    smallest = minimum_filter(np.where(labels == 0, beyond, labels), _TAPS, mode="nearest")
    return np.asarray((labels == 0) & (largest > 0) | (labels > 0) & (largest != smallest))


def _axis_taps(size: int, length: int) -> _Taps:
    """Weigh the network pixels of one axis of `size` for each of `length` output pixels."""
    # c - 0.5 as a fraction of integers: its floor is then exact for every factor.
    numerator = (2 * np.arange(length) + 1) * size - 2 * length
    first = numerator // (2 * length)
    sample = first + np.arange(_TAPS)[:, None]
    distance = sample - (numerator / (2 * length) + 0.5)
    weights = erf((distance + 0.5) / np.sqrt(2)) - erf((distance - 0.5) / np.sqrt(2))
    # At a half-integer c the third sample lies on the open end of the interval.
    weights[-1, numerator % (2 * length) == 0] = 0.0
    weights[(sample < 0) | (sample >= size)] = 0.0
    return _Taps(np.clip(first + 1, 0, size - 1), np.rint(weights / _WEIGHT_UNIT))


def _heaviest(candidates: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Label with the largest total weight in each column of (taps, n); of equals the lowest."""
    beyond = np.iinfo(np.int64).max
    best: NDArray[np.int64] = np.zeros_like(candidates[0])
    most = np.zeros_like(weights[0])
    columns = np.arange(len(best))
    # Label by label upwards; most columns have no more than two.
    label = candidates.min(axis=0)
    while len(columns):
        total = np.einsum("kn,kn->n", candidates == label, weights)
        better = total > most[columns]
        best[columns[better]], most[columns[better]] = label[better], total[better]
        label = np.where(candidates > label, candidates, beyond).min(axis=0)
        left = label < beyond
        candidates, weights, columns, label = (
            candidates[:, left],
            weights[:, left],
            columns[left],
            label[left],
        )
    return best
