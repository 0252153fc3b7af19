"""Pieces of one cell that were taken for several objects for a few frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import Overlap

_MOST_GROWTH = 0.35
"""Logarithm of the pieces' joint area over that of the cell before and after."""
_LARGEST = 0.6
"""Logarithm of their joint area over the usual one: beyond, what is in one piece is two cells."""


def find_pieces(nodes: Nodes, overlap: Overlap, longest: int) -> Indices:
    """Find objects that are pieces of one cell: one object before, one after, and together as large.

    Parameters
    ----------
    nodes : Nodes
    overlap : Overlap
        Of objects in consecutive frames.
    longest : int
        Most frames in a row for which a cell may be in pieces.

    Returns
    -------
    numpy.ndarray, (n,) int64
        For each node the first node that it is one cell with; itself for most.
    """
    after, before = overlap.heirs(nodes.area), overlap.origins(nodes.area)
    whole = np.arange(len(nodes))
    one, other = _siblings(before)
    path = [(one, other)]
    for _ in range(longest):
        one, other = path[-1]
        closed = (after[one] == after[other]) & (after[one] >= 0)
        fits = closed.copy()
        for first, second in path:
            fits &= _fit(nodes, before[path[0][0]], first, second, after[one])
        for first, second in path:
            whole[second[fits]] = np.minimum(whole[second[fits]], first[fits])
        next_one, next_other = after[one], after[other]
        goes_on = ~closed & (next_one >= 0) & (next_other >= 0)
        goes_on &= (before[next_one] == one) & (before[next_other] == other)
        path = [(first[goes_on], second[goes_on]) for first, second in path]
        path.append((next_one[goes_on], next_other[goes_on]))
        if not goes_on.any():
            break
    return _roots(whole)


def _siblings(before: Indices) -> tuple[Indices, Indices]:
    """Pairs of nodes with one and the same origin."""
    order = np.argsort(before, kind="stable")
    order = order[np.searchsorted(before[order], 0) :]
    # Of three, the first meets both others.
    one = np.concatenate([order[:-1], order[:-2]])
    other = np.concatenate([order[1:], order[2:]])
    same = before[one] == before[other]
    return one[same], other[same]


def _fit(nodes: Nodes, cell: Indices, one: Indices, other: Indices, again: Indices) -> NDArray[np.bool_]:
    """Tell whether two pieces are as large as the cell before and after together, but not alone."""
    usual = (np.log(nodes.area[cell]) + np.log(nodes.area[again])) / 2
    joint = np.log(nodes.area[one] + nodes.area[other])
    together = np.abs(joint - usual)
    alone = np.abs(np.log(np.maximum(nodes.area[one], nodes.area[other])) - usual)
    single = joint - np.log(nodes.area[one]) + nodes.relative_size[one] <= _LARGEST
    return np.asarray((together <= _MOST_GROWTH) & (together < alone) & single)


def _roots(whole: Indices) -> Indices:
    while not np.array_equal(further := whole[whole], whole):
        whole = further
    return whole
