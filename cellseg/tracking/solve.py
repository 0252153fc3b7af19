"""The linker: from the tables of a whole movie to its lineage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.global_linker import link_globally
from cellseg.tracking.lineage import Lineage
from cellseg.tracking.missing import missing_objects, unseen_gaps
from cellseg.tracking.movie import Box, survey
from cellseg.tracking.nodes import Nodes
from cellseg.tracking.numbering import number_tracks, tracks_that_stay
from cellseg.tracking.overlap import node_overlap
from cellseg.tracking.published_linker import link_as_published
from cellseg.tracking.repair import cells_of
from cellseg.tracking.settings import LinkerSettings
from cellseg.types import CHAIN, NEXT


def solve_lineage(
    objects: NDArray[np.void],
    overlaps: NDArray[np.void],
    settings: LinkerSettings | None = None,
    field: Box | None = None,
) -> Lineage:
    """Link the objects of a movie to tracks with parents.

    Parameters
    ----------
    objects : numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        Objects of the provisional frames.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
        Joint histograms with background. CHAIN at frame t: provisional frame t (`id_a`) and the first half of
        the pair (t, t + 1) (`id_b`), whose ids provisional frame t + 1 carries. NEXT at frame t: provisional
        frames t and t + 1. Without CHAIN rows (masks of another program) the NEXT rows do all the work.
    settings : LinkerSettings, optional
        Default: `LinkerSettings()`.
    field : (y0, x0, y1, x1), optional
        Where cells are seen, in pixels, upper ends excluded. Default: the box around all objects.

    Returns
    -------
    Lineage
        Valid by the Cell Tracking Challenge's rules.

    Raises
    ------
    ValueError
        More than 65,535 tracks, an id that occurs twice in a frame, or id 0.
    """
    settings = settings or LinkerSettings()
    objects = objects[np.lexsort((objects["id"], objects["frame"]))]
    if settings.method == "published":
        return _as_published(Nodes(objects), overlaps, settings)
    return _globally(objects, overlaps, settings, field)


def _globally(
    objects: NDArray[np.void], overlaps: NDArray[np.void], settings: LinkerSettings, field: Box | None
) -> Lineage:
    seen = Nodes(objects)
    if len(seen) == 0:
        return Lineage((), seen.frame, seen.id, seen.id)
    cells = cells_of(objects, overlaps, settings.max_repair)
    nodes = cells.nodes
    movie = survey(nodes, cells.overlaps, field)
    links = link_globally(movie, cells.hidden, settings.max_gap, settings.min_track_length)
    if not settings.fill_gaps:
        links.interrupt(unseen_gaps(cells, links))
    track = tracks_that_stay(nodes, links, settings.min_track_length)
    parent = np.where(links.parent >= 0, track[links.parent], -1)
    tracks, label = number_tracks(nodes, track, parent)
    node = cells.node_of_objects()
    final = np.where(node >= 0, np.append(label, 0)[node], 0)
    return Lineage(tracks, seen.frame, seen.id, final, missing_objects(seen, cells, links, label))


def _as_published(nodes: Nodes, overlaps: NDArray[np.void], settings: LinkerSettings) -> Lineage:
    track, parent = link_as_published(
        nodes,
        node_overlap(nodes, overlaps[overlaps["kind"] == CHAIN]),
        node_overlap(nodes, overlaps[overlaps["kind"] == NEXT]),
        settings.min_overlap,
        settings.min_track_length,
    )
    tracks, label = number_tracks(nodes, track, parent)
    return Lineage(tracks, nodes.frame, nodes.id, label)
