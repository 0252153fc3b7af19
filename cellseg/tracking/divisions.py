"""Which new tracks are daughters, and of whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.links import Links, choose_disjoint
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import Overlap
from cellseg.tracking.search import near_earlier
from cellseg.tracking.settings import LinkerSettings

# Limits around the divisions with silver-truth masks in the training sequences DIC-C2DH-HeLa 01 (7) and
# Fluo-N2DL-HeLa 01 (54). A width is the square root of the mother's area.
_MIN_DAUGHTER_RATIO = 0.6
"""Smaller over larger daughter's area; seen: 0.73 to 1."""
_JOINT_AREA = (0.3, 3.0)
"""Daughters' areas over the mother's; seen: 0.36 to 2.35, since mothers round up and daughters spread."""
_REACH = 2.0
"""Distance of a daughter from the mother, in widths of the larger of the two."""
_MAX_OFFSET = 0.8
"""Distance of the daughters' midpoint from the mother, in widths; seen: up to 0.77."""
_MAX_LOPSIDED = 0.4
"""The same over the daughters' distance; 0.5 if one of them is the mother, unmoved, beside a newcomer."""

Family = tuple[Indices, Indices, Indices]
"""Mothers' last nodes and the first nodes of their two daughters, (n,) each."""


def find_divisions(
    nodes: Nodes, links: Links, overlap: Overlap, settings: LinkerSettings, *, lag: int, living: bool
) -> None:
    """Give mothers two daughters that fit them in place and size.

    A neighbour that enters fails because the midpoint of the two lies off the mother, debris because the
    two differ in size, a false split because one of the two soon ends inside the other.

    Parameters
    ----------
    nodes : Nodes
    links : Links
        Extended in place.
    overlap : Overlap
        Of objects in consecutive frames.
    settings : LinkerSettings
    lag : int
        Most frames from a mother to a daughter.
    living : bool
        Whether to look at mothers whose track goes on, as one of the daughters in truth, instead of those
        whose track ends.

    Notes
    -----
    Takes the place of the published parent rule (specification, section 5.8), which makes mothers of
    neighbours (section 9, defect 10).
    """
    candidates = (
        _with_a_living_mother(nodes, links, lag) if living else _with_an_ended_mother(nodes, links, lag)
    )
    cost, plausible = _judge(nodes, candidates, settings.parent_min_overlap)
    plausible &= _lasting(nodes, links, overlap, candidates, settings)
    mother, first, second = (part[plausible] for part in candidates)
    # Counted on from the mothers: a daughter may become a mother herself.
    parties = np.column_stack([mother, first + len(nodes), second + len(nodes)])
    chosen = choose_disjoint(parties, cost[plausible])
    links.divide(mother[chosen], first[chosen], second[chosen])


def _near_births(nodes: Nodes, links: Links, mothers: Indices, lag: int) -> tuple[Indices, Indices]:
    """Pairs of a mother and a birth near her, up to `lag` frames later; ordered by mother."""
    found = [near_earlier(nodes, mothers, links.births, frames, _REACH) for frames in range(1, lag + 1)]
    mother, daughter = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((daughter, mother))
    return mother[order], daughter[order]


def _with_a_living_mother(nodes: Nodes, links: Links, lag: int) -> Family:
    """Each continued track with each birth near it: its continuation is the other daughter."""
    mother, daughter = _near_births(nodes, links, np.flatnonzero(links.after >= 0), lag)
    return mother, links.after[mother], daughter


def _with_an_ended_mother(nodes: Nodes, links: Links, lag: int) -> Family:
    """Each ended track with each two births near it."""
    mother, daughter = _near_births(nodes, links, links.ends, lag)
    position = np.arange(len(mother))
    last_of_mother = np.searchsorted(mother, mother, side="right")
    sisters = last_of_mother - position - 1
    first = np.repeat(position, sisters)
    # Counts 1, 2, ... within each run of equal `first`.
    ahead = np.arange(len(first)) - np.repeat(np.cumsum(sisters) - sisters, sisters) + 1
    return mother[first], daughter[first], daughter[first + ahead]


def _judge(
    nodes: Nodes, candidates: Family, min_overlap: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far each candidate is from an even division in place, and whether it may be one at all."""
    mother, first, second = candidates
    ratio = np.exp(-np.abs(np.log(nodes.area[first] / nodes.area[second])))
    joint_area = (nodes.area[first] + nodes.area[second]) / nodes.area[mother]
    midpoint = (nodes.centroid[first] + nodes.centroid[second]) / 2
    offset = np.linalg.norm(midpoint - nodes.centroid[mother], axis=1)
    spread = np.linalg.norm(nodes.centroid[first] - nodes.centroid[second], axis=1)
    plausible = (
        (ratio >= _MIN_DAUGHTER_RATIO)
        & (joint_area >= _JOINT_AREA[0])
        & (joint_area <= _JOINT_AREA[1])
        & (offset <= _MAX_OFFSET * nodes.width[mother])
        & (offset <= _MAX_LOPSIDED * spread)
        & (_box_overlap(nodes, candidates) >= min_overlap)
    )
    return offset / nodes.width[mother] - np.log(ratio), plausible


def _box_overlap(nodes: Nodes, candidates: Family) -> NDArray[np.float64]:
    """Intersection over union of the mother's box and the box around both daughters."""
    mother, first, second = (nodes.box[part] for part in candidates)
    low = np.minimum(first[:, :2], second[:, :2])
    high = np.maximum(first[:, 2:], second[:, 2:])
    sides = np.minimum(mother[:, 2:], high) - np.maximum(mother[:, :2], low)
    shared = sides.clip(min=0).prod(axis=1)
    union = (mother[:, 2:] - mother[:, :2]).prod(axis=1) + (high - low).prod(axis=1) - shared
    return np.asarray(shared / union)


def _lasting(
    nodes: Nodes, links: Links, overlap: Overlap, candidates: Family, settings: LinkerSettings
) -> NDArray[np.bool_]:
    """Whether both daughters live on, and neither soon ends inside the other."""
    last = links.lasts
    life = nodes.frame[last] - nodes.frame + 1
    in_last_frame = nodes.frame[last] == nodes.frame.max(initial=0)
    heir = _swallowed_by(nodes, links, overlap)[last]
    _, first, second = candidates
    lasting = np.ones(len(first), bool)
    for daughter, sister in ((first, second), (second, first)):
        lasting &= (life[daughter] >= settings.min_track_length) | in_last_frame[daughter]
        # -1, no heir, equals no node.
        lasting &= (heir[daughter] != last[sister]) | (life[daughter] > settings.false_split_max_life)
    return lasting


def _swallowed_by(nodes: Nodes, links: Links, overlap: Overlap) -> Indices:
    """For each last node of a track, the last node of the older track that next covers most of it; or -1."""
    swallowed = (
        (links.after[overlap.source] < 0)
        & (links.before[overlap.target] >= 0)
        & (2 * overlap.pixels > nodes.area[overlap.source])
    )
    heir = np.full(len(nodes), -1, np.int64)
    heir[overlap.source[swallowed]] = links.lasts[overlap.target[swallowed]]
    return heir
