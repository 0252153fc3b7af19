"""Cells that a frame does not show by themselves, between two that do: what is to be drawn there."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from cellseg.tracking.drawing import Drawn
from cellseg.tracking.links import Links
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import pair_key
from cellseg.tracking.repair import Cells


def unseen_gaps(cells: Cells, links: Links) -> Indices:
    """Find the nodes after which a cell is missing, in no merger either.

    Parameters
    ----------
    cells : Cells
    links : Links

    Returns
    -------
    numpy.ndarray, (n,) int64
    """
    source = _before_gaps(cells.nodes, links)
    target = links.after[source]
    hidden = np.isin(pair_key(source, target), pair_key(cells.hidden.source, cells.hidden.target))
    return source[~hidden]


def _before_gaps(nodes: Nodes, links: Links) -> Indices:
    """Nodes that go on, but not in the next frame."""
    source = np.flatnonzero(links.after >= 0)
    return source[nodes.frame[links.after[source]] > nodes.frame[source] + 1]


def missing_objects(objects: Nodes, cells: Cells, links: Links, label: Indices) -> tuple[Drawn, ...]:
    """List what must be drawn so that every track has an object in each of its frames.

    A cell takes the shape it has in the nearer of the two frames that show it, and the place in between.

    Parameters
    ----------
    objects : Nodes
        Before repair.
    cells : Cells
    links : Links
        Of the cells.
    label : numpy.ndarray, (k,) int64
        Label of each cell's track; 0 is none.

    Returns
    -------
    tuple of Drawn
        In order of the cells before.
    """
    nodes = cells.nodes
    pieces: dict[int, list[int]] = defaultdict(list)
    for piece in np.flatnonzero(cells.whole != np.arange(len(cells.whole))).tolist():
        pieces[int(cells.whole[piece])].append(int(objects.id[piece]))

    def ids(root: int) -> tuple[int, ...]:
        return (int(objects.id[root]), *pieces[root])

    hidden = cells.hidden
    pairs = zip(hidden.source.tolist(), hidden.target.tolist(), strict=True)
    mergers = dict(zip(pairs, hidden.cover.tolist(), strict=True))
    drawn = []
    gaps = _before_gaps(nodes, links)
    for source in gaps[label[gaps] > 0].tolist():
        target = int(links.after[source])
        begin, end = int(nodes.frame[source]), int(nodes.frame[target])
        for frame in range(begin + 1, end):
            nearer = source if 2 * frame <= begin + end else target
            share = (frame - begin) / (end - begin)
            place = (1 - share) * nodes.centroid[source] + share * nodes.centroid[target]
            y, x = np.rint(place - nodes.centroid[nearer]).astype(int).tolist()
            merger = mergers.get((source, target))
            y0, x0, y1, x1 = nodes.box[nearer].astype(int).tolist()
            drawn.append(
                Drawn(
                    frame=frame,
                    label=int(label[source]),
                    among=ids(merger[frame - begin - 1]) if merger else (),
                    source_frame=int(nodes.frame[nearer]),
                    source=ids(int(cells.root[nearer])),
                    box=(y0, x0, y1, x1),
                    shift=(y, x),
                )
            )
    return tuple(drawn)
