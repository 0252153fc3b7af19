"""What the frames before and after put right, on label images drawn by hand."""

import numpy as np
import pytest
from tracking_movies import draw, tables_of_masks

from cellseg.tracking.false_merges import find_merged
from cellseg.tracking.false_splits import find_pieces
from cellseg.tracking.nodes import Nodes
from cellseg.tracking.overlap import node_overlap
from cellseg.tracking.repair import cells_of
from cellseg.tracking.unite import unite_rows
from cellseg.types import NEXT

WHOLE = draw({1: (30, 42, 11), 2: (12, 80, 7)})
TWO = draw({1: (30, 32, 9), 2: (30, 51, 9), 3: (12, 80, 7)})
MERGED = np.where((TWO == 2) | (TWO == 1), 1, TWO).astype(np.uint32)


def cut(mask, label, column):
    """The mask with an object cut in two; what is right of the column is object 10."""
    right = np.arange(mask.shape[1]) > column
    return np.where((mask == label) & right, 10, mask).astype(np.uint32)


def nodes_and_overlap(masks):
    objects, overlaps = tables_of_masks(masks)
    nodes = Nodes(objects)
    return nodes, node_overlap(nodes, overlaps[overlaps["kind"] == NEXT])


def pieces_by_frame(masks, longest=5):
    """For each frame the sets of ids that are one cell."""
    nodes, overlap = nodes_and_overlap(masks)
    whole = find_pieces(nodes, overlap, longest)
    groups = {}
    for node, first in enumerate(whole.tolist()):
        assert nodes.frame[node] == nodes.frame[first]
        groups.setdefault(first, []).append(int(nodes.id[node]))
    return [
        [tuple(ids) for first, ids in groups.items() if nodes.frame[first] == t and len(ids) > 1]
        for t in range(len(masks))
    ]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_pieces_between_two_whole_cells_are_found(length):
    masks = [WHOLE] * 2 + [cut(WHOLE, 1, 42)] * length + [WHOLE] * 2
    assert pieces_by_frame(masks) == [[], [], *[[(1, 10)]] * length, [], []]
    assert not any(pieces_by_frame(masks, longest=length - 1))


def test_pieces_need_agreement_on_both_sides():
    assert not any(pieces_by_frame([WHOLE] * 3 + [cut(WHOLE, 1, 42)] * 3))
    assert not any(pieces_by_frame([cut(WHOLE, 1, 42)] * 3 + [WHOLE] * 3))


def test_what_vanishes_beside_a_cell_is_no_piece_of_it():
    """The object before and after is as large without it."""
    beside = draw({1: (30, 42, 11), 2: (12, 80, 7), 3: (30, 60, 6)})
    assert not any(pieces_by_frame([WHOLE] * 2 + [beside] + [WHOLE] * 2))


def hidden_pairs(masks, longest=5):
    nodes, overlap = nodes_and_overlap(masks)
    hidden = find_merged(nodes, overlap, longest)

    def name(node):
        return int(nodes.frame[node]), int(nodes.id[node])

    return {
        (name(source), name(target)): [name(node) for node in cover if node >= 0]
        for source, target, cover in zip(hidden.source, hidden.target, hidden.cover, strict=True)
    }


@pytest.mark.parametrize("length", [1, 2, 5])
def test_mergers_between_the_cells_are_found(length):
    masks = [TWO] * 2 + [MERGED] * length + [TWO] * 2
    after = 2 + length
    cover = [(t, 1) for t in range(2, after)]
    assert hidden_pairs(masks) == {((1, i), (after, j)): cover for i in (1, 2) for j in (1, 2)}
    assert hidden_pairs(masks, longest=length - 1) == {}


def test_mergers_need_agreement_on_both_sides():
    assert hidden_pairs([TWO] * 3 + [MERGED] * 3) == {}
    assert hidden_pairs([MERGED] * 3 + [TWO] * 3) == {}


def test_a_cell_that_was_in_pieces_is_no_merger():
    """Pieces, whole, pieces: the whole is of the size of any other cell."""
    whole = draw({n: (30, 20 + 24 * n, 11) for n in range(1, 6)}, (64, 180))
    pieces = cut(whole, 1, 44)
    assert hidden_pairs([pieces] * 2 + [whole] + [pieces] * 2) == {}


def test_united_rows_are_those_of_the_united_masks():
    split = cut(WHOLE, 1, 42)
    objects, overlaps = tables_of_masks([WHOLE, split, split, WHOLE])
    nodes = Nodes(objects)
    whole = np.arange(len(nodes))
    for t in (1, 2):
        whole[nodes.find(np.array([t]), np.array([10]))] = nodes.find(np.array([t]), np.array([1]))
    united = unite_rows(nodes, objects, overlaps, whole)
    expected = tables_of_masks([WHOLE] * 4)
    for name in objects.dtype.names:
        assert np.allclose(united[0][name], expected[0][name])
    assert np.array_equal(
        *(np.sort(table, order=["frame", "id_a", "id_b"]) for table in (united[1], expected[1]))
    )


def test_unasked_nothing_is_repaired():
    masks = [WHOLE, cut(WHOLE, 1, 42), WHOLE]
    cells = cells_of(*tables_of_masks(masks), longest=0)
    assert len(cells.nodes) == 7 and len(cells.hidden.source) == 0
    assert cells.node_of_objects().tolist() == list(range(7))


def test_mergers_are_no_cells_and_pieces_are_one():
    masks = [TWO, MERGED, TWO, cut(TWO, 3, 80), TWO]
    cells = cells_of(*tables_of_masks(masks), longest=5)
    frame, node = Nodes(tables_of_masks(masks)[0]).frame, cells.node_of_objects()
    assert np.bincount(cells.nodes.frame).tolist() == [3, 1, 3, 3, 3]
    assert (node[frame == 1] == -1).tolist() == [True, False]
    assert len(np.unique(node[frame == 3])) == 3 and len(node[frame == 3]) == 4


def test_repair_goes_no_further_than_the_movie():
    masks = [TWO, MERGED, MERGED, TWO, cut(TWO, 3, 80), TWO]
    tables = tables_of_masks(masks)
    some, all_the_way = cells_of(*tables, longest=5), cells_of(*tables, longest=300)
    assert np.array_equal(some.whole, all_the_way.whole)
    assert len(some.hidden.source) == len(all_the_way.hidden.source) == 4
    assert np.array_equal(all_the_way.hidden.cover[:, :5], some.hidden.cover)
    assert all_the_way.hidden.cover.shape == (4, len(masks))
