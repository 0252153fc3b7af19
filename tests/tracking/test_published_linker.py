"""The published linker by hand (specification, sections 5.6 to 5.8)."""

import numpy as np
import pytest
from tracking_movies import draw, link_masks, rows


def published(frames, **settings):
    return rows(link_masks([draw(cells) for cells in frames], method="published", **settings))


MOTHER, DAUGHTERS = {1: (30, 40, 10)}, {1: (30, 32, 7), 2: (30, 49, 7)}


def test_chains_go_by_overlap():
    assert published([{n: (30, 40, 10), n + 1: (30, 70, 6)} for n in (1, 5, 2)]) == [
        (1, 0, 2, 0),
        (2, 0, 2, 0),
    ]


def test_too_little_overlap_ends_the_track_and_makes_it_a_parent():
    other = {2: (12, 80, 7)}
    moved = [other] + [other | {1: (30, 40, 8)}] * 2 + [other | {1: (30, 50, 8)}] * 2
    assert published(moved, min_overlap=0.1) == [(1, 0, 4, 0), (2, 1, 4, 0)]
    assert published(moved, min_overlap=0.5) == [(1, 0, 4, 0), (2, 1, 2, 0), (3, 3, 4, 2)]


def test_division():
    assert published([MOTHER] * 3 + [DAUGHTERS] * 3, min_overlap=0.4) == [
        (1, 0, 2, 0),
        (2, 3, 5, 1),
        (3, 3, 5, 1),
    ]


def test_a_parent_that_lives_on_is_cut():
    beside = {1: (30, 36, 10), 2: (30, 51, 6)}
    assert published([MOTHER] * 3 + [beside] * 3) == [(1, 0, 2, 0), (2, 3, 5, 1), (3, 3, 5, 1)]


def test_short_tracks_without_a_parent_go():
    frames = [dict(MOTHER) for _ in range(6)]
    frames[3][5] = (10, 80, 5)
    assert published(frames) == [(1, 0, 5, 0)]
    assert published(frames, min_track_length=1) == [(1, 0, 5, 0), (2, 3, 3, 0)]


@pytest.mark.parametrize("life", [3, 11, 12])
def test_short_tracks_that_another_one_swallows_are_its_pieces(life):
    """Pieces from the first frame on: both are one label, unless the piece has lived too long."""
    masks = [draw({1: (30, 36, 8), 2: (30, 49, 6)})] * life + [draw({1: (30, 40, 13)})] * 2
    lineage = link_masks(masks, method="published", min_overlap=0.3)
    labels = lineage.final_labels(0)
    assert (labels[1] == labels[2]) == (life <= 11)
    assert np.count_nonzero(lineage.final_labels(life)) == 1
