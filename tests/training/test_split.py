"""Which frames are learnt from, and which are scored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg.training.split import spans, split_movie, split_stills


@pytest.mark.parametrize(
    ("count", "learnt", "scored"),
    [
        (1, range(1), range(0)),
        (2, range(2), range(0)),
        (3, range(2), range(2, 3)),
        (7, range(6), range(6, 7)),
        (8, range(6), range(6, 8)),
        (47, range(32), range(32, 47)),
        (48, range(24), range(32, 48)),
        (90, range(52), range(60, 90)),
    ],
)
def test_the_end_of_a_movie_is_scored(count, learnt, scored):
    assert split_movie(range(count)) == (list(learnt), list(scored))


def test_the_gap_counts_frames_not_masks():
    learnt, scored = split_movie(range(0, 480, 10))
    assert scored[0] == 320
    assert learnt[-1] == 310


@pytest.mark.parametrize(("count", "scored"), [(2, []), (3, [2]), (7, [6]), (8, [2, 5]), (12, [2, 5, 8, 11])])
def test_some_stills_are_scored(count, scored):
    assert split_stills(count) == ([n for n in range(count) if n not in scored], scored)


def test_scoring_many_stills_would_take_long():
    learnt, scored = split_stills(300)
    assert len(scored) == 24
    assert len(learnt) == 276


@given(st.sets(st.integers(0, 300), min_size=1))
def test_nothing_is_in_both(numbers):
    learnt, scored = split_movie(sorted(numbers))
    assert learnt
    assert set(learnt) | set(scored) <= numbers
    assert not scored or learnt[-1] < scored[0]


def test_spans():
    assert spans([4]) == "4"
    assert spans([0, 1, 2, 7, 9, 10]) == "0-2, 7, 9-10"
    assert spans(list(range(0, 100, 2))) == "0, 2, 4, 6, 8, 10, ..., 94, 96, 98"
