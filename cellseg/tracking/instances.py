"""Clusters of a frame pair become instances: connected pieces that share a number in both frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.components import pair_components
from cellseg.tracking.regions import connected_regions, count_contacts, numbered, split_pieces


def pair_labels(
    clusters: NDArray[np.int32], foreground: NDArray[np.bool_], min_pixels: int = 1
) -> NDArray[np.int32]:
    """Turn the clustered foreground of two consecutive frames into one label image pair.

    Connected pixels of equal cluster are one instance: 8-neighbours in a frame; across the frames the same
    pixel or its 4-neighbours. An instance has one piece in each frame: of several, the largest keeps the
    number, and another one with at least half of `min_pixels` is an instance of its own (two daughters that
    inherit their mother's cluster). What is too small goes to the instance that makes up more than half of
    its outline, if there is one, else to the background.

    Parameters
    ----------
    clusters : numpy.ndarray, (n,) int32
        Cluster of every foreground pixel, in the order of ``foreground.nonzero()``; -1 (uncovered) becomes
        background.
    foreground : numpy.ndarray, (2, Y, X) bool
        Pixels of cells.
    min_pixels : int
        Smallest instance, in pixels over both frames.

    Returns
    -------
    numpy.ndarray, (2, Y, X) int32
        Instances 1..K; 0 is background.

    Raises
    ------
    ValueError
        The numbers of clusters and of foreground pixels differ, or there are not two frames.

    Notes
    -----
    Payer et al. 2019 (specification, section 5.4), where instances may have several pieces and dropped
    fragments leave holes.
    """
    instances = pair_components(clusters, foreground, min_pixels).astype(np.int64)
    covered = np.zeros(foreground.shape, bool)
    covered[foreground] = clusters >= 0
    for frame in (0, 1):
        _separate_pieces(instances, frame, min_pixels)
        _absorb(covered[frame] & (instances[frame] == 0), instances[frame])
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
