import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.meanshift.seeds import seed_order

SIZES = [5000, 3000, 0, 1990, 10]
STRATA = np.repeat(np.arange(5), SIZES)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 6), min_size=0, max_size=60), st.integers(1, 80))
@settings(max_examples=50, deadline=None)
def test_seeds_are_different_points(seed, strata, limit):
    for groups in (None, np.array(strata, dtype=np.int64)):
        order = seed_order(len(strata), limit, groups, np.random.default_rng(seed))
        assert len(set(order.tolist())) == len(order) == min(limit, len(strata))
        assert set(order.tolist()) <= set(range(len(strata)))


@pytest.mark.parametrize("seeds", [4, 20, 100, 1000])
def test_each_stratum_has_a_seed_and_about_its_share(seeds):
    order = seed_order(10_000, 4096, STRATA, np.random.default_rng(1))
    drawn = np.bincount(STRATA[order[:seeds]], minlength=5)
    assert (drawn[[0, 1, 3, 4]] >= 1).all()
    # Exact shares, but for the one seed of the smallest stratum that the others give up.
    np.testing.assert_allclose(drawn[[0, 1, 3]], seeds * np.array([0.5, 0.3, 0.199]), atol=2)


def test_fewer_seeds_than_strata_go_to_the_largest():
    order = seed_order(10_000, 2, STRATA, np.random.default_rng(1))
    assert set(STRATA[order].tolist()) == {0, 1}


def test_members_of_a_stratum_are_equally_likely():
    strata = np.array([0, 0, 0, 0, 1, 1])
    rng = np.random.default_rng(3)
    drawn = np.zeros(6)
    for _ in range(3000):
        drawn[seed_order(6, 3, strata, rng)] += 1
    assert drawn[:4].max() - drawn[:4].min() < 0.1 * 3000
    assert abs(drawn[4] - drawn[5]) < 0.1 * 3000


def test_without_strata_every_beginning_is_uniform():
    rng = np.random.default_rng(4)
    drawn = np.zeros(10)
    for _ in range(3000):
        drawn[seed_order(10, 10, None, rng)[:3]] += 1
    np.testing.assert_allclose(drawn / 3000, 0.3, atol=0.05)
