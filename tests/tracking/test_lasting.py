import numpy as np
import pytest
from tracking_movies import draw, tables_of_masks

from cellseg.tracking.events import Events
from cellseg.tracking.lasting import is_lasting
from cellseg.tracking.links import Links
from cellseg.tracking.movie import survey
from cellseg.tracking.nodes import Nodes

MOTHER, SISTER, DAUGHTER = (30, 40, 10), (30, 34, 8), (30, 52, 7)


def lasts(life, swallowed, *, frames=16, min_track_length=2, field=(0, 0, 64, 96)):
    """Whether a division in frame 1 lasts when one daughter lives that long, and ends inside her sister."""
    movie = [{1: MOTHER}]
    for t in range(1, frames):
        alive = {1: SISTER, 2: DAUGHTER}
        gone = {1: (30, 42, 13)} if swallowed else {1: SISTER}
        movie.append(alive if t <= life else gone)
    objects, overlaps = tables_of_masks([draw(cells) for cells in movie])
    nodes = Nodes(objects)
    links = Links(len(nodes))
    for label, first in ((1, 1), (2, 1)):
        track = np.flatnonzero((nodes.id == label) & (nodes.frame >= first))
        links.join(track[:-1], track[1:])
    division = Events(np.array([0]), np.array([1]), np.array([2]), np.ones(1))
    links.divide(division.source, division.first, division.second)
    (lasting,) = is_lasting(survey(nodes, overlaps, field), links, division, min_track_length)
    return lasting


@pytest.mark.parametrize("least", [2, 4])
def test_both_daughters_live_for_the_least_time(least):
    assert lasts(least, False, min_track_length=least)
    assert not lasts(least - 1, False, min_track_length=least)


def test_what_ends_inside_its_sister_was_a_piece_of_her():
    assert not lasts(10, True)
    assert lasts(11, True)


def test_the_end_of_the_movie_and_the_border_excuse_a_short_life():
    assert lasts(1, False, frames=2)
    assert lasts(1, False, field=(0, 0, 64, 60))


def test_moves_are_never_taken_back():
    objects, overlaps = tables_of_masks([draw({1: MOTHER})] * 2)
    nodes, links = Nodes(objects), Links(2)
    move = Events(np.array([0]), np.array([1]), np.array([-1]), np.ones(1))
    links.join(move.source, move.first)
    assert is_lasting(survey(nodes, overlaps), links, move, 4).all()
