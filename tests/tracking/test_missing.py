"""What is to be drawn, and what it looks like where it is known what was there."""

import numpy as np
from tracking_movies import draw, tables_of_masks

from cellseg.tracking.links import Links
from cellseg.tracking.missing import missing_objects, unseen_gaps
from cellseg.tracking.nodes import Nodes
from cellseg.tracking.repair import cells_of


def joined(masks, *tracks):
    """Cells, and links that join the nodes of each track."""
    tables = tables_of_masks(masks)
    cells = cells_of(*tables, longest=5)
    links = Links(len(cells.nodes))
    for track in tracks:
        links.join(np.array(track[:-1]), np.array(track[1:]))
    return Nodes(tables[0]), cells, links


def test_a_gap_is_bridged_on_the_way_with_the_nearer_shape():
    here, there = draw({4: (20, 30, 7)}), draw({6: (29, 60, 9)})
    nothing = np.zeros_like(here)
    objects, cells, links = joined([here, nothing, nothing, there], [0, 1])
    assert unseen_gaps(cells, links).tolist() == [0]
    one, other = missing_objects(objects, cells, links, np.array([5, 5]))
    assert (one.frame, one.label, one.among, one.source_frame, one.source, one.shift) == (
        1,
        5,
        (),
        0,
        (4,),
        (3, 10),
    )
    assert one.box == (13, 23, 28, 38)
    assert (other.frame, other.source_frame, other.source, other.shift) == (2, 3, (6,), (-3, -10))


def test_a_cell_in_pieces_lends_all_of_them():
    whole = draw({1: (30, 42, 11)})
    pieces = np.where((whole > 0) & (np.arange(96) > 42), 9, whole).astype(np.uint32)
    objects, cells, links = joined([whole, pieces, whole, np.zeros_like(whole), whole], [1, 3])
    assert cells.whole.tolist() == [0, 1, 1, 3, 4]
    nearer_before, nearer_after = missing_objects(objects, cells, links, np.ones(4, int))
    assert (nearer_before.frame, nearer_before.source) == (2, (1, 9))
    assert (nearer_after.frame, nearer_after.source) == (3, (1,))
    assert nearer_before.box == nearer_after.box == (19, 31, 42, 54)


def test_cells_in_a_merger_share_its_pixels():
    two = draw({1: (30, 32, 9), 2: (30, 51, 9)})
    merged = np.where(two > 0, 7, 0).astype(np.uint32)
    objects, cells, links = joined([two, merged, two], [0, 2], [1, 3])
    assert len(unseen_gaps(cells, links)) == 0
    drawn = missing_objects(objects, cells, links, np.array([1, 2, 1, 2]))
    assert [(each.frame, each.label, each.among) for each in drawn] == [(1, 1, (7,)), (1, 2, (7,))]


def test_tracks_that_are_removed_are_not_drawn():
    here = draw({4: (20, 30, 7)})
    objects, cells, links = joined([here, np.zeros_like(here), here], [0, 1])
    assert missing_objects(objects, cells, links, np.zeros(2, int)) == ()
