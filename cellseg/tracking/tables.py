"""Label images become table rows: all that the linker keeps of a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from cellseg.types import OVERLAP_DTYPE, object_dtype


def object_rows(
    labels: NDArray[np.integer], frame: int, embeddings: NDArray[np.floating] | None = None
) -> NDArray[np.void]:
    """Describe every object of a label image.

    Parameters
    ----------
    labels : numpy.ndarray, (Y, X) int
        Instances of the frame in original pixels; 0 is background.
    frame : int
        Frame index within the sequence.
    embeddings : numpy.ndarray, (max label + 1, D) float, optional
        Mean unit embedding of each label; without it D is 0.

    Returns
    -------
    numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        One row per label present, in ascending order.
    """
    area = np.bincount(labels.ravel())
    area[0] = 0
    ids = np.flatnonzero(area)
    rows = np.zeros(len(ids), object_dtype(0 if embeddings is None else embeddings.shape[1]))
    rows["frame"] = frame
    rows["id"] = ids
    rows["area"] = area[ids]
    y, x = np.nonzero(labels)
    inside = labels[y, x]
    for axis, coordinate in enumerate((y, x)):
        rows["centroid"][:, axis] = np.bincount(inside, coordinate, len(area))[ids] / area[ids]
    boxes = find_objects(labels.astype(np.int32, copy=False))
    for row, label in zip(rows, ids, strict=True):
        rows_of, columns_of = boxes[label - 1]
        row["bbox"] = rows_of.start, columns_of.start, rows_of.stop, columns_of.stop
    if embeddings is not None:
        rows["embedding"] = embeddings[ids]
    box = rows["bbox"]
    rows["touches_border"] = (box[:, :2] == 0).any(axis=1) | (box[:, 2:] == labels.shape).any(axis=1)
    return rows


def overlap_rows(a: NDArray[np.integer], b: NDArray[np.integer], frame: int, kind: int) -> NDArray[np.void]:
    """Tabulate the joint histogram of two label images.

    Parameters
    ----------
    a, b : numpy.ndarray, (Y, X) int
        CHAIN: frame `frame` as seen by the earlier and by the later pair.
        NEXT: frame `frame` and the one after it.
    frame : int
        Frame index of `a`.
    kind : int
        `cellseg.types.CHAIN` or `cellseg.types.NEXT`.

    Returns
    -------
    numpy.ndarray, (n,) of `cellseg.types.OVERLAP_DTYPE`
        One row per pair of labels that share pixels, background included, ordered by (id_a, id_b).

    Raises
    ------
    ValueError
        The images differ in shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"label images of different shapes: {a.shape} and {b.shape}")
    base = int(b.max(initial=0)) + 1
    joint = a.ravel().astype(np.int64) * base + b.ravel()
    # Runs of equal pairs along the scan line are far fewer than pixels, and sorting is what costs.
    starts = np.flatnonzero(np.diff(joint, prepend=-1))
    pairs, run = np.unique(joint[starts], return_inverse=True)
    rows = np.zeros(len(pairs), OVERLAP_DTYPE)
    rows["frame"] = frame
    rows["id_a"], rows["id_b"] = np.divmod(pairs, base)
    rows["kind"] = kind
    rows["pixels"] = np.bincount(run, np.diff(starts, append=joint.size), len(pairs))
    return rows
