"""From the tiles of a frame pair to its label images, as published: cluster each tile, merge the labels.

For comparison, and for weights that were trained for it (Payer et al. 2019). With one clusterer for a pair:

    for pair in embed_published(network, frame, length):
        labels = label_tiles(pair, TileClusterer(settings.clustering, osop, rng), min_pixels)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.config import Clustering
from cellseg.meanshift import Osop, cluster
from cellseg.pair_clusters import search_options
from cellseg.rshn import TilePair
from cellseg.tracking import merge_tiles, pair_components

COORDINATE_FACTOR = 0.005
"""What a network pixel weighs beside a unit embedding (Payer et al. 2019)."""

Clusterer = Callable[[Tensor], Tensor | NDArray[np.integer]]
"""Takes vectors (n, D + 2) float32, n > 0; gives the cluster of each, (n,) int."""


def label_tiles(
    pair: TilePair, clusterer: Clusterer, min_pixels: int, foreground_threshold: float = 0.5
) -> NDArray[np.int32]:
    """Cluster every tile of a frame pair by itself, and merge the tiles' labels.

    The vectors of a tile are the foreground embeddings of both frames, followed by 0.005 y and 0.005 x, where
    (y, x) is the pixel's place in the tile. They are not normalised again.

    Parameters
    ----------
    pair : TilePair
    clusterer : callable
        Takes the vectors (n, D + 2) float32, on the device of the embeddings; gives the clusters (n,) int,
        from 0. Called for one tile after the other, not for those without foreground.
    min_pixels : int
        Smallest instance of a tile, in network pixels over both frames.
    foreground_threshold : float
        Pixels of cells are those whose squared e0 component is below it (Payer et al. 2019: 0.5).

    Returns
    -------
    numpy.ndarray, (2, Y, X) int32
        Instances 1..K of frames t and t + 1, at network scale; 0 is background.

    Notes
    -----
    Payer et al. 2019 (specification, sections 5.3 to 5.5). As the coordinates enter a cosine, the same
    bandwidth is laxer at the lower right of a tile than at the upper left. A tile without foreground, on
    which the published program fails (section 9, defect 8), has no instances.
    """
    tiles = []
    for tile in range(len(pair.tiling.corners)):
        halves = [half.vectors[tile] for half in pair.tiles]
        foreground = torch.stack([half[0].square() < foreground_threshold for half in halves])
        vectors = torch.cat(
            [_with_coordinates(half, cells) for half, cells in zip(halves, foreground, strict=True)]
        )
        clusters = clusterer(vectors) if len(vectors) else np.zeros(0, np.int32)
        if isinstance(clusters, Tensor):
            clusters = clusters.cpu().numpy()
        tiles.append(pair_components(clusters, foreground.cpu().numpy(), min_pixels))
    return merge_tiles(tiles, pair.tiling.corners, pair.tiling.shape)


class TileClusterer:
    """Faster Mean-shift on one tile after the other.

    N is handed on from tile to tile and I found anew in each. As all vectors are foreground, r = 1.

    Parameters
    ----------
    clustering : Clustering
    osop : Osop
        The seed policy before the first tile.
    rng : numpy.random.Generator
        Draws sample and seeds.

    Attributes
    ----------
    osop : Osop
        The seed policy after the last tile.
    trace : dict
        `Clusters.trace` of every tile with foreground, under `tiles`.
    """

    def __init__(self, clustering: Clustering, osop: Osop, rng: np.random.Generator) -> None:
        self._clustering = clustering
        self._rng = rng
        self.osop = osop
        self.trace: dict[str, list[dict[str, int | float]]] = {"tiles": []}

    def __call__(self, vectors: Tensor) -> Tensor:
        """Cluster the vectors of a tile: (n, D + 2) to (n,) int32."""
        settings = self._clustering
        found = cluster(
            vectors,
            settings.bandwidth,
            osop=replace(self.osop, instances=None),
            rng=self._rng,
            **search_options(settings),
        )
        self.osop = found.osop
        self.trace["tiles"].append(found.trace)
        return found.labels


def _with_coordinates(vectors: Tensor, foreground: Tensor) -> Tensor:
    """Foreground vectors of one frame of a tile, (n, D + 2), row by row."""
    places = foreground.nonzero().to(vectors.dtype)
    return torch.cat([vectors[:, foreground].T, COORDINATE_FACTOR * places], dim=1)
