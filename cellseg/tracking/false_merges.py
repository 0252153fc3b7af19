"""Objects that are several cells for a few frames, which were apart before and are apart again after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import Overlap

_MOST_GROWTH = 0.35
"""Logarithm of the area of the merger over that of the cells before, and after."""
_SMALLEST = 0.2
"""Logarithm of its area over the usual one: below, it is one cell that was in pieces."""


@dataclass(frozen=True)
class Hidden:
    """Pairs of objects that may be one cell, seen before and after a merger and hidden in it between.

    Attributes
    ----------
    source, target : numpy.ndarray, (n,) int64
        The objects before and after.
    cover : numpy.ndarray, (n, longest) int64
        The merger in the frames between; -1 after its last.
    """

    source: Indices
    target: Indices
    cover: Indices


def find_merged(nodes: Nodes, overlap: Overlap, longest: int) -> Hidden:
    """Find objects that several others go into and as many come out of.

    Parameters
    ----------
    nodes : Nodes
    overlap : Overlap
        Of objects in consecutive frames.
    longest : int
        Most frames in a row that a merger lasts.

    Returns
    -------
    Hidden
        Every object that went into a merger with every one that came out of it.
    """
    after, before = overlap.heirs(nodes.area), overlap.origins(nodes.area)
    into, joins = _several(nodes, after)
    out, parts = _several(nodes, before)
    path = np.flatnonzero(joins & (nodes.relative_size >= _SMALLEST))[:, None]
    found = [_pairs(after, before, path[:0], longest)]
    for _ in range(longest):
        last = path[:, -1]
        closed = parts[last] & (out[last] == into[path[:, 0]])
        found.append(_pairs(after, before, path[closed], longest))
        following = after[last]
        goes_on = ~closed & (following >= 0) & (into[following] == 1) & (before[following] == last)
        path = np.column_stack([path, following])[goes_on]
        if not goes_on.any():
            break
    return Hidden(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _several(nodes: Nodes, holder: Indices) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each node, how many it holds, and whether it is several and as large as they are together."""
    held = holder >= 0
    count = np.bincount(holder[held], minlength=len(nodes))
    area = np.bincount(holder[held], nodes.area[held], len(nodes))
    growth = np.abs(np.log(nodes.area / np.maximum(area, 1)))
    return count, (count >= 2) & (growth <= _MOST_GROWTH) & (nodes.area >= count)


def _pairs(after: Indices, before: Indices, path: Indices, longest: int) -> tuple[Indices, Indices, Indices]:
    """Each node that goes into the first of a path with each that comes out of the last, and the path."""
    source, merger = _members(after, path[:, :1].ravel())
    target, again = _members(before, path[:, -1:].ravel())
    begin, end = np.searchsorted(again, [merger, merger + 1])
    row = np.repeat(np.arange(len(source)), end - begin)
    column = np.arange(len(row)) - np.repeat(np.cumsum(end - begin) - end, end - begin)
    cover = np.full((len(row), longest), -1, np.int64)
    cover[:, : path.shape[1]] = path[merger[row]]
    return source[row], target[column], cover


def _members(holder: Indices, wanted: Indices) -> tuple[Indices, Indices]:
    """Nodes whose holder is wanted, in order of its position in `wanted`; and that position."""
    position = np.full(len(holder) + 1, -1, np.int64)
    position[wanted] = np.arange(len(wanted))
    held = position[holder]
    held[holder < 0] = -1
    members = np.argsort(held, kind="stable")[np.count_nonzero(held < 0) :]
    return members, held[members]
