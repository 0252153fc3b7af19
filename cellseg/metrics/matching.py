"""Which result object stands for which reference object in one frame, from one joint histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LabelImage = NDArray[np.integer[Any]]
_LARGEST_LABEL = 2**32 - 1
_SMALL_TABLE = 2**20
"""Cells of a table of labels x labels that is filled faster than pairs of labels are sorted."""


@dataclass(frozen=True)
class FrameMatch:
    """The objects of one frame and who matches whom.

    Attributes
    ----------
    reference : numpy.ndarray, (n,) int64
        Labels of the reference objects, ascending.
    result : numpy.ndarray, (m,) int64
        Labels of the result objects, ascending.
    matched : numpy.ndarray, (n,) int64
        Label of the result object that matches each reference object; 0 for none. A result object may match
        several reference objects, a reference object has at most one match.
    jaccard : numpy.ndarray, (n,) float64
        Jaccard index of each reference object with its match; 0 for none.
    """

    reference: NDArray[np.int64]
    result: NDArray[np.int64]
    matched: NDArray[np.int64]
    jaccard: NDArray[np.float64]


def match_objects(reference: LabelImage, result: LabelImage) -> FrameMatch:
    """Match the objects of a result frame to those of a reference frame.

    Result object S matches reference object R when ``|R ∩ S| > 0.5 |R|``, the detection test of Maška et al.,
    Bioinformatics 30 (2014), and Matula et al., PLOS ONE 10 (2015).

    Parameters
    ----------
    reference, result : numpy.ndarray, (Y, X) integer
        Label images of equal shape, background 0, labels up to 2^32 - 1.

    Returns
    -------
    FrameMatch

    Raises
    ------
    ValueError
        Shapes differ, or an image is not an image of labels.
    """
    reference_label, result_label, overlap = _joint_histogram(reference, result)
    references, reference_area = _areas(reference_label, overlap)
    results, result_area = _areas(result_label, overlap)

    winning = (reference_label > 0) & (result_label > 0)
    row = np.searchsorted(references, reference_label[winning])
    column = np.searchsorted(results, result_label[winning])
    shared = overlap[winning]
    covers = 2 * shared > reference_area[row]
    row, column, shared = row[covers], column[covers], shared[covers]

    matched = np.zeros(len(references), np.int64)
    jaccard = np.zeros(len(references), np.float64)
    matched[row] = results[column]
    jaccard[row] = shared / (reference_area[row] + result_area[column] - shared)
    return FrameMatch(references, results, matched, jaccard)


def _joint_histogram(
    reference: LabelImage, result: LabelImage
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count the pixels of every pair of labels that meet, background included: (reference, result, pixels).

    Label images are long runs of equal pixels, so runs are counted, weighted by their length: in a table of
    labels x labels where that is small, else by sorting. No label is too large for the type it came in.
    """
    if reference.shape != result.shape:
        raise ValueError(f"reference is {reference.shape} but result is {result.shape} pixels")
    first, second = _flat(reference, "reference"), _flat(result, "result")
    if first.size == 0:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    changes = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(starts, append=first.size)
    first, second = first[starts], second[starts]
    width = int(second.max()) + 1
    if (int(first.max()) + 1) * width <= _SMALL_TABLE:
        table = np.bincount(first.astype(np.int64) * width + second.astype(np.int64), weights=lengths)
        met = np.flatnonzero(table)
        return met // width, met % width, table[met].astype(np.int64)
    pairs = (first.astype(np.uint64) << np.uint64(32)) | second.astype(np.uint64)
    pairs, compact = np.unique(pairs, return_inverse=True)
    pixels = np.bincount(compact, weights=lengths).astype(np.int64)
    low_half = np.uint64(_LARGEST_LABEL)
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & low_half).astype(np.int64), pixels


def _flat(labels: LabelImage, name: str) -> LabelImage:
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{name} must hold integer labels, not {labels.dtype}")
    small_type = labels.dtype.kind == "u" and labels.dtype.itemsize <= 4
    if not small_type and labels.size and (labels.min() < 0 or labels.max() > _LARGEST_LABEL):
        raise ValueError(f"{name} holds a label outside 0..{_LARGEST_LABEL}")
    return labels.reshape(-1)


def _areas(
    label: NDArray[np.int64], pixels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels of the objects (background left out), ascending, and their areas in pixels."""
    objects = label > 0
    labels, compact = np.unique(label[objects], return_inverse=True)
    return labels, np.bincount(compact, weights=pixels[objects], minlength=len(labels)).astype(np.int64)
