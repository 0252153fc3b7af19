from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.meanshift.sample import draw_sample

SIZES = [5000, 3000, 0, 1990, 10]
STRATA = np.repeat(np.arange(5), SIZES)


def chi_square_deviates(drawn, expected, draws):
    """By how many standard deviations the spread of the counts exceeds that of a fair draw.

    Of `draws` draws each takes a point with the probability p = expected / draws. A sum of squared standard
    scores over m points has about mean m and, scores being almost normal, variance 2 m.
    """
    variance = expected * (1 - expected / draws)
    scores = (drawn - expected) ** 2 / variance
    return (scores.sum() - len(scores)) / sqrt(2 * len(scores))


@given(st.integers(0, 10**6), st.lists(st.integers(0, 6), min_size=0, max_size=60), st.integers(1, 80))
@settings(max_examples=100, deadline=None)
def test_a_sample_is_of_different_points(seed, strata, limit):
    for groups in (None, np.array(strata, dtype=np.int64)):
        order = draw_sample(len(strata), limit, groups, np.random.default_rng(seed))
        assert len(set(order.tolist())) == len(order) == min(limit, len(strata))
        assert set(order.tolist()) <= set(range(len(strata)))


@given(st.integers(0, 10**6), st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(7, 80))
@settings(max_examples=100, deadline=None)
def test_every_stratum_is_there_if_there_is_room(seed, strata, limit):
    groups = np.array(strata)
    order = draw_sample(len(strata), limit, groups, np.random.default_rng(seed))
    present = np.unique(groups)
    assert set(groups[order[: len(present)]].tolist()) == set(present.tolist())


@pytest.mark.parametrize("size", [4096, 1000, 10_000])
@pytest.mark.parametrize("seeds", [4, 20, 100, 1000])
def test_each_stratum_has_a_seed_and_about_its_share_of_every_beginning(seeds, size):
    order = draw_sample(10_000, size, STRATA, np.random.default_rng(1))
    assert len(order) == size
    drawn = np.bincount(STRATA[order[:seeds]], minlength=5)
    assert (drawn[[0, 1, 3, 4]] >= 1).all()
    # Exact shares, but for the one seed of the smallest stratum that the others give up.
    np.testing.assert_allclose(drawn[[0, 1, 3]], seeds * np.array([0.5, 0.3, 0.199]), atol=2)


def test_strata_need_not_lie_together_nor_be_numbered_closely():
    strata = np.random.default_rng(0).permutation(np.repeat([3, 700, 90_000], [600, 300, 100]))
    order = draw_sample(1000, 100, strata, np.random.default_rng(1))
    shares = [int((strata[order] == stratum).sum()) for stratum in (3, 700, 90_000)]
    np.testing.assert_allclose(shares, [60, 30, 10], atol=2)
    assert sorted(strata[order[:3]].tolist()) == [3, 700, 90_000]


def test_fewer_seeds_than_strata_go_to_the_largest():
    order = draw_sample(10_000, 2, STRATA, np.random.default_rng(1))
    assert set(STRATA[order].tolist()) == {0, 1}


def test_a_tiny_stratum_that_even_distances_step_over_is_drawn_all_the_same():
    strata = np.repeat([0, 1], [99_997, 3])
    taken = set()
    for draw in range(60):
        order = draw_sample(len(strata), 16, strata, np.random.default_rng(draw))
        assert strata[order[0]] == 0
        assert strata[order[1]] == 1
        taken.add(int(order[1]))
    assert taken == {99_997, 99_998, 99_999}


def test_members_of_a_stratum_are_equally_likely():
    strata = np.array([0, 0, 0, 0, 1, 1])
    rng = np.random.default_rng(3)
    drawn = np.zeros(6)
    for _ in range(3000):
        drawn[draw_sample(6, 3, strata, rng)] += 1
    assert drawn[:4].max() - drawn[:4].min() < 0.1 * 3000
    assert abs(drawn[4] - drawn[5]) < 0.1 * 3000


@pytest.mark.parametrize(("count", "size"), [(10, 10), (100, 7), (100, 50), (101, 64), (97, 96)])
def test_without_strata_every_point_is_equally_likely(count, size):
    rng = np.random.default_rng(4)
    draws = 4000
    drawn, first_half = np.zeros(count), np.zeros(count)
    for _ in range(draws):
        order = draw_sample(count, size, None, rng)
        drawn[order] += 1
        first_half[order[: (size + 1) // 2]] += 1
    assert drawn.sum() == draws * size
    if size < count:
        assert chi_square_deviates(drawn, draws * size / count, draws) < 5
    # The seeds are a beginning of the sample.
    assert chi_square_deviates(first_half, draws * ((size + 1) // 2) / count, draws) < 5


def test_the_spread_of_an_unfair_draw_would_be_noticed():
    rng = np.random.default_rng(4)
    drawn = np.zeros(101)
    for _ in range(4000):  # arcs of one and of two points without the turn of the circle
        bounds = np.arange(65) * 101 // 64
        drawn[rng.integers(bounds[:-1], bounds[1:])] += 1
    assert chi_square_deviates(drawn, 4000 * 64 / 101, 4000) > 100


def test_without_strata_every_beginning_is_uniform():
    rng = np.random.default_rng(4)
    drawn = np.zeros(10)
    for _ in range(3000):
        drawn[draw_sample(10, 10, None, rng)[:3]] += 1
    np.testing.assert_allclose(drawn / 3000, 0.3, atol=0.05)


def test_neighbours_share_out_the_sample():
    """A run of points has its share of the sample to within two, in every draw; by chance it would not."""
    for draw in range(50):
        order = draw_sample(10_000, 400, None, np.random.default_rng(draw))
        per_run = np.bincount(order // 1000, minlength=10)
        assert np.abs(per_run - 40).max() <= 2
    by_chance = np.random.default_rng(0).choice(10_000, 400, replace=False)
    assert np.abs(np.bincount(by_chance // 1000) - 40).max() > 2


def test_the_order_within_the_sample_is_random():
    """No beginning leans to one end of the points: the ranks of the first tenth are uniform."""
    first = np.concatenate(
        [draw_sample(10_000, 400, None, np.random.default_rng(draw))[:40] for draw in range(100)]
    )
    places = np.sort(first) / 10_000
    steps = np.arange(1, len(places) + 1) / len(places)
    # Kolmogorov-Smirnov: the largest gap between the shares; 1.95 / sqrt(m) is passed once in 1,000.
    assert np.abs(places - steps).max() < 1.95 / sqrt(len(places))
    assert not np.array_equal(first[:40], np.sort(first[:40]))
