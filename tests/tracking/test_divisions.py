from itertools import combinations

import numpy as np
import pytest
from tracking_movies import draw, tables_of_masks

from cellseg.tracking.divisions import WEIGHTS, Claims, features, possible_divisions
from cellseg.tracking.events import Events
from cellseg.tracking.movie import survey
from cellseg.tracking.nodes import Nodes

MOTHER, DAUGHTERS = {1: (30, 40, 10)}, {1: (30, 32, 7), 2: (30, 49, 7)}
NO_MOVES = Events.join([Events(*np.zeros((3, 0), np.int64), np.zeros(0))])


def movie_of(frames, shape=(64, 96)):
    objects, overlaps = tables_of_masks([draw(cells, shape) for cells in frames])
    return survey(Nodes(objects), overlaps, (0, 0, *shape))


def divisions(movie, moves=NO_MOVES, max_delay=1, least=-np.inf):
    claims = Claims.of_moves(moves, len(movie.nodes))
    found = possible_divisions(movie, claims, slice(0, len(movie.nodes)), max_delay, least)
    return {
        (int(mother), *sorted((int(one), int(other)))): gain
        for mother, one, other, gain in zip(found.source, found.first, found.second, found.gain, strict=True)
    }


def test_every_two_objects_near_the_mother_may_be_her_daughters():
    daughters = {n: (y, x, 6) for n, (y, x) in enumerate([(22, 32), (22, 48), (38, 32), (38, 48)], start=1)}
    found = divisions(movie_of([MOTHER] * 2 + [daughters]))
    assert set(found) == {(1, *pair) for pair in combinations(range(2, 6), 2)}


def test_debris_is_nobodys_daughter():
    debris = DAUGHTERS | {3: (20, 40, 3)}
    assert set(divisions(movie_of([MOTHER] * 2 + [debris]))) == {(1, 2, 3)}


def test_daughters_much_larger_or_smaller_than_the_mother_are_none():
    assert not divisions(movie_of([{1: (30, 40, 6)}] * 2 + [{1: (30, 30, 12), 2: (30, 52, 12)}]))
    assert not divisions(movie_of([MOTHER] * 2 + [{1: (30, 36, 3), 2: (30, 45, 3)}]))


def test_a_cell_that_surely_comes_from_elsewhere_is_no_daughter():
    movie = movie_of([MOTHER | {2: (30, 49, 5)}, DAUGHTERS])
    # Nodes: 0 and 1 before, 2 and 3 after.
    moves = Events(np.array([1]), np.array([3]), np.array([-1]), np.array([8.0]))
    assert (0, 2, 3) not in divisions(movie, moves)
    unsure = Events(moves.source, moves.first, moves.second, np.array([4.0]))
    assert (0, 2, 3) in divisions(movie, unsure)


@pytest.mark.parametrize("max_delay", [1, 2, 3])
def test_daughters_may_be_seen_late_but_together(max_delay):
    movie = movie_of([MOTHER, MOTHER, {}, DAUGHTERS])
    found = divisions(movie, max_delay=max_delay)
    assert set(found) == {(mother, 2, 3) for mother in (0, 1) if 3 - mother <= max_delay}


def test_features_by_hand():
    frames = [MOTHER] * 2 + [DAUGHTERS]
    movie = movie_of(frames)
    mother, first, second = np.array([1]), np.array([2]), np.array([3])
    table = dict(zip(WEIGHTS, features(movie, mother, first, second)[0].tolist(), strict=True))
    area = [np.count_nonzero(draw(cells)) for cells in (MOTHER, DAUGHTERS)]
    apart = 17 / np.sqrt(area[1] / 2)
    assert apart == pytest.approx(1.4, abs=0.05)
    zero = ["delay", "too near", "too far", "border", "too large", "joined"]
    assert [table[name] for name in zero] == [0] * len(zero)
    shared = np.count_nonzero((draw(MOTHER) > 0) & (draw(DAUGHTERS) > 0))
    assert table["tiled"] == max(shared / (sum(area) - shared) - 0.65, 0)
    assert table["midpoint"] > 0 and table["ratio"] > 0 and table["division"] == 1


def test_pieces_that_lie_where_the_cell_was_gain_less_than_daughters_beside_it():
    daughters = {1: (30, 32, 7), 2: (30, 49, 7)}
    disc = draw(MOTHER)
    left = np.arange(disc.shape[1]) < 40
    halves = np.where(disc > 0, np.where(left, 1, 2), 0).astype(np.uint32)
    gains = []
    for last in (draw(daughters), halves):
        objects, overlaps = tables_of_masks([disc, disc, last])
        movie = survey(Nodes(objects), overlaps, (0, 0, *disc.shape))
        gains.append(divisions(movie)[1, 2, 3])
    assert gains[0] > 0 > gains[1]
