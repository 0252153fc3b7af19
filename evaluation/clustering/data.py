"""The simulated data sets: what is known of the papers' ones, and what we chose where they are silent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..baselines import Metric

CLUSTERS = 10


@dataclass(frozen=True)
class Dataset:
    """Vectors with their true clusters.

    Attributes
    ----------
    name : str
    vectors : numpy.ndarray, (n, D) float32
    truth : numpy.ndarray, (n,) int64
        Cluster of each vector.
    metric : str
    bandwidth : float
        h that they are clustered with.
    """

    name: str
    vectors: NDArray[np.float32]
    truth: NDArray[np.int64]
    metric: Metric
    bandwidth: float

    @property
    def clusters(self) -> int:
        """The true K."""
        return int(self.truth.max()) + 1

    def save(self, folder: Path) -> Path:
        """Write vectors and truth to an .npz file, and return it."""
        path = folder / f"{self.name}.npz"
        np.savez(path, vectors=self.vectors, truth=self.truth)
        return path


def opposite_directions(points: int, seed: int = 0, dimensions: int = 18) -> Dataset:
    """Simulate 10 equal clusters with orthogonal or opposite centres, sd 0.01 (Zhao et al. 2021, Table I).

    Parameters
    ----------
    points : int
        n.
    seed : int
    dimensions : int
        D.

    Returns
    -------
    Dataset
        h = 0.1.
    """
    rng = np.random.default_rng(seed)
    axes = np.eye(dimensions, dtype=np.float32)
    centres = np.vstack([axes, -axes])[rng.permutation(2 * dimensions)[:CLUSTERS]]
    vectors, truth = _around(centres, points, 0.01, rng)
    return Dataset(f"cosine-{points}", vectors, truth, "cosine", 0.1)


def blobs(points: int, dimensions: int, seed: int = 0) -> Dataset:
    """Simulate 10 equal blobs, sd 0.1 (You et al. 2021, Table I).

    Where the centres are is our choice: at random, at least 1 apart, in a box of side 4; so is h.

    Parameters
    ----------
    points : int
        n.
    dimensions : int
        D, 2 or 3.
    seed : int

    Returns
    -------
    Dataset
        h = 0.4.
    """
    rng = np.random.default_rng(seed)
    centres = np.empty((0, dimensions), dtype=np.float32)
    while len(centres) < CLUSTERS:
        centre = rng.uniform(0, 4, dimensions)
        if (np.linalg.norm(centres - centre, axis=1) >= 1).all():
            centres = np.vstack([centres, centre]).astype(np.float32)
    vectors, truth = _around(centres, points, 0.1, rng)
    return Dataset(f"euclidean-{dimensions}d-{points}", vectors, truth, "euclidean", 0.4)


def directions_in_the_plane(name: str, seed: int = 0) -> Dataset:
    """Simulate 1,500 points in two dimensions (Zhao et al. 2021, Fig. 4 and 5).

    Parameters
    ----------
    name : str
        `a`: 10 equal clusters on two circles, sd 0.02. `b`: 7, sd 0.005, and a background of 750 points,
        which is the last cluster. `c`: 3, sd 0.01, and the same background. All at even angles; with `a`, on
        the circles of radius 1 and 2 by turns.
    seed : int

    Returns
    -------
    Dataset
        h = 0.1.
    """
    rng = np.random.default_rng(seed)
    instances, background, spread = {"a": (10, 0, 0.02), "b": (7, 750, 0.005), "c": (3, 750, 0.01)}[name]
    directions = instances + (background > 0)
    angles = 2 * np.pi * np.arange(directions) / directions
    radii = 1.0 + np.arange(directions) % 2 if name == "a" else np.ones(directions)
    centres = (radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)
    truth = np.arange(1500 - background) % instances
    truth = rng.permutation(np.concatenate([truth, np.full(background, instances)]))
    return Dataset(f"plane-{name}", _scatter(centres, truth, spread, rng), truth, "cosine", 0.1)


def embedded_image(side: int, seed: int = 0) -> Dataset:
    """Simulate the embedding of an image (Zhao et al. 2021, Fig. 1): 18-D vectors, noise of sd 0.03.

    Twenty round cells, whose directions are orthogonal or opposite, on a background with a direction of its
    own.

    Parameters
    ----------
    side : int
        Pixels along each side.
    seed : int

    Returns
    -------
    Dataset
        One vector a pixel; h = 0.1.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    image = np.zeros((side, side), dtype=np.int64)
    for cell in range(20):
        row, column = divmod(cell, 5)
        centre_y, centre_x = (row + 0.5) / 4, (column + 0.5) / 5
        image[np.hypot(y - centre_y, x - centre_x) < rng.uniform(0.06, 0.1)] = cell + 1
    axes = np.eye(18, dtype=np.float32)
    # The opposite of the first axis is left out: the background has that axis to itself.
    centres = np.vstack([axes, -axes[1:]])
    truth = image.ravel()
    return Dataset(f"image-{side}", _scatter(centres, truth, 0.03, rng), truth, "cosine", 0.1)


def colour_image(side: int, seed: int = 0) -> Dataset:
    """Simulate a photograph (You et al. 2021, Fig. 1): five colours in large patches, noise of sd 0.03.

    Parameters
    ----------
    side : int
        Pixels along each side.
    seed : int

    Returns
    -------
    Dataset
        Colours (r, g, b) of the pixels, 0..1 but for the noise, row by row; h = 0.2.
    """
    rng = np.random.default_rng(seed)
    colours = np.array(
        [[0.15, 0.2, 0.35], [0.85, 0.8, 0.7], [0.7, 0.25, 0.2], [0.25, 0.6, 0.3], [0.95, 0.75, 0.2]],
        dtype=np.float32,
    )
    y, x = np.mgrid[:side, :side] / side
    centres = rng.random((12, 2))
    nearest = np.argmin([np.hypot(y - row, x - column) for row, column in centres], axis=0)
    truth = (nearest % len(colours)).astype(np.int64).ravel()
    return Dataset(f"colours-{side}", _scatter(colours, truth, 0.03, rng), truth, "euclidean", 0.2)


def _around(
    centres: NDArray[np.float32], points: int, spread: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw equally many points around every centre, in random order."""
    truth = rng.permutation(np.arange(points) % len(centres))
    return _scatter(centres, truth, spread, rng), truth


def _scatter(
    centres: NDArray[np.float32], truth: NDArray[np.int64], spread: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    vectors = rng.standard_normal((len(truth), centres.shape[1]), dtype=np.float32)
    vectors *= np.float32(spread)
    vectors += centres[truth]
    return vectors
