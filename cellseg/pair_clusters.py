"""From the embeddings of a frame pair to the clusters of its foreground, as the settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from cellseg.config import Clustering
from cellseg.embeddings import SavedPair
from cellseg.meanshift import Clusters, Osop, Patience, cluster
from cellseg.rshn import Pair

_SEED_GRID = 16
"""Strata of the seeds: squares of the image, this many along each axis."""


def cluster_pair(
    pair: Pair, clustering: Clustering, foreground_threshold: float, policy: Osop, rng: np.random.Generator
) -> tuple[Clusters, Tensor]:
    """Cluster the foreground embeddings of both frames together.

    Parameters
    ----------
    pair : Pair
    clustering : Clustering
    foreground_threshold : float
        Pixels of cells are those whose squared e0 component is below it.
    policy : Osop
        The seed policy as the pair before left it.
    rng : numpy.random.Generator
        Draws sample and seeds.

    Returns
    -------
    clusters : Clusters
        Of the foreground pixels, in the order of ``foreground.nonzero()``.
    foreground : Tensor, (2, Y', X') bool
    """
    halves = (pair.first, pair.second)
    foreground = torch.stack([half.vectors[0].square() < foreground_threshold for half in halves])
    points = torch.cat(
        [half.vectors[:, cells].T for half, cells in zip(halves, foreground, strict=True)]
    ).contiguous()
    clusters = cluster(
        points,
        clustering.bandwidth,
        osop=policy,
        foreground_ratio=len(points) / foreground.numel(),
        strata=seed_squares(foreground),
        rng=rng,
        **search_options(clustering),
    )
    return clusters, foreground


@dataclass(frozen=True)
class PairClusters:
    """What `cluster_pair` found, and where.

    Attributes
    ----------
    pair : Pair
    clusters : Clusters
        Of the foreground pixels, in the order of ``foreground.nonzero()``.
    foreground : numpy.ndarray, (2, Y', X') bool
    """

    pair: Pair
    clusters: Clusters
    foreground: NDArray[np.bool_]

    def modes(self) -> NDArray[np.float32]:
        """Modes of the pair, (K, D)."""
        modes: NDArray[np.float32] = self.clusters.modes.float().cpu().numpy()
        return modes

    def uncovered(self, half: int) -> NDArray[np.bool_] | None:
        """Foreground of one frame that is farther than the bandwidth from every mode, (Y', X').

        Parameters
        ----------
        half : int
            0 or 1.

        Returns
        -------
        numpy.ndarray or None
            None where the whole pair has none.
        """
        if not self.clusters.uncovered:
            return None
        lost = np.zeros_like(self.foreground)
        lost[self.foreground] = ~self.clusters.covered.cpu().numpy()
        of_frame: NDArray[np.bool_] = lost[half]
        return of_frame

    def kept(self) -> SavedPair:
        """Seeds and modes, as `infer --save-embeddings` keeps them."""
        places = np.argwhere(self.foreground)[self.clusters.seed_indices.cpu().numpy()]
        vectors = np.zeros((len(places), self.clusters.modes.shape[1]), np.float16)
        for half, embedding in enumerate((self.pair.first, self.pair.second)):
            here = places[:, 0] == half
            y, x = torch.from_numpy(places[here, 1:].T).to(embedding.vectors.device)
            vectors[here] = embedding.vectors[:, y, x].T.half().cpu().numpy()
        return SavedPair(
            places.astype(np.int32),
            vectors,
            self.modes().astype(np.float16),
            self.clusters.counts.cpu().numpy(),
        )


def search_options(clustering: Clustering) -> dict[str, Any]:
    """Give what `cellseg.meanshift.cluster` takes of the settings, whatever the vectors and seeds.

    Parameters
    ----------
    clustering : Clustering

    Returns
    -------
    dict
        sample, max_uncovered, patience.
    """
    return {
        "sample": clustering.sample,
        "max_uncovered": clustering.max_uncovered,
        "patience": Patience(clustering.converged_share, clustering.max_iterations, clustering.tolerance),
    }


def seed_policy(clustering: Clustering, seeds: int | None = None, instances: int | None = None) -> Osop:
    """Give the seed policy as a movie begins with it, or as it was left.

    Parameters
    ----------
    clustering : Clustering
    seeds, instances : int, optional
        N and I after the last pair that is done.

    Returns
    -------
    Osop
    """
    return Osop(
        seeds=clustering.initial_seeds if seeds is None else seeds,
        instances=instances,
        probability=clustering.probability,
        seed_surplus=clustering.seed_surplus,
        seed_excess=clustering.seed_excess,
        min_seeds=clustering.min_seeds,
        max_seeds=clustering.max_seeds,
    )


def seed_squares(foreground: Tensor) -> Tensor:
    """Tell in which square of the image each foreground pixel of a pair lies.

    Parameters
    ----------
    foreground : Tensor, (2, Y', X') bool

    Returns
    -------
    Tensor, (n,) int64
    """
    _, y, x = foreground.nonzero().T
    rows, columns = (y * _SEED_GRID // foreground.shape[1], x * _SEED_GRID // foreground.shape[2])
    squares: Tensor = rows * _SEED_GRID + columns
    return squares


def fine_foreground(vectors: Tensor, shape: tuple[int, int], threshold: float) -> NDArray[np.bool_]:
    """Threshold the squared e0 component between the network's pixels: finer outlines.

    Parameters
    ----------
    vectors : Tensor, (D, Y', X') float
        Unit embeddings of a frame.
    shape : tuple of int
        Size (Y, X) of the frame in original pixels.
    threshold : float

    Returns
    -------
    numpy.ndarray, (Y, X) bool
    """
    squared = vectors[0].square()[None, None]
    fine = interpolate(squared, shape, mode="bilinear", align_corners=False)[0, 0]
    foreground: NDArray[np.bool_] = (fine < threshold).cpu().numpy()
    return foreground
