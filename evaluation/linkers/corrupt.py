"""What segmentation gets wrong, done to masks on purpose; the truth stays known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]

_LIFE = 0.6
"""Share of the debris of a frame that is still there in the next."""
_RADII = 1.5, 4.0
"""Of debris, in pixels."""
_SMALLEST = 60
"""Pixels of a cell that may be split."""


def corrupt(
    movie: NDArray[Any], seed: int, *, drop: float = 0, merge: float = 0, split: float = 0, debris: float = 0
) -> NDArray[np.int64]:
    """Corrupt masks, and number the objects of every frame at random.

    Parameters
    ----------
    movie : numpy.ndarray, (T, Y, X) integer
    seed : int
    drop, split : float
        Share of the objects that is left out, and that is cut in two.
    merge : float
        Share of the objects that becomes one with a neighbour, as far as there are neighbours.
    debris : float
        Small objects that are no cells, as a share of the objects; they last for some frames.

    Returns
    -------
    numpy.ndarray, (T, Y, X) int64
    """
    rng = np.random.default_rng(seed)
    specks = Debris(rng, movie.shape[1:])
    frames = []
    for frame in movie:
        labels = frame.astype(np.int64)
        cells = len(np.unique(labels)) - 1
        merge_neighbours(labels, merge, rng)
        split_objects(labels, split, rng)
        drop_objects(labels, drop, rng)
        specks.add(labels, round(debris * cells))
        frames.append(renumbered(labels, rng))
    return np.stack(frames)


def merge_neighbours(labels: Labels, share: float, rng: np.random.Generator) -> None:
    """Make pairs of touching objects one, in place; no object is in two pairs."""
    touching: set[tuple[int, int]] = set()
    for first, second in ((labels[:, :-2], labels[:, 2:]), (labels[:-2], labels[2:])):
        meet = (first != second) & (first > 0) & (second > 0)
        touching |= {(min(pair), max(pair)) for pair in zip(first[meet], second[meet], strict=True)}
    pairs, used = sorted(touching), set()
    wanted = share * (len(np.unique(labels)) - 1)
    for place in rng.permutation(len(pairs)):
        if len(used) >= wanted:
            return
        if used.isdisjoint(pairs[place]):
            kept, gone = pairs[place]
            labels[labels == gone] = kept
            used |= {kept, gone}


def split_objects(labels: Labels, share: float, rng: np.random.Generator) -> None:
    """Cut objects in two through their middle, at any angle, in place."""
    following = labels.max() + 1
    for label in _chosen(labels, share, rng):
        y, x = np.nonzero(labels == label)
        angle = rng.uniform(0, np.pi)
        side = (y - y.mean()) * np.sin(angle) + (x - x.mean()) * np.cos(angle) > 0
        if len(y) >= _SMALLEST and 0 < side.sum() < len(y):
            labels[y[side], x[side]] = following
            following += 1


def drop_objects(labels: Labels, share: float, rng: np.random.Generator) -> None:
    """Leave objects out, in place."""
    labels[np.isin(labels, _chosen(labels, share, rng))] = 0


class Debris:
    """Discs that are no cells, of which some stay where they are from frame to frame."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self._rng, self._shape = rng, shape
        self._specks: list[tuple[float, float, float]] = []
        self._places = np.mgrid[: shape[0], : shape[1]]

    def add(self, labels: Labels, count: int) -> None:
        """Draw as many on the background of the next frame, in place."""
        self._specks = [speck for speck in self._specks if self._rng.random() < _LIFE][:count]
        while len(self._specks) < count:
            y, x = self._rng.uniform(0, self._shape)
            self._specks.append((y, x, self._rng.uniform(*_RADII)))
        for y, x, radius in self._specks:
            near = (self._places[0] - y) ** 2 + (self._places[1] - x) ** 2 <= radius**2
            labels[near & (labels == 0)] = labels.max() + 1


def renumbered(labels: Labels, rng: np.random.Generator) -> Labels:
    """Give the objects of a frame random numbers from 1 on."""
    present = np.unique(labels[labels > 0])
    lookup = np.zeros(labels.max() + 1, np.int64)
    lookup[present] = rng.permutation(len(present)) + 1
    renumbered: Labels = lookup[labels]
    return renumbered


def _chosen(labels: Labels, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    present = np.unique(labels[labels > 0])
    return present[rng.random(len(present)) < share]
