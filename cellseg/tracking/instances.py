"""Pieces of a frame pair become instances: one piece in each frame, with one number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.regions import connected_regions, count_contacts, numbered, split_pieces


def pair_labels(pieces: NDArray[np.int32], min_pixels: int = 1) -> NDArray[np.int32]:
    """Turn connected pieces of the foreground of two consecutive frames into one label image pair.

    An instance has one piece in each frame: of several, the largest keeps the number, and another one with
    at least half of `min_pixels` is an instance of its own (two daughters that inherit their mother's
    cluster). What is too small goes to the instance that makes up more than half of its outline, if there
    is one, else to the background.

    Parameters
    ----------
    pieces : numpy.ndarray, (2, Y, X) int32
        Foreground that is connected over both frames, 1..K, such as `pair_components` finds; 0 is background.
    min_pixels : int
        Smallest instance, in pixels over both frames.

    Returns
    -------
    numpy.ndarray, (2, Y, X) int32
        Instances 1..K; 0 is background.

    Notes
    -----
    Payer et al. 2019 (specification, section 5.4), where instances may have several pieces and dropped
    fragments leave holes.
    """
    instances = pieces.astype(np.int64)
    instances[np.bincount(instances.ravel())[instances] < min_pixels] = 0
    for frame in (0, 1):
        _separate_pieces(instances, frame, min_pixels)
        _absorb((pieces[frame] > 0) & (instances[frame] == 0), instances[frame])
    return numbered(instances)


def _separate_pieces(instances: NDArray[np.int64], frame: int, min_pixels: int) -> None:
    """Leave each instance its largest piece in a frame; renumber or clear the others, in place."""
    pieces, owner, size, surplus = split_pieces(instances[frame])
    own = surplus[2 * size[surplus] >= min_pixels]
    owner[surplus] = 0
    owner[own] = instances.max(initial=0) + 1 + np.arange(len(own))
    instances[frame] = owner[pieces]


def _absorb(dropped: NDArray[np.bool_], labels: NDArray[np.int64]) -> None:
    """Give each dropped fragment to the label that makes up more than half of its outline, in place."""
    fragments = connected_regions(dropped, connectivity=2)
    fragment, label, contacts = count_contacts(fragments, labels)
    outline = np.bincount(fragment, contacts)
    taken = (label > 0) & (2 * contacts > outline[fragment])
    taker = np.zeros(fragments.max(initial=0) + 1, np.int64)
    taker[fragment[taken]] = label[taken]
    labels[dropped] = taker[fragments[dropped]]
