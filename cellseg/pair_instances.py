"""From the clusters of a frame pair to its instances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Clustering
from cellseg.rshn import Pair
from cellseg.smooth_borders import join_across_smooth_borders
from cellseg.tracking import pair_components, pair_labels


def pair_instances(
    pair: Pair,
    clusters: NDArray[np.int32],
    foreground: NDArray[np.bool_],
    clustering: Clustering,
    min_pixels: int,
) -> NDArray[np.int32]:
    """Make instances of clusters: connected, joined where the embedding does not step, large enough.

    Parameters
    ----------
    pair : Pair
        The embeddings that were clustered.
    clusters : numpy.ndarray, (n,) int32
        Cluster of every foreground pixel, in the order of ``foreground.nonzero()``; -1 (uncovered) becomes
        background.
    foreground : numpy.ndarray, (2, Y', X') bool
        Pixels of cells.
    clustering : Clustering
        Its `border_step` says which pieces of clusters are one.
    min_pixels : int
        Smallest instance, in pixels over both frames.

    Returns
    -------
    numpy.ndarray, (2, Y', X') int32
        Instances 1..K; 0 is background.
    """
    pieces = pair_components(clusters, foreground)
    return pair_labels(join_across_smooth_borders(pieces, pair, clustering.border_step), min_pixels)
