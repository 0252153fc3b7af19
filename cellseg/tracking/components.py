"""Clusters of a frame pair become instances as published: connected components that are large enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.regions import connected_regions, numbered


def pair_components(
    clusters: NDArray[np.integer], foreground: NDArray[np.bool_], min_pixels: int = 1
) -> NDArray[np.int32]:
    """Split the clustered foreground of two consecutive frames into connected components.

    Connected pixels of equal cluster are one instance: 8-neighbours in a frame; across the frames the same
    pixel or its 4-neighbours. `pair_labels` goes on from here.

    Parameters
    ----------
    clusters : numpy.ndarray, (n,) int
        Cluster of every foreground pixel, in the order of ``foreground.nonzero()``; -1 (uncovered) becomes
        background.
    foreground : numpy.ndarray, (2, Y, X) bool
        Pixels of cells.
    min_pixels : int
        Smallest instance, in pixels over both frames; smaller ones become background.

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
    Payer et al. 2019 (specification, section 5.4). There numbers wrap beyond 255, and an empty cluster makes
    the last one disappear (section 9, defect 7); here neither happens.
    """
    if foreground.ndim != 3 or len(foreground) != 2:
        raise ValueError(f"a pair has two frames (2, Y, X), not {foreground.shape}")
    if clusters.shape != (np.count_nonzero(foreground),):
        raise ValueError(f"{clusters.shape} clusters for {np.count_nonzero(foreground)} foreground pixels")
    volume = np.zeros(foreground.shape, np.int32)
    volume[foreground] = clusters + 1
    instances = connected_regions(volume, connectivity=2)
    instances[np.bincount(instances.ravel())[instances] < min_pixels] = 0
    return numbered(instances)
