from dataclasses import replace

import numpy as np
import pytest
import torch
from blobs import blobs, same_partition
from climbing import everywhere, pruned

from cellseg.meanshift import Osop, cluster

PUBLISHED = {"sample": None, "max_uncovered": None}
"""The policy of the papers alone: seeds climb on all vectors, and no round looks at what is left."""


def test_seeds_from_the_policy_give_the_exact_partition_in_99_of_100_draws():
    rng = np.random.default_rng(5)
    right = draws = 0
    for instances in (5, 10, 20, 40, 60):
        for _ in range(60):
            vectors, truth = blobs(rng, instances, 20)
            known = int(rng.integers(2)) * instances
            found = cluster(
                vectors,
                osop=Osop(instances=known),
                rng=rng,
                foreground_ratio=float(rng.uniform(0.1, 1)),
                **PUBLISHED,
            )
            right += same_partition(found.labels, truth)
            draws += 1
    assert right >= 0.99 * draws


@pytest.mark.parametrize("sample", [None, 100])
def test_it_says_which_vectors_were_seeds_and_which_are_near_their_mode(sample):
    vectors, _ = blobs(np.random.default_rng(1), 6, 80, spread=0.12)
    found = cluster(vectors, sample=sample, max_uncovered=None, rng=np.random.default_rng(2))
    seeds = found.seed_indices.numpy()
    assert len(np.unique(seeds)) == len(seeds) == found.foreground_seeds > 0
    assert ((seeds >= 0) & (seeds < len(vectors))).all()
    unit, modes = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (vectors, found.modes.numpy()))
    distances = 1 - np.einsum("nd,nd->n", unit, modes[found.labels.numpy()])
    np.testing.assert_array_equal(found.covered.numpy(), distances <= 0.1)
    assert np.count_nonzero(~found.covered) == found.uncovered > 0


def test_the_blobs_are_what_exact_mean_shift_finds():
    for instances in (5, 20):
        vectors, truth = blobs(np.random.default_rng(instances), instances, 20)
        assert same_partition(everywhere(vectors).labels, truth)


def test_labels_go_by_population():
    centres = np.eye(4, dtype=np.float32)
    sizes = [30, 50, 10, 40]
    found = everywhere(np.repeat(centres, sizes, axis=0))
    assert found.counts.tolist() == [50, 40, 30, 10]
    np.testing.assert_array_equal(found.modes, centres[[1, 3, 0, 2]])
    assert torch.bincount(found.labels).tolist() == [50, 40, 30, 10]
    assert found.labels.dtype == torch.int32


def test_modes_are_pruned_by_count_then_by_index():
    # Distances: 0-1 0.02, 1-2 0.02, 0-2 0.08. The middle one is near both others, which are far apart.
    angle = np.arccos(0.98)
    places = np.array([[np.cos(k * angle), np.sin(k * angle)] for k in range(3)], dtype=np.float32)
    assert pruned(places, [1, 5, 1], 0.05) == [1]
    assert pruned(places, [5, 4, 3], 0.05) == [0, 2]
    assert pruned(places, [3, 3, 3], 0.05) == [0, 2]
    assert pruned(places, [3, 4, 5], 0.01) == [2, 1, 0]


def test_euclidean_modes_are_pruned_by_straight_distance():
    places = np.array([[1, 1], [4, 5], [4, 5.5]], dtype=np.float32)  # 5 and 5.41 from the first, 0.5 apart
    assert pruned(places, [3, 2, 1], 0.4, "euclidean") == [0, 1, 2]
    assert pruned(places, [3, 2, 1], 0.5, "euclidean") == [0, 1]
    assert pruned(places, [1, 2, 3], 0.5, "euclidean") == [2, 0]
    assert pruned(places, [3, 1, 2], 5.0, "euclidean") == [0, 2]
    assert pruned(places, [1, 2, 1], 5.0, "euclidean") == [1]


def test_uncovered_vectors_are_marked_on_request():
    lone = np.array([[0.6, 0.0, 0.8]], dtype=np.float32)
    vectors = np.concatenate([np.repeat(np.eye(3, dtype=np.float32)[:2], 50, axis=0), lone])
    strata = np.repeat([0, 1, 2], [50, 50, 1])

    def labels(seeds, cluster_all):
        return cluster(
            vectors,
            osop=Osop(seeds=seeds, instances=1),
            rng=np.random.default_rng(0),
            strata=strata,
            cluster_all=cluster_all,
            **PUBLISHED,
        ).labels

    # Two seeds fall on the two large strata, the third one on the lone vector.
    assert torch.bincount(labels(2, cluster_all=False) + 1).tolist() == [1, 50, 50]
    assert labels(2, cluster_all=False)[100] == -1
    assert labels(2, cluster_all=True)[100] == labels(2, cluster_all=True)[0]
    assert labels(3, cluster_all=False)[100] == 2


def test_a_small_stratum_is_never_missed():
    rng = np.random.default_rng(2)
    vectors, truth = blobs(rng, 4, 500)
    keep = (truth > 0) | (np.cumsum(truth == 0) <= 2)  # blob 0 is two vectors of 1,502
    for _ in range(10):
        found = cluster(
            vectors[keep],
            osop=Osop(instances=4),
            rng=rng,
            strata=torch.from_numpy(truth[keep]),
            **PUBLISHED,
        )
        assert same_partition(found.labels, truth[keep])


def test_the_first_call_doubles_until_there_are_enough_and_draws_only_new_seeds():
    vectors, truth = blobs(np.random.default_rng(0), 30, 60)
    found = cluster(vectors, osop=Osop(seeds=8), rng=np.random.default_rng(0), **PUBLISHED)
    assert same_partition(found.labels, truth)
    assert (found.instances, found.required) == (30, 237)
    assert found.seeds == 512  # 8, doubled until at least 474
    assert found.foreground_seeds == 512
    assert found.osop == Osop(seeds=512, instances=30)


def test_doubling_gives_what_the_same_seeds_give_at_once():
    vectors, _ = blobs(np.random.default_rng(0), 12, 40)
    doubled = cluster(vectors, osop=Osop(seeds=16), rng=np.random.default_rng(0), **PUBLISHED)
    at_once = cluster(vectors, osop=Osop(seeds=16, instances=12), rng=np.random.default_rng(0), **PUBLISHED)
    assert doubled.seeds == at_once.seeds == 256
    assert torch.equal(doubled.labels, at_once.labels)
    torch.testing.assert_close(doubled.modes, at_once.modes)
    assert at_once.iterations < doubled.iterations


def test_later_calls_have_fewer_seeds_again():
    vectors, _ = blobs(np.random.default_rng(0), 5, 300)
    first = cluster(vectors, osop=Osop(seeds=1024, instances=5), rng=np.random.default_rng(0), **PUBLISHED)
    assert (first.seeds, first.required, first.osop.seeds) == (1024, 28, 996)
    second = cluster(
        vectors, osop=replace(first.osop, instances=200), rng=np.random.default_rng(0), **PUBLISHED
    )
    assert second.seeds == 3984  # 996, doubled until at least 2 * 1976
    assert second.osop.seeds == 3984


def test_seeds_that_miss_the_foreground_cost_nothing():
    vectors, _ = blobs(np.random.default_rng(0), 5, 2000)
    found = cluster(
        vectors, osop=Osop(seeds=8000, instances=5), rng=np.random.default_rng(0), foreground_ratio=0.1
    )
    assert found.seeds == 8000
    assert abs(found.foreground_seeds - 800) < 5 * np.sqrt(800 * 0.9)
    assert found.trace == {
        "r": 0.1,
        "I": 5,
        "N_min": 308,
        "N": 8000,
        "seeds": found.foreground_seeds,
        "iterations": found.iterations,
    }


def test_the_cap_limits_seeds_on_the_foreground_not_draws():
    vectors, _ = blobs(np.random.default_rng(0), 40, 50)
    for instances in (None, 40):
        policy = Osop(seeds=64, instances=instances, max_seeds=50)
        found = cluster(vectors, osop=policy, rng=np.random.default_rng(0), **PUBLISHED)
        assert found.foreground_seeds == 50
        assert found.seeds >= 2 * found.required


def test_a_little_foreground_gets_at_least_one_seed():
    vectors = np.ones((5, 2))
    policy = Osop(seeds=1, instances=1, probability=0.005, seed_surplus=1)
    for draw in range(10):  # a seed hits the foreground with probability 0.01
        found = cluster(vectors, osop=policy, rng=np.random.default_rng(draw), foreground_ratio=0.01)
        assert (found.seeds, found.foreground_seeds) == (1, 1)
        assert found.labels.tolist() == [0] * 5


def test_no_foreground_no_seeds():
    empty = cluster(np.empty((0, 16)), osop=Osop(), rng=np.random.default_rng(0), foreground_ratio=0.0)
    assert empty.labels.shape == (0,)
    assert empty.modes.shape == (0, 16)
    assert (empty.foreground_seeds, empty.converged, empty.instances) == (0, 1.0, 0)
    assert empty.osop == Osop(instances=0)
    declared = cluster(np.eye(3), osop=Osop(), rng=np.random.default_rng(0), foreground_ratio=0.0)
    assert declared.labels.tolist() == [-1, -1, -1]
    assert declared.foreground_seeds == 0


def test_one_instance_that_fills_the_image():
    found = cluster(np.ones((50, 4)), osop=Osop(), rng=np.random.default_rng(0))
    assert (found.instances, found.required, found.osop.seeds) == (1, 1, 127)
    assert found.labels.tolist() == [0] * 50


def test_an_empty_frame_makes_the_next_call_find_the_instances_anew():
    vectors, truth = blobs(np.random.default_rng(0), 40, 30)
    found = cluster(vectors, osop=Osop(instances=0), rng=np.random.default_rng(0))
    assert found.instances == 40
    assert same_partition(found.labels, truth)


def test_equal_input_gives_equal_output_without_history():
    vectors, _ = blobs(np.random.default_rng(0), 10, 100, spread=0.1)

    def run():
        return cluster(vectors, osop=Osop(), rng=np.random.default_rng(7), foreground_ratio=0.5)

    first = run()
    cluster(vectors[:300], osop=Osop(), rng=np.random.default_rng(1))
    second = run()
    assert torch.equal(first.labels, second.labels)
    assert torch.equal(first.modes, second.modes)
    assert first.trace == second.trace


def test_without_policy_and_generator_the_first_call_is_the_papers_with_a_fixed_draw():
    vectors, _ = blobs(np.random.default_rng(0), 10, 200, spread=0.1)
    plain = cluster(vectors)
    spelt_out = cluster(vectors, 0.1, "cosine", osop=Osop(), rng=np.random.default_rng(0))
    assert torch.equal(plain.labels, spelt_out.labels)
    assert torch.equal(plain.modes, spelt_out.modes)
    assert plain.trace == spelt_out.trace


def test_given_places_are_climbed_from_besides_the_seeds():
    vectors = np.repeat(np.eye(4, dtype=np.float32), [400, 30, 20, 10], axis=0)
    start = torch.tensor([[0.1, 1.0, 0, 0], [0, 0, 1.0, 0.1]])
    policy = Osop.fixed(1)
    found = cluster(vectors, osop=policy, initial_modes=start, **PUBLISHED)
    np.testing.assert_array_equal(found.modes, np.eye(4)[:3])
    assert found.counts.tolist() == [400, 30, 20]
    assert found.foreground_seeds == 1
    assert len(cluster(vectors, osop=policy, **PUBLISHED).modes) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_given_places_may_be_far_from_the_origin(dtype):
    vectors = (1e5 + np.repeat([[0.0, 0], [0, 1], [1, 0]], [40, 20, 10], axis=0)).astype(dtype)
    start = torch.tensor([[1e5, 1e5 + 1.0], [1e5 + 1.0, 1e5]])
    found = cluster(vectors, 0.1, "euclidean", osop=Osop.fixed(1), initial_modes=start, **PUBLISHED)
    assert found.counts.tolist() == [40, 20, 10]
    np.testing.assert_array_equal(found.modes - 1e5, [[0, 0], [0, 1], [1, 0]])


@pytest.mark.parametrize("sample", [None, 50])
def test_a_given_place_that_no_vector_is_near_to_is_no_mode(sample):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:2], 100, axis=0)
    found = cluster(vectors, initial_modes=torch.eye(4), sample=sample)
    np.testing.assert_array_equal(found.modes, np.eye(4)[:2])
    assert (found.counts.tolist(), found.instances) == ([100, 100], 2)
    for nothing in (
        cluster(vectors[:0], initial_modes=torch.eye(4)),
        cluster(vectors, initial_modes=torch.eye(4), foreground_ratio=0.0),
    ):
        assert len(nothing.modes) == 0
        assert (nothing.labels == -1).all()


def test_the_fewest_that_fixed_can_draw_is_all_vectors():
    vectors, _ = blobs(np.random.default_rng(0), 3, 20)
    found = cluster(vectors, osop=Osop.fixed(1000))
    assert (found.seeds, found.foreground_seeds, found.osop.seeds) == (1000, 60, 1000)
