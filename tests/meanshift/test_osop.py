import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.meanshift import Osop


@pytest.mark.parametrize(
    ("instances", "whole_image", "half_image"),
    [
        (5, 28, 59),
        (10, 66, 135),
        (20, 148, 300),
        (30, 236, 476),
        (40, 327, 659),
        (60, 517, 1039),
        (100, 916, 1837),
    ],
)
def test_required_seeds_agree_with_the_table_of_the_specification(instances, whole_image, half_image):
    # The table is rounded to the nearest number; what is required is rounded up.
    assert Osop().required(1.0, instances) - whole_image in (0, 1)
    assert Osop().required(0.5, instances) - half_image in (0, 1)


def test_published_probability_asks_for_fewer():
    assert Osop(probability=0.95).required(1.0, 20) == 117
    assert Osop().required(1.0, 20) == 149


@given(st.floats(0.01, 1), st.integers(1, 500), st.floats(0.5, 0.999))
@settings(max_examples=100, deadline=None)
def test_required_is_the_fewest_seeds_that_hit_all_with_the_wanted_probability(ratio, instances, probability):
    required = Osop(probability=probability).required(ratio, instances)

    def all_hit(seeds):  # eq. 14
        return (1 - (1 - ratio / instances) ** seeds) ** instances

    assert all_hit(required) >= probability * (1 - 1e-9)
    assert required == 1 or all_hit(required - 1) < probability * (1 + 1e-9)


def test_nothing_to_hit_needs_no_seed_and_one_that_cannot_be_missed_needs_one():
    assert Osop().required(0.0, 7) == 0
    assert Osop().required(0.3, 0) == 0
    assert Osop().required(1.0, 1) == 1
    assert Osop().required(0.5, 1) == 7  # 0.5 ** 7 < 0.01


def test_many_small_instances_do_not_lose_precision():
    # 1 - P^(1/I) = -ln(P)/I and ln(1 - r/I) = -r/I to first order; plain logarithms give 0 / 0 here.
    ratio, instances = 1e-4, 10**13
    expected = -math.log(-math.log(0.99) / instances) * instances / ratio
    assert Osop().required(ratio, instances) == pytest.approx(expected, rel=1e-9)


def test_seeds_double_until_twice_the_required():
    assert Osop(seeds=128).grown(1.0, 10).seeds == 256  # N_min = 66
    assert Osop(seeds=132).grown(1.0, 10).seeds == 132
    assert Osop(seeds=131).grown(1.0, 10).seeds == 262
    assert Osop(seeds=128, seed_surplus=1).grown(1.0, 10).seeds == 128


def test_too_many_seeds_are_lowered_by_the_required():
    assert Osop(seeds=529).after(1.0, 10).seeds == 529 - 66  # 8 * 66 = 528
    assert Osop(seeds=528).after(1.0, 10).seeds == 528
    assert Osop(seeds=528).after(1.0, 10).instances == 10


def test_lowering_stops_at_the_fewest_seeds_and_never_raises():
    assert Osop(seeds=33).after(0.9, 1).seeds == 32
    assert Osop(seeds=20).after(1.0, 1).seeds == 20


def test_an_empty_image_changes_no_seeds():
    assert Osop(seeds=500, instances=9).after(0.0, 9) == Osop(seeds=500, instances=9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": 0},
        {"max_seeds": 0},
        {"instances": -1},
        {"probability": 1.0},
        {"seed_surplus": 0.5},
        {"seed_surplus": 8.0},
        {"min_seeds": 0},
        {"probability": 0.0},
        {"rule": "none"},
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Osop(**wrong)


def test_the_rule_instances_requires_as_many_seeds_as_instances():
    policy = Osop.euclidean()
    assert (policy.seeds, policy.rule) == (128, "instances")
    assert [policy.required(r, 17) for r in (0.01, 0.5, 1.0)] == [17, 17, 17]
    assert policy.required(0.0, 17) == policy.required(1.0, 0) == 0


def test_euclidean_seeds_double_until_eight_for_each_instance():
    policy = Osop.euclidean()
    assert policy.grown(1.0, 16).seeds == 128  # 8 * 16
    assert policy.grown(1.0, 17).seeds == 256
    assert policy.grown(1.0, 100).seeds == 1024  # 512 < 800


def test_euclidean_seeds_above_32_for_each_instance_are_lowered_by_the_instances():
    assert Osop.euclidean(seeds=320).after(1.0, 10) == Osop.euclidean(seeds=320, instances=10)
    assert Osop.euclidean(seeds=321).after(1.0, 10) == Osop.euclidean(seeds=311, instances=10)
    assert Osop.euclidean(seeds=33).after(1.0, 1).seeds == 32
    assert Osop.euclidean(seeds=41, min_seeds=4).after(1.0, 1).seeds == 40


def test_settings_of_the_euclidean_policy_can_be_changed():
    policy = Osop.euclidean(seeds=16, instances=3, seed_surplus=4.0)
    assert policy.grown(1.0, 5).seeds == 32  # 16 < 20
    assert policy.after(1.0, 3).rule == "instances"


@pytest.mark.parametrize("seeds", [1, 7, 128, 5000])
def test_a_fixed_policy_keeps_its_number(seeds):
    policy = Osop.fixed(seeds)
    assert policy.seeds == seeds
    assert policy.max_seeds >= seeds
    for ratio, instances in [(0.0, 0), (0.01, 500), (1.0, 1), (1.0, 10_000)]:
        assert policy.required(ratio, instances) == 0
        assert policy.grown(ratio, instances).seeds == seeds
        after = policy.after(ratio, instances)
        assert (after.seeds, after.instances, after.rule) == (seeds, instances, "fixed")


def test_coverage_by_hand():
    assert Osop.coverage(1, 1.0, 1) == 1.0
    assert Osop.coverage(1, 0.25, 1) == 0.25
    assert Osop.coverage(2, 1.0, 2) == 0.75**2  # each of two is missed by two seeds once in four times
    assert Osop.coverage(0, 1.0, 2) == 0.0


def test_coverage_at_the_required_seeds_is_the_wanted_one():
    for instances in (5, 20, 100):
        required = Osop().required(0.5, instances)
        assert Osop.coverage(required - 1, 0.5, instances) < 0.99 <= Osop.coverage(required, 0.5, instances)
