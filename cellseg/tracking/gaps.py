"""Tracks that end in the field, and ones that begin nearby soon after: the same cell, known again."""

from __future__ import annotations

import numpy as np

from cellseg.tracking.links import Links, choose_disjoint
from cellseg.tracking.nodes import Nodes
from cellseg.tracking.search import near_earlier

# Chosen on the silver-truth masks of four training sequences for the fewest wrong and missing links.
_REACH = 1.2
"""Distance of the centroids, in widths (square roots of the area) of the larger object."""
_MIN_AREA_RATIO = 0.25
"""Smaller over larger area."""


def close_gaps(nodes: Nodes, links: Links, *, lag: int) -> None:
    """Continue tracks that end without children by tracks that begin without parent.

    Similar objects near each other are paired, the nearest first. Without a missing frame the two are one
    track; else the new one becomes the only child, for a track has an object in each of its frames.

    Parameters
    ----------
    nodes : Nodes
    links : Links
        Extended in place.
    lag : int
        Frames from the end to the beginning; 1 is no gap.

    Notes
    -----
    One child is a gap by the Cell Tracking Challenge's convention (two are a division).
    """
    source, target = near_earlier(nodes, links.ends, links.births, lag, _REACH)
    ratio = nodes.area[source] / nodes.area[target]
    similar = (ratio >= _MIN_AREA_RATIO) & (ratio <= 1 / _MIN_AREA_RATIO)
    source, target = source[similar], target[similar]
    distance = np.linalg.norm(nodes.centroid[source] - nodes.centroid[target], axis=1)
    chosen = choose_disjoint(np.column_stack([source, target + len(nodes)]), distance)
    if lag == 1:
        links.join(source[chosen], target[chosen])
    else:
        links.parent[target[chosen]] = source[chosen]
