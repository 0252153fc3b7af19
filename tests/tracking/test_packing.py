"""The best packing, against trying out every one."""

import numpy as np
import pytest
from every_packing import largest_gain
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.tracking.packing import best_packing

rows = st.lists(
    st.tuples(
        st.lists(st.integers(0, 8), min_size=1, max_size=3, unique=True),
        st.one_of(st.integers(-2, 6), st.floats(-1, 5)),
    ),
    max_size=11,
)


def table(rows):
    parties = np.full((len(rows), 3), -1, np.int64)
    for row, (who, _) in zip(parties, rows, strict=True):
        row[: len(who)] = who
    return parties, np.array([gain for _, gain in rows], float)


def check(rows):
    parties, gain = table(rows)
    chosen = best_packing(parties, gain)
    present = parties[chosen][parties[chosen] >= 0]
    assert len(np.unique(present)) == len(present)
    assert gain[chosen].sum() == pytest.approx(largest_gain(rows), abs=1e-6)
    return chosen.tolist()


@settings(max_examples=300, deadline=None)
@given(rows)
def test_packing_is_the_best_of_all(rows):
    check(rows)


def test_nothing_to_choose_from():
    assert check([]) == []
    assert check([([0, 1], -1.0), ([2], 0.0)]) == [False, False]


def test_two_good_rows_beat_the_best_one():
    assert check([([0, 3], 2.0), ([0, 4], 3.0), ([1, 4], 2.0)]) == [True, False, True]


def test_odd_cycles_have_no_half_rows():
    """The relaxation takes half of each row of a triangle; a packing has one of them whole."""
    triangle = [([0, 1], 2.0), ([1, 2], 2.0), ([0, 2], 2.0)]
    assert sum(check(triangle)) == 1
    # Here the best whole row is not the best by the prices of the relaxation alone.
    assert check([*triangle, ([0, 1, 2], 2.9)]) == [False, False, False, True]


def test_many_odd_cycles_at_once():
    """The integer solution falls short of the relaxed one by more than one row's gain."""
    triangles = [
        ([9 * n + i, 9 * n + j], 2.0 + 0.01 * i) for n in range(12) for i, j in ((0, 1), (1, 2), (2, 0))
    ]
    parties, gain = table(triangles)
    chosen = best_packing(parties, gain)
    assert gain[chosen].sum() == pytest.approx(12 * 2.02)


def test_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(0)
    parties = np.array([rng.choice(60, 3, replace=False) for _ in range(400)])
    gain = rng.uniform(0, 5, 400)
    order = rng.permutation(400)
    chosen = best_packing(parties, gain)
    assert (best_packing(parties[order], gain[order]) == chosen[order]).all()
