import numpy as np
import pytest
from blobs import blobs
from climbing import on_a_line, run
from mean_shift_by_loops import climb


def circle(degrees):
    """Unit vectors in the plane."""
    angle = np.radians(np.asarray(degrees, dtype=np.float64))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


@pytest.mark.parametrize("tolerance", [1e-3, 0.3])  # the larger one shows that a resting seed is left alone
@pytest.mark.parametrize("random_seed", range(5))
@pytest.mark.parametrize(("metric", "bandwidth"), [("cosine", 0.1), ("euclidean", 0.8)])
def test_every_seed_climbs_as_it_would_alone(metric, bandwidth, random_seed, tolerance):
    rng = np.random.default_rng(random_seed)
    vectors = rng.normal(size=(150, 3)).astype(np.float32)  # no clusters, all lengths: long ways to go
    result = run(vectors, vectors[:40], bandwidth, metric, tolerance=tolerance)
    expected = [climb(vectors, seed, bandwidth, tolerance, metric=metric) for seed in vectors[:40]]
    assert result.converged == 40
    np.testing.assert_allclose(result.positions, [place for place, _ in expected], atol=1e-5)
    assert result.counts.tolist() == [count for _, count in expected]


def test_the_window_includes_its_rim():
    vectors = np.array(
        [[1, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0]], dtype=np.float32
    )  # 0, 0.5, 1 from the first
    result = run(vectors, vectors[:1], bandwidth=0.5, max_iterations=1)
    assert result.positions.tolist() == [[1, 0.5, 0.5, 0.5]]
    assert result.counts.tolist() == [2]
    assert run(vectors, vectors[:1], bandwidth=0.4999, max_iterations=1).counts.tolist() == [1]


def test_the_euclidean_window_includes_its_rim():
    vectors = on_a_line(0, 1, 3)
    result = run(vectors, vectors[:1], 3.0, "euclidean", max_iterations=1)
    assert (result.positions.tolist(), result.counts.tolist()) == ([[np.float32(4 / 3)]], [3])
    assert run(vectors, vectors[:1], 2.999, "euclidean", max_iterations=1).positions.tolist() == [[0.5]]


@pytest.mark.parametrize("random_seed", range(3))
def test_cosine_windows_ignore_lengths(random_seed):
    rng = np.random.default_rng(random_seed)
    vectors = rng.normal(size=(300, 3)).astype(np.float32)
    # Powers of two: scaled numbers round as the plain ones do, so not even the rim may differ.
    lengths = (2.0 ** rng.integers(-12, 12, size=(300, 1))).astype(np.float32)
    plain = run(vectors, vectors, max_iterations=1).counts
    assert run(vectors * lengths, vectors, max_iterations=1).counts.tolist() == plain.tolist()
    assert run(vectors, vectors * lengths, max_iterations=1).counts.tolist() == plain.tolist()
    assert plain.max() > plain.min() > 0


def test_seeds_that_meet_still_count_one_by_one():
    vectors = slow_climber()
    seeds = np.concatenate([vectors[:50], vectors[50:60]])  # the blob's meet after a step, and rest after two
    result = run(vectors, seeds, early_stop=0.8)
    assert (result.iterations, result.converged, len(result.positions)) == (2, 50, 50)
    assert result.counts.tolist() == [50] * 50
    alone = run(vectors, vectors[:1], early_stop=0.8).positions
    np.testing.assert_allclose(result.positions, alone.expand(50, 2), atol=1e-6)


def slow_climber():
    """A narrow blob at 0 degrees, and a slope from 100 to 180 degrees that ever more points lie on."""
    slope = 100 + 80 * np.sqrt(np.linspace(0, 1, 400))
    return np.concatenate([circle(np.linspace(-1, 1, 50)), circle(slope)])


def test_stragglers_are_dropped():
    vectors = slow_climber()
    seeds = np.concatenate([vectors[:9], vectors[50:51]])
    patient = run(vectors, seeds, bandwidth=0.03, early_stop=1.0)
    hasty = run(vectors, seeds, bandwidth=0.03, early_stop=0.9)
    assert (patient.converged, len(patient.positions)) == (10, 10)
    assert (hasty.converged, len(hasty.positions)) == (9, 9)
    assert hasty.iterations < patient.iterations
    np.testing.assert_array_equal(hasty.positions, patient.positions[:9])


def test_stragglers_are_kept_where_another_climb_follows():
    # Nine seeds rest at 0 at once; the tenth is at (10 + 2 * 10.9) / 3 by then.
    line = on_a_line(*[0] * 9, 10, 10.9, 10.9, 11.5, 11.5)
    kept = run(line, line[:10], 1.0, "euclidean", early_stop=0.9, keep_stragglers=True)
    np.testing.assert_allclose(kept.positions[:, 0], [0] * 9 + [10.6], rtol=1e-6)
    assert (kept.counts.tolist(), kept.converged, kept.iterations) == ([9] * 9 + [3], 9, 1)
    dropped = run(line, line[:10], 1.0, "euclidean", early_stop=0.9, keep_stragglers=False)
    assert len(dropped.positions) == 9


def test_nothing_is_dropped_where_nothing_converged():
    vectors = slow_climber()
    result = run(vectors, vectors[60:70], bandwidth=0.03, max_iterations=1)
    assert (result.converged, len(result.positions), result.iterations) == (0, 10, 1)


def test_a_window_that_rounding_empties_leaves_its_seed_in_place():
    vectors, _ = blobs(np.random.default_rng(0), 3, 20)
    result = run(vectors, vectors, bandwidth=1e-9)
    assert result.converged == len(vectors)
    np.testing.assert_array_equal(result.positions, vectors)


def test_no_seeds_no_work():
    vectors, _ = blobs(np.random.default_rng(0), 2, 5)
    result = run(vectors, vectors[:0])
    assert (len(result.positions), result.converged, result.iterations) == (0, 0, 0)
