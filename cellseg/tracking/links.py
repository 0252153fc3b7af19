"""What the linker has decided so far: who continues whom, and who is whose child."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices


class Links:
    """A forest of nodes.

    Parameters
    ----------
    count : int
        Number of nodes.

    Attributes
    ----------
    before, after : numpy.ndarray, (count,) int64
        The same cell where it was seen before and after, mostly in the neighbouring frames; -1 is none.
    parent : numpy.ndarray, (count,) int64
        For the first node of a track, the last node of the parent's track; -1 is none.
    """

    def __init__(self, count: int) -> None:
        self.before: Indices = np.full(count, -1, np.int64)
        self.after: Indices = np.full(count, -1, np.int64)
        self.parent: Indices = np.full(count, -1, np.int64)

    @property
    def childless(self) -> NDArray[np.bool_]:
        """Nodes that are nobody's parent, (count,)."""
        childless = np.ones(len(self.parent), bool)
        childless[self.parent[self.parent >= 0]] = False
        return childless

    @property
    def firsts(self) -> Indices:
        """First node of the track of every node, (count,)."""
        return _follow(self.before)

    @property
    def lasts(self) -> Indices:
        """Last node of the track of every node, (count,)."""
        return _follow(self.after)

    def join(self, source: Indices, target: Indices) -> None:
        """Make each target, a birth, the continuation of its source, an end."""
        self.after[source] = target
        self.before[target] = source

    def interrupt(self, source: Indices) -> None:
        """End each source's track; what continued it is its only child."""
        target = self.after[source]
        self.before[target] = -1
        self.after[source] = -1
        self.parent[target] = source

    def divide(self, mother: Indices, first: Indices, second: Indices) -> None:
        """Give each mother, an end, two daughters, births."""
        self.parent[first] = self.parent[second] = mother


def _follow(steps: Indices) -> Indices:
    """Where each node gets by going along `steps` to the end."""
    reached = np.where(steps >= 0, steps, np.arange(len(steps)))
    # Doubling the stride: as many rounds as the length of the longest track has binary digits.
    while not np.array_equal(further := reached[reached], reached):
        reached = further
    return reached


def choose_disjoint(parties: Indices, cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose rows greedily by ascending cost so that no party takes part twice.

    Of equal costs the row with the lower parties comes first. Equal to taking the rows one by one: a row that
    comes first for all of its parties cannot be overtaken, so all of those are taken at once.

    Parameters
    ----------
    parties : numpy.ndarray, (n, k) int64
        Who takes part in each row; equal numbers in different columns are the same party.
    cost : numpy.ndarray, (n,) float64

    Returns
    -------
    numpy.ndarray, (n,) bool
        The chosen rows.
    """
    chosen = np.zeros(len(parties), bool)
    remaining = np.lexsort((*parties.T[::-1], cost))
    while len(remaining):
        rows = parties[remaining]
        _, first, party = np.unique(rows, return_index=True, return_inverse=True)
        first_row = (first // rows.shape[1])[party.reshape(rows.shape)]
        leads = (first_row == np.arange(len(rows))[:, None]).all(axis=1)
        chosen[remaining[leads]] = True
        remaining = remaining[~np.isin(rows, rows[leads]).any(axis=1)]
    return chosen
