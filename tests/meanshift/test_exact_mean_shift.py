"""The fast clusterer against mean-shift by its definition, and what must hold of exact mean-shift."""

import numpy as np
import pytest
import torch
from blobs import blobs, same_partition
from climbing import everywhere
from hypothesis import given, settings
from hypothesis import strategies as st
from mean_shift_by_loops import mean_shift
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group

from cellseg.meanshift import Osop, cluster

METRICS = [("cosine", 0.1), ("euclidean", 0.45)]
"""Bandwidths at which `blobs` are found: their centres are at least 0.4 and 0.89 apart."""


def assert_same_modes(found, modes, atol):
    """Whether the modes are the same ones, in whatever order."""
    modes = np.asarray(modes, dtype=np.float64)
    assert len(found) == len(modes)
    nearest = cdist(found.numpy().astype(np.float64), modes)
    assert nearest.min(axis=1).max() < atol
    assert len(set(nearest.argmin(axis=1).tolist())) == len(modes)


@pytest.mark.parametrize("random_seed", range(4))
def test_all_points_as_seeds_are_exact_mean_shift(random_seed):
    rng = np.random.default_rng(random_seed)
    vectors, _ = blobs(rng, 5, 25, spread=0.15)
    vectors *= rng.uniform(0.8, 1.2, size=(len(vectors), 1)).astype(np.float32)
    labels, modes = mean_shift(vectors, vectors, 0.1)
    found = everywhere(vectors)
    assert found.foreground_seeds == len(vectors)
    assert (found.seeds, found.rounds) == (len(vectors), 0)
    assert same_partition(found.labels, labels)
    assert_same_modes(found.modes, modes, 1e-5)


@pytest.mark.parametrize("random_seed", range(3, 7))
@pytest.mark.parametrize("shape", ["blobs", "a cloud without clusters"])
def test_all_points_as_seeds_are_exact_euclidean_mean_shift(random_seed, shape):
    rng = np.random.default_rng(random_seed)
    if shape == "blobs":
        vectors, bandwidth = blobs(rng, 5, 25, dimensions=4, spread=0.1)[0], 0.4
    else:
        vectors, bandwidth = rng.normal(size=(150, 2)).astype(np.float32), 1.0
    labels, modes = mean_shift(vectors, vectors, bandwidth, "euclidean")
    assert len(modes) > 1
    found = everywhere(vectors, bandwidth, "euclidean")
    assert found.foreground_seeds == len(vectors)
    assert same_partition(found.labels, labels)
    assert_same_modes(found.modes, modes, 1e-5)


@pytest.mark.parametrize(("metric", "bandwidth"), METRICS)
def test_a_sample_gives_the_exact_partition_of_separate_blobs(metric, bandwidth):
    for random_seed in range(2):
        vectors, truth = blobs(np.random.default_rng(random_seed), 12, 450, dimensions=8)
        assert len(vectors) == 5400  # more than the sample's 4,096
        exact = everywhere(vectors, bandwidth, metric)
        sampled = cluster(vectors, bandwidth, metric, rng=np.random.default_rng(random_seed))
        assert sampled.foreground_seeds < 4096 < exact.foreground_seeds
        assert same_partition(exact.labels, truth)
        assert same_partition(sampled.labels, exact.labels)
        # A polished mode is a mode of all vectors, not of the sample: it rests where the exact one does.
        assert_same_modes(sampled.modes, exact.modes, 1e-3)
        assert sampled.counts.sum() == exact.counts.sum()
        assert sampled.uncovered == 0


def test_a_sample_finds_modes_of_the_whole_density():
    """A sample of 10 from one blob has a mean of its own; the mode found must be that of all 5,000."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(scale=0.05, size=(5000, 2))
    found = cluster(vectors, 1.0, "euclidean", rng=rng, sample=10)
    assert found.counts.tolist() == [5000]
    np.testing.assert_allclose(found.modes[0], vectors.mean(axis=0), atol=1e-5)


@given(st.integers(0, 10**6), st.sampled_from(METRICS))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_vectors_does_not_matter(random_seed, metric):
    rng = np.random.default_rng(random_seed)
    vectors, _ = blobs(rng, 6, 15)
    order = rng.permutation(len(vectors))
    plain, mixed = (everywhere(v, metric[1], metric[0]) for v in (vectors, vectors[order]))
    assert same_partition(mixed.labels, plain.labels[torch.from_numpy(order)])
    assert_same_modes(mixed.modes, plain.modes, 1e-5)


@given(st.integers(0, 10**6), st.sampled_from(METRICS), st.integers(2, 20))
@settings(max_examples=15, deadline=None)
def test_a_rotation_turns_the_modes_and_nothing_else(random_seed, metric, instances):
    rng = np.random.default_rng(random_seed)
    vectors, truth = blobs(rng, instances, 10)
    turn = ortho_group.rvs(vectors.shape[1], random_state=rng)
    plain, turned = (everywhere(v, metric[1], metric[0]) for v in (vectors, vectors @ turn))
    assert same_partition(plain.labels, truth)
    assert same_partition(turned.labels, truth)
    assert_same_modes(turned.modes, plain.modes.numpy() @ turn, 1e-5)


@given(st.integers(0, 10**6), st.floats(0.01, 100))
@settings(max_examples=15, deadline=None)
def test_lengths_do_not_change_what_is_found_in_directions(random_seed, scale):
    rng = np.random.default_rng(random_seed)
    vectors, truth = blobs(rng, 6, 15)
    lengths = scale * rng.uniform(0.5, 2, size=(len(vectors), 1))
    assert same_partition(everywhere(vectors * lengths).labels, truth)
    assert everywhere(vectors * lengths).counts.tolist() == [15] * 6


@given(
    st.integers(0, 10**6),
    st.floats(0.01, 1e5),
    st.sampled_from([np.float32, np.float64]),
    st.integers(2, 18),
)
@settings(max_examples=30, deadline=None)
def test_euclidean_clusters_do_not_care_where_they_are(random_seed, offset, dtype, dimensions):
    rng = np.random.default_rng(random_seed)
    centres = rng.permutation(20)[:5, None] * np.full(dimensions, 0.3)  # h is 0.1
    truth = rng.permutation(np.repeat(np.arange(5), [9, 8, 7, 6, 5]))
    away = offset * rng.choice([-1, 1], size=dimensions)
    # Float32 at 1e5 is a grid with steps of 1/128: the spread of a blob, not its place, lives on that.
    vectors = centres[truth] + rng.integers(-1, 2, size=(35, dimensions)) / 128
    found = everywhere((vectors + away).astype(dtype), 0.2, "euclidean")
    assert same_partition(found.labels, truth)
    assert found.counts.tolist() == [9, 8, 7, 6, 5]
    means = np.array([(vectors + away).astype(dtype)[truth == blob].mean(axis=0) for blob in range(5)])
    np.testing.assert_allclose(found.modes, means, atol=0.02)
    assert found.labels.tolist() == truth.tolist()


@pytest.mark.parametrize("reach", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("sample", [None, 100])
def test_near_clusters_are_told_apart_beside_far_ones(reach, sample):
    """Pairs 0.3 apart in opposite corners; h = 0.1, whose square float32 loses beside 1e4 squared."""
    rng = np.random.default_rng(0)
    corners = reach * np.array([[-1, -1, -1], [-1, 1, 1], [1, 1, -1], [1, 1, 1]])
    centres = np.concatenate([corners, corners + np.array([0.3, 0, 0])])
    truth = rng.permutation(np.repeat(np.arange(8), 50))
    vectors = centres[truth] + rng.uniform(-0.02, 0.02, size=(400, 3))
    found = cluster(vectors, 0.1, "euclidean", rng=rng, sample=sample)
    assert same_partition(found.labels, truth)
    assert found.counts.tolist() == [50] * 8


@given(st.integers(0, 10**6), st.floats(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_euclidean_clusters_scale_with_the_bandwidth(random_seed, scale):
    vectors, truth = blobs(np.random.default_rng(random_seed), 6, 15)
    found = everywhere(scale * vectors.astype(np.float64), scale * 0.45, "euclidean")
    assert same_partition(found.labels, truth)
    assert_same_modes(found.modes / scale, everywhere(vectors, 0.45, "euclidean").modes, 1e-4)


@given(st.integers(0, 10**6), st.sampled_from(METRICS), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_every_label_is_the_nearest_mode_and_every_count_a_window(random_seed, metric, sample):
    """Whatever the draw: on a cloud without clusters, too, the parts of a result agree with each other."""
    rng = np.random.default_rng(random_seed)
    vectors = rng.normal(size=(300, 3)).astype(np.float32)
    bandwidth = 3 * metric[1]
    found = cluster(vectors, bandwidth, metric[0], osop=Osop.fixed(20), rng=rng, sample=sample)
    distances = cdist(vectors.astype(np.float64), found.modes.numpy().astype(np.float64), metric[0])
    chosen = distances[np.arange(300), found.labels.numpy()]
    np.testing.assert_allclose(chosen, distances.min(axis=1), atol=1e-5)
    sure = np.abs(distances.min(axis=1) - bandwidth) > 1e-5
    uncovered = (distances.min(axis=1) > bandwidth)[sure].sum()
    assert uncovered <= found.uncovered <= uncovered + (~sure).sum()
    assert (found.counts[:-1] >= found.counts[1:]).all()
    apart = cdist(*[found.modes.numpy().astype(np.float64)] * 2, metric[0]) + 10 * np.eye(len(found.modes))
    assert apart.min() > bandwidth - 1e-5
