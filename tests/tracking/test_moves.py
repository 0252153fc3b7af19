import numpy as np
import pytest
from tracking_movies import draw, nodes_at, tables_of_masks

from cellseg.tracking.moves import WEIGHTS, features, possible_moves
from cellseg.tracking.movie import survey
from cellseg.tracking.nodes import Nodes
from cellseg.types import OVERLAP_DTYPE


def movie_of(frames, shape=(64, 96)):
    objects, overlaps = tables_of_masks([draw(cells, shape) for cells in frames])
    return survey(Nodes(objects), overlaps, (0, 0, *shape))


def column(table, name):
    return table[:, list(WEIGHTS).index(name)].tolist()


def test_features_of_a_cell_that_stays_and_its_neighbour():
    movie = movie_of([{1: (30, 30, 8), 2: (30, 60, 8)}] * 3)
    # Nodes 0 to 5; in frames 0 and 1, and in 0 and 2.
    source, target = np.array([0, 0, 0]), np.array([2, 3, 4])
    table = features(movie, source, target, np.array([False, False, True]))
    assert column(table, "next") == [1, 1, 0]
    assert column(table, "gap") == [0, 0, 0]
    assert column(table, "hidden") == [0, 0, 1]
    assert column(table, "overlap") == [1, 0, 0]
    assert column(table, "share") == [1, 0, 0]
    assert column(table, "border") == [0, 0, 0]
    place = column(table, "place")
    assert place[0] > place[2] > 0 > place[1]


def test_overlap_and_share_by_hand():
    big, small = {1: (30, 30, 9)}, {1: (30, 30, 5)}
    movie = movie_of([big, small])
    table = features(movie, np.array([0]), np.array([1]), np.array([False]))
    areas = [np.count_nonzero(draw(cells)) for cells in (small, big)]
    assert column(table, "overlap") == [areas[0] / areas[1]]
    assert column(table, "share") == [1]


def test_opposite_embeddings_are_the_same():
    points = [(t, 40.0 * n, 0.0) for t in (0, 1) for n in range(4)]
    embeddings = np.array([[1, 0]] * 4 + [[-1, 0]] * 3 + [[0.6, 0.8]], np.float32)
    movie = survey(nodes_at(points, embeddings=embeddings), np.zeros(0, OVERLAP_DTYPE))
    table = features(movie, np.arange(4), np.arange(4, 8), np.zeros(4, bool))
    assert column(table, "embedding") == pytest.approx([0, 0, 0, 0.4])


@pytest.mark.parametrize("max_gap", [0, 1, 3])
def test_moves_bridge_no_longer_gaps(max_gap):
    movie = movie_of([{1: (30, 30, 8)}] * 6)
    moves = possible_moves(movie, slice(0, 6), max_gap, -np.inf)
    pairs = {(i, j) for i in range(6) for j in range(i + 1, min(i + max_gap + 1, 5) + 1)}
    assert set(zip(moves.source.tolist(), moves.first.tolist(), strict=True)) == pairs
    assert (moves.second == -1).all()


def test_moves_gain_more_the_likelier_they_are():
    cells = {1: (30, 25, 8), 2: (30, 70, 8)}
    movie = movie_of([cells, cells, {1: (30, 27, 8), 2: (30, 70, 4)}])
    moves = possible_moves(movie, slice(2, 4), 0, -np.inf)
    gain = dict(
        zip(zip(moves.source.tolist(), moves.first.tolist(), strict=True), moves.gain.tolist(), strict=True)
    )
    assert gain[2, 4] > gain[3, 5] > 0 > gain.get((2, 5), -1)
    best = possible_moves(movie, slice(2, 4), 0, gain[3, 5])
    assert best.source.tolist() == [2]


def test_windows_hold_what_their_sources_do():
    frames = [{n: (20 + 20 * (n % 2), 12 * n, 5) for n in range(1, 8)}] * 4
    movie = movie_of(frames)
    whole = possible_moves(movie, slice(0, 28), 2, -5.0)
    parts = [possible_moves(movie, slice(start, start + 7), 2, -5.0) for start in (0, 7, 14, 21)]
    assert sorted(zip(whole.source, whole.first, whole.gain, strict=True)) == sorted(
        row for part in parts for row in zip(part.source, part.first, part.gain, strict=True)
    )
