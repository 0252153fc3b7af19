"""What the tables say of a movie as a whole: the scales that tell a likely event from an unlikely one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.motion import Motion, measure_motion
from cellseg.tracking.neighbours import mutual_nearest
from cellseg.tracking.nodes import Nodes, medians
from cellseg.tracking.overlap import Overlap, node_overlap
from cellseg.types import CHAIN, NEXT

Box = tuple[float, float, float, float]
"""(y0, x0, y1, x1) in pixels, upper ends excluded."""

_NEAR_BORDER = 2.0
"""Distance of an object's box from the border, in scales of the motion, up to which it may enter or leave."""
_COMPARABLE = 0.9
"""Typical cosine between embeddings of one cell in two frames. Below, the network began anew between them."""
_DEVIATIONS = 1.4826
"""Standard deviation of a Gaussian over its median absolute deviation."""


@dataclass(frozen=True)
class Movie:
    """The objects of a movie, how they overlap and move, and what is usual among them.

    Attributes
    ----------
    nodes : Nodes
    overlap : Overlap
        Of objects in consecutive frames, by source, then target.
    chain : Overlap
        Of the network's instances of a frame pair with the objects of its first frame; may be empty.
    motion : Motion
    density : float
        Objects per frame and pixel.
    area_spread : float
        Scatter of the logarithm of the ratio of the areas of any two objects.
    at_border : numpy.ndarray, (n,) bool
        Objects that may be entering or leaving the field.
    comparable : numpy.ndarray, (T,) bool
        Whether the embeddings of each frame can be compared with those of the next.
    """

    nodes: Nodes
    overlap: Overlap
    chain: Overlap
    motion: Motion
    density: float
    area_spread: float
    at_border: NDArray[np.bool_]
    comparable: NDArray[np.bool_]

    @cached_property
    def joined(self) -> NDArray[np.bool_]:
        """Objects that several of the frame before went into, (n,)."""
        heir = self.overlap.heirs(self.nodes.area)
        return np.asarray(np.bincount(heir[heir >= 0], minlength=len(heir)) > 1)


def survey(nodes: Nodes, overlaps: NDArray[np.void], field: Box | None = None) -> Movie:
    """Measure a movie on its tables.

    Parameters
    ----------
    nodes : Nodes
        At least one.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
    field : (y0, x0, y1, x1), optional
        Where cells are seen. Default: the box around all objects.

    Returns
    -------
    Movie
    """
    motion = measure_motion(nodes)
    whole = np.concatenate([nodes.box[:, :2].min(axis=0), nodes.box[:, 2:].max(axis=0)])
    inner = whole if field is None else np.asarray(field, float)
    margin = np.minimum(nodes.box[:, :2] - inner[:2], inner[2:] - nodes.box[:, 2:]).min(axis=1)
    frames = np.unique(nodes.frame)
    size = np.log(nodes.area)
    centre = np.median(size)
    return Movie(
        nodes,
        node_overlap(nodes, overlaps[overlaps["kind"] == NEXT]),
        node_overlap(nodes, overlaps[overlaps["kind"] == CHAIN]),
        motion,
        len(nodes) / len(frames) / float((whole[2:] - whole[:2]).prod()),
        max(np.sqrt(2) * _DEVIATIONS * float(np.median(np.abs(size - centre))), 2 * motion.area_scale),
        nodes.touches_border | (margin <= _NEAR_BORDER * motion.scale),
        _comparable(nodes),
    )


def _comparable(nodes: Nodes) -> NDArray[np.bool_]:
    length = int(nodes.frame.max(initial=0)) + 1
    if nodes.embedding.shape[1] == 0:
        return np.zeros(length, bool)
    source, target = mutual_nearest(nodes, nodes.centroid)
    cosine = nodes.cosine(source, target)
    typical = np.zeros(length)
    median, of_pair = medians(nodes.frame[source], cosine)
    typical[nodes.frame[source]] = median[of_pair]
    return np.asarray(typical >= _COMPARABLE)
