"""From the embeddings of a frame pair to its label images, whichever way the settings say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cellseg.config import Settings
from cellseg.embeddings import SavedEmbeddings, SavedFrame
from cellseg.meanshift import Osop
from cellseg.pair_clusters import PairClusters, cluster_pair
from cellseg.pair_instances import pair_instances
from cellseg.published import TileClusterer, label_tiles
from cellseg.rshn import Pair, TilePair
from cellseg.video import Video


@dataclass(frozen=True)
class LabelledPair:
    """A pair whose pixels have labels.

    Attributes
    ----------
    pair : Pair
    halves : numpy.ndarray, (2, Y', X') int32
        Instances 1..K of both frames, at network scale; 0 is background.
    policy : Osop
        The seed policy as it goes on.
    trace : dict
        What the seed policy did (`RunRecord.pairs`).
    clusters : PairClusters or None
        None where the pair was clustered tile by tile.
    """

    pair: Pair
    halves: NDArray[np.int32]
    policy: Osop
    trace: dict[str, Any]
    clusters: PairClusters | None = None

    def vectors(self, half: int) -> Tensor:
        """Embeddings of the first or the second frame, (D, Y', X')."""
        return (self.pair.first, self.pair.second)[half].vectors

    def keep(self, saved: SavedEmbeddings, threshold: float, video: Video, digits: int) -> None:
        """Keep what the objects of the later frame came from, and of the movie's first one.

        Parameters
        ----------
        saved : SavedEmbeddings
        threshold : float
            Pixels of cells are those whose squared e0 component is below it.
        video : Video
            Has the numbers of the frames.
        digits : int
            Of the numbers in file names.
        """
        numbers, t = video.frame_numbers, self.pair.first.frame
        for half in (0, 1)[t > 0 : len(video)]:
            frame = SavedFrame.of(self.vectors(half).float().cpu().numpy(), threshold)
            saved.write_frame(numbers[t + half], digits, frame)
        if self.clusters is not None:
            saved.write_pair(numbers[t], digits, self.clusters.kept())


def label_pair(
    pair: Pair, settings: Settings, threshold: float, min_pixels: int, policy: Osop, number: int
) -> LabelledPair:
    """Cluster a pair, and make instances of the clusters.

    Parameters
    ----------
    pair : Pair
        A `TilePair` is clustered tile by tile.
    settings : Settings
        Of clustering and seeds.
    threshold : float
        Pixels of cells are those whose squared e0 component is below it.
    min_pixels : int
        Smallest instance, in network pixels over both frames.
    policy : Osop
        The seed policy as the pair before left it.
    number : int
        Of the first frame.

    Returns
    -------
    LabelledPair
    """
    # Keyed by the absolute frame: no history, so that a resumed run draws the same.
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence((settings.seed, number))))
    if isinstance(pair, TilePair):
        clusterer = TileClusterer(settings.clustering, policy, rng)
        labels = label_tiles(pair, clusterer, min_pixels, threshold)
        return LabelledPair(pair, labels, go_on(clusterer.osop, labels), clusterer.trace)
    clusters, cells = cluster_pair(pair, settings.clustering, threshold, policy, rng)
    foreground = cells.cpu().numpy()
    numbers = clusters.labels.cpu().numpy()
    labels = pair_instances(pair, numbers, foreground, settings.clustering, min_pixels)
    left = np.count_nonzero(foreground & (labels == 0), axis=(1, 2)).tolist()
    trace = {**clusters.trace, "uncovered": clusters.uncovered, "unlabelled": left}
    found = PairClusters(pair, clusters, foreground)
    return LabelledPair(pair, labels, go_on(clusters.osop, labels), trace, found)


def go_on(policy: Osop, labels: NDArray[np.int32]) -> Osop:
    """Tell the seed policy how many instances the later frame has: the next pair begins with it.

    Parameters
    ----------
    policy : Osop
        As the pair left it.
    labels : numpy.ndarray, (2, Y', X') int32
        Of the pair.

    Returns
    -------
    Osop
    """
    return replace(policy, instances=len(np.unique(labels[1][labels[1] > 0])))
