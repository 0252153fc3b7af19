"""Links by overlap: what two neighbouring pairs call the same cell, and what stays in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.links import Links, choose_disjoint
from cellseg.tracking.nodes import Indices, Nodes, frame_id_key


@dataclass(frozen=True)
class Overlap:
    """Pairs of nodes in consecutive frames and the pixels that speak for them.

    Attributes
    ----------
    source, target : numpy.ndarray, (n,) int64
        Nodes of frames t and t + 1.
    pixels : numpy.ndarray, (n,) int64
        Shared pixels.
    iou : numpy.ndarray, (n,) float64
        Intersection over union.
    """

    source: Indices
    target: Indices
    pixels: NDArray[np.int64]
    iou: NDArray[np.float64]


def node_overlap(nodes: Nodes, overlaps: NDArray[np.void]) -> Overlap:
    """Read overlap rows of one kind as evidence between objects of frames t and t + 1.

    For NEXT rows that is what they say. For CHAIN rows `id_b` is the later pair's instance in frame t; being
    the same cell in both frames of its pair, it continues as the object of that id in frame t + 1.

    Parameters
    ----------
    nodes : Nodes
    overlaps : numpy.ndarray, (n,) of `cellseg.types.OVERLAP_DTYPE`
        Rows of one kind, with background.

    Returns
    -------
    Overlap
        Without the rows in which an object is missing.
    """
    frame, pixels = overlaps["frame"].astype(np.int64), overlaps["pixels"]
    # Background is in the table, so the area of each side is the sum over its rows.
    union = _total(frame, overlaps["id_a"], pixels) + _total(frame, overlaps["id_b"], pixels) - pixels
    source, target = nodes.find(frame, overlaps["id_a"]), nodes.find(frame + 1, overlaps["id_b"])
    both = (source >= 0) & (target >= 0)
    return Overlap(source[both], target[both], pixels[both], pixels[both] / union[both])


def _total(
    frame: NDArray[np.int64], object_id: NDArray[np.integer], pixels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Sum the pixels of all rows of the same frame and id, for each row."""
    _, group = np.unique(frame_id_key(frame, object_id), return_inverse=True)
    return np.bincount(group, pixels)[group].astype(np.int64)


def link_by_overlap(links: Links, overlap: Overlap, min_overlap: float) -> None:
    """Join free ends greedily by intersection over union.

    Parameters
    ----------
    links : Links
        Extended in place.
    overlap : Overlap
    min_overlap : float
        Least intersection over union.

    Notes
    -----
    Payer et al. 2019 (specification, section 5.6): one-to-one, the highest first; ties to the lowest ids.
    """
    free = (links.after[overlap.source] < 0) & (links.before[overlap.target] < 0)
    kept = free & (overlap.iou >= min_overlap)
    source, target = overlap.source[kept], overlap.target[kept]
    # Counted on from the sources: the same node may be a source in one pair and a target in another.
    parties = np.column_stack([source, target + len(links.after)])
    chosen = choose_disjoint(parties, -overlap.iou[kept])
    links.join(source[chosen], target[chosen])
