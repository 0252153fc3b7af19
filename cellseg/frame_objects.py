"""One frame of a labelled pair at original size: its label image, and the table rows of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.certainty import certainty_rows
from cellseg.config import Instances, Preparation, Settings
from cellseg.labelled_pair import LabelledPair
from cellseg.pair_clusters import fine_foreground
from cellseg.tracking import clean_instances, object_rows, upsample_labels

_SMALLEST_SHARE = 0.05
"""Of the area of the model's typical cell: smaller instances are debris, unless settings say otherwise."""


@dataclass(frozen=True)
class FrameObjects:
    """What one frame holds.

    Attributes
    ----------
    labels : numpy.ndarray, (Y, X) int
        Provisional labels; 0 is background.
    rows : structured numpy.ndarray
        Objects, rows of `cellseg.types`.
    certainty : structured numpy.ndarray
        Rows of `cellseg.certainty`.
    """

    labels: NDArray[np.integer[Any]]
    rows: NDArray[np.void]
    certainty: NDArray[np.void]


def frame_objects(
    labelled: LabelledPair,
    half: int,
    shape: tuple[int, int],
    settings: Settings,
    threshold: float,
    min_area: int,
) -> FrameObjects:
    """Bring one half of a pair to original size, and describe its objects and their margins.

    Parameters
    ----------
    labelled : LabelledPair
    half : int
        0 or 1.
    shape : tuple of int
        Size (Y, X) of the frame.
    settings : Settings
        Of instances, and the linker's border.
    threshold : float
        Pixels of cells are those whose squared e0 component is below it.
    min_area : int
        Smallest instance, in pixels of the frame.

    Returns
    -------
    FrameObjects
    """
    labels, vectors = labelled.halves[half], labelled.vectors(half)
    full = clean_instances(
        upsample_labels(labels, shape, fine_foreground(vectors, shape, threshold)),
        min_area=min_area,
        fill_holes=settings.instances.fill_holes,
        border=settings.linker.border,
    )
    means, found, t = mean_embeddings(labels, vectors), labelled.clusters, labelled.pair.first.frame + half
    modes, uncovered = (None, None) if found is None else (found.modes(), found.uncovered(half))
    sure = certainty_rows(labels, t, means, modes, uncovered)
    return FrameObjects(full, object_rows(full, t, means), sure)


def smallest_area(instances: Instances, preparation: Preparation) -> int:
    """Give the area of the smallest instance in one frame, in original pixels.

    Parameters
    ----------
    instances : Instances
        `min_area` decides, where it is set.
    preparation : Preparation
        Has the diameter of the model's typical cell, in original pixels.

    Returns
    -------
    int
        At least 1, unless it is set.
    """
    if instances.min_area is not None:
        return instances.min_area
    diameter = preparation.cell_diameter_px or 0.0
    return max(1, round(_SMALLEST_SHARE * np.pi / 4 * diameter**2))


def mean_embeddings(labels: NDArray[np.int32], vectors: Tensor) -> NDArray[np.float32]:
    """Average the embeddings of each label.

    Parameters
    ----------
    labels : numpy.ndarray, (Y', X') int32
    vectors : Tensor, (D, Y', X')

    Returns
    -------
    numpy.ndarray, (largest label + 1, D) float32
        Row 0 is the background's; that of a label without pixels is 0.
    """
    flat = torch.from_numpy(labels.ravel()).long().to(vectors.device)
    count = int(labels.max(initial=0)) + 1
    sums = vectors.new_zeros((count, len(vectors))).index_add_(0, flat, vectors.flatten(1).T)
    pixels = torch.bincount(flat, minlength=count).clamp_min(1)
    means: NDArray[np.float32] = (sums / pixels[:, None]).cpu().numpy()
    return means
