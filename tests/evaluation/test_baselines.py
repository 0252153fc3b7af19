import numpy as np
import pytest
import torch
from mean_shift_of_each_seed import labels_of, modes_of
from sklearn.metrics import adjusted_rand_score

from evaluation.baselines import BASELINES
from evaluation.baselines import grid as grids
from evaluation.baselines.closeness import closeness
from evaluation.baselines.grid_shift import Cells, merge
from evaluation.baselines.grid_shift import shift as shift_cells
from evaluation.baselines.mean_shift_plus_plus import shift as shift_points
from evaluation.baselines.modes import assign, prune
from evaluation.baselines.one_by_one import climb_one_by_one, draw_seeds
from evaluation.baselines.published_faster_mean_shift import (
    SeedState,
    gaussian,
    published_cosine,
    published_euclidean,
    strict_window,
    wanted_seeds,
)

CPU = torch.device("cpu")
SEEDED = ["payer", "gpu-h", "gpu-p"]


def blobs(metric, count=600, clusters=6, seed=0):
    """Well-separated: orthogonal or opposite directions in 18-D, or distant places around a circle in 2-D."""
    rng = np.random.default_rng(seed)
    if metric == "cosine":
        centres = np.vstack([np.eye(18), -np.eye(18)])[rng.permutation(36)[:clusters]]
        spread = 0.01
    else:
        angles = 2 * np.pi * np.arange(clusters) / clusters
        centres, spread = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.1
    truth = np.arange(count) % clusters
    points = centres[truth] + rng.normal(0, spread, (count, centres.shape[1]))
    return points.astype(np.float32), truth, centres


@pytest.mark.parametrize(
    ("name", "metric"),
    [(name, metric) for name, baseline in BASELINES.items() for metric in baseline.metrics],
)
def test_every_baseline_finds_separate_blobs(name, metric):
    # Less than 1 - cos(60 degrees) between the blobs, for the Euclidean code that prunes by the cosine.
    bandwidth = {"cosine": 0.1, "euclidean": 0.4}[metric]
    points, truth, centres = blobs(metric)
    labels, found = BASELINES[name].run(points, bandwidth, metric=metric, clusters=6, seed=3, device=CPU)

    assert labels.dtype == np.int64
    clustered = labels >= 0
    assert clustered.mean() > (0.9 if name == "hdbscan" else 0.99)
    assert adjusted_rand_score(truth[clustered], labels[clustered]) == 1
    if found is None:
        assert name in ("dbscan", "hdbscan")
        return
    assert found.shape == centres.shape
    for cluster in range(6):
        blob = truth[labels == cluster][0]
        assert np.linalg.norm(found[cluster] - centres[blob]) < 0.1


@pytest.mark.parametrize("name", BASELINES)
def test_the_same_seed_gives_the_same_result(name):
    points = blobs("euclidean", count=300)[0]
    again = [BASELINES[name].run(points, 0.5, metric="euclidean", clusters=6, seed=7) for _ in range(2)]
    assert np.array_equal(again[0].labels, again[1].labels)


@pytest.mark.parametrize("name", SEEDED)
@pytest.mark.parametrize(("metric", "bandwidth"), [("cosine", 0.1), ("cosine", 0.03), ("euclidean", 0.25)])
def test_seeded_baselines_find_the_modes_of_a_slow_reference(name, metric, bandwidth):
    # Overlapping blobs, far from the origin in the Euclidean case, where float32 has least to spare.
    rng = np.random.default_rng(5)
    if metric == "cosine":
        centres = rng.normal(size=(5, 4))
        points = centres[rng.integers(5, size=200)] + rng.normal(0, 0.25, (200, 4))
    else:
        points = rng.normal((100, 50), 0.5, (200, 2))
    points = points.astype(np.float32)
    exact = points.astype(np.float64)
    modes = modes_of(exact, draw_seeds(exact, seed=2), bandwidth, metric)
    assert len(modes) > 2

    labels, found = BASELINES[name].run(points, bandwidth, metric=metric, seed=2)

    # Those that shift on until the slowest seed rests may have gone a little farther.
    assert np.allclose(found, modes, atol=5e-3 * bandwidth)
    assert labels.tolist() == labels_of(exact, found.astype(np.float64), metric)


def test_seeds_are_128_different_points():
    points = np.arange(500, dtype=np.float32)[:, None]
    seeds = draw_seeds(points, seed=1)[:, 0]
    assert len(set(seeds)) == 128
    assert not np.array_equal(seeds, draw_seeds(points, seed=2)[:, 0])
    assert len(draw_seeds(points[:5], seed=1)) == 5


def test_seeds_whose_window_becomes_empty_are_dropped():
    def mean(position):
        return position, int(position[0])

    seeds = np.array([[0.0], [3.0]], dtype=np.float32)
    rests, counts = climb_one_by_one(seeds, mean, bandwidth=1)
    assert rests.tolist() == [[3.0]]
    assert counts.tolist() == [3]


@pytest.mark.parametrize(("step", "expected"), [(0.0009, 1), (0.0011, 300)])
def test_seeds_stop_after_a_thousandth_of_the_bandwidth_or_300_moves(step, expected):
    moves = []

    def mean(position):
        moves.append(position)
        return position + step, 1

    climb_one_by_one(np.zeros((1, 1)), mean, bandwidth=1)
    assert len(moves) == expected


def test_pruning_prefers_count_then_coordinates_and_spares_what_is_beyond_the_bandwidth():
    positions = np.array([[0.0, 0], [1, 0], [2.1, 0], [9, 1], [9, 2.5]])
    near = closeness(positions, "euclidean", 1.0)
    # Of the last two, with equal counts, the one with the greater coordinates comes first.
    assert prune(positions, np.array([3, 5, 1, 2, 2]), near).tolist() == [1, 4, 3, 2]


def test_points_far_from_every_mode_go_to_the_nearest(monkeypatch):
    monkeypatch.setattr("evaluation.baselines.modes.ENTRIES", 4)  # several chunks
    points = np.array([[1.0, 0], [0, 1], [-3, 1], [5, 6], [7, 6.9]], dtype=np.float32)
    for metric, expected in (("cosine", [0, 1, 1, 1, 0]), ("euclidean", [0, 1, 1, 1, 0])):
        near = closeness(points, metric, 0.1)
        modes = np.array([[2.0, 0], [0, 2]], dtype=np.float32)
        assert assign(near.point_table(points), modes, near).tolist() == expected


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_closeness_is_the_distance_in_other_words(metric):
    rng = np.random.default_rng(0)
    points, centres = rng.normal(3, 1, (50, 4)), rng.normal(3, 1, (7, 4))
    near = closeness(points, metric, 0.8)
    table = near.point_table(points) @ near.centre_table(centres).T
    if metric == "cosine":
        lengths = np.outer(np.linalg.norm(points, axis=1), np.linalg.norm(centres, axis=1))
        distances = 1 - points @ centres.T / lengths
        assert np.allclose(1 - table, distances)
    else:
        distances = np.linalg.norm(points[:, None] - centres, axis=2)
        assert np.allclose(table, -(distances**2) / 2)
    assert np.array_equal(table >= near.least, distances <= 0.8)


# ---- the published code ------------------------------------------------------------------------------------


def test_published_window_is_strict():
    # cos = 0.6 exactly: within the window d <= 0.4 of the papers, outside the strict one.
    points = np.array([[1, 0], [0.6, 0.8], [0.61, 0.79]])
    assert 1 - 0.4 == 0.6
    table = torch.from_numpy(points)
    assert strict_window(table[:1], table, 0.4).tolist() == [[1, 0, 1]]
    near = closeness(points, "cosine", 0.4)
    assert (near.point_table(points) @ near.centre_table(points[:1])[0] >= near.least).all()


def test_published_gaussian_reaches_all_points():
    points = torch.tensor([[0, 0], [0.3, 0.4], [3, 4]], dtype=torch.float64)
    weights = gaussian(points[:1], points, 0.5).numpy()
    peak = 1 / (0.5 * np.sqrt(2 * np.pi))
    assert np.allclose(weights, [[peak, peak * np.exp(-0.5), peak * np.exp(-50)]], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("ratio", "instances", "wanted"),
    [(0.05, 100, 32), (1, 10, 50), (1, 20, 116), (1, 30, 187), (1, 40, 256), (0.5, 10, 102), (1, 2, 32)],
)
def test_published_number_of_seeds(ratio, instances, wanted):
    assert wanted_seeds(ratio, instances) == wanted


def outcome(points, state, bandwidth=0.1, seed=0):
    return published_cosine(points, bandwidth, state, np.random.default_rng(seed), CPU)


def test_published_seeds_double_at_once_up_to_512_and_stay_for_the_next_call():
    state = SeedState()
    # 36 directions: the limit of 256 is asked for (by 2 x 256 = 512 seeds).
    crowded = blobs("cosine", count=540, clusters=36)[0]
    found = outcome(crowded, state)
    assert found.seeds == (128, 256, 512)
    assert state.seeds == 512
    assert len(found.modes) == 36
    assert outcome(crowded, state).seeds == (512,)

    # Quiet data, 32 wanted, lowers the number by 32 a call, and only for the next call.
    quiet = blobs("cosine", count=40, clusters=2)[0]
    assert outcome(quiet, state).seeds == (512,)
    for _ in range(20):
        outcome(quiet, state)
    assert state.seeds == 224

    # From there doubling misses 512.
    assert outcome(crowded, state).seeds == (224, 448, 896)


def test_published_modes_of_fewer_seeds_stay_when_seeds_are_doubled():
    # Each of the first 40 points is alone in its direction: it becomes a mode if, and only if, it is drawn.
    points = np.vstack([np.eye(40), np.tile(-np.eye(40)[:1], (360, 1))]).astype(np.float32)
    found = outcome(points, SeedState(32))
    assert found.seeds == (32, 64)

    rng = np.random.default_rng(0)
    fewer, more = ({index for index in rng.permutation(400)[:size] if index < 40} for size in (32, 64))
    assert not fewer <= more
    assert len(found.modes) == 1 + len(fewer | more)


def test_published_counts_are_those_before_the_last_move():
    points, truth, _ = blobs("cosine", count=120, clusters=3)
    found = outcome(points, SeedState())
    assert found.counts.tolist() == [40, 40, 40]
    assert found.modes.dtype == np.float64
    # Equal counts: in descending order of the coordinates.
    assert found.modes.tolist() == sorted(found.modes.tolist(), reverse=True)
    assert adjusted_rand_score(truth, found.labels) == 1


def shades():
    """Four shades of one colour, far apart as colours, but all in one direction from black."""
    rng = np.random.default_rng(1)
    truth = np.arange(400) % 4
    brightness = np.array([0.2, 0.45, 0.7, 0.95])[truth, None]
    return (brightness * [1, 0.8, 0.6] + rng.normal(0, 0.01, (400, 3))).astype(np.float32), truth


def test_published_euclidean_code_takes_shades_of_a_colour_for_one_cluster():
    points, truth = shades()
    published = published_euclidean(points, 0.1, SeedState(), np.random.default_rng(0), CPU)
    assert len(published.modes) == 1
    assert set(published.labels) == {0}

    flat = BASELINES["payer"].run(points, 0.1, metric="euclidean")
    assert len(flat.centres) == 4
    assert adjusted_rand_score(truth, flat.labels) == 1


def test_published_euclidean_code_counts_nothing_and_orders_by_coordinates():
    points, truth, _ = blobs("euclidean", count=120, clusters=4)
    published = published_euclidean(points, 0.2, SeedState(), np.random.default_rng(0), CPU)
    assert published.counts.tolist() == [0] * 4
    assert published.modes.tolist() == sorted(published.modes.tolist(), reverse=True)
    assert adjusted_rand_score(truth, published.labels) == 1


def test_published_euclidean_seeds_are_8_a_cluster_and_never_fewer_again():
    state = SeedState(16)
    points, truth, _ = blobs("euclidean", count=120, clusters=4)
    for some, rounds in ((points, (16, 32)), (points[truth == 0], (32,)), (points, (32,))):
        assert published_euclidean(some, 0.2, state, np.random.default_rng(0), CPU).seeds == rounds


def test_published_code_fails_where_a_window_is_empty():
    # 1 - h is 1 in float64, and nothing is strictly above it.
    with pytest.raises(ValueError, match="empty"):
        outcome(np.eye(3, dtype=np.float32), SeedState(), bandwidth=1e-17)


# ---- grids -------------------------------------------------------------------------------------------------


def at_height_half(*abscissae):
    return np.array([[x, 0.5] for x in abscissae])


def test_mean_shift_plus_plus_averages_over_neighbouring_cells():
    # Cells 0 (three points), 1, 2, and 7, which is nobody's neighbour.
    first = shift_points(at_height_half(0.5, 0.5, 0.5, 1.5, 2.5, 7.5), 1.0)
    assert np.allclose(first, at_height_half(0.75, 0.75, 0.75, 1.1, 2.0, 7.5))
    second = shift_points(first, 1.0)
    assert np.allclose(second, at_height_half(0.8375, 0.8375, 0.8375, 1.07, 1.55, 7.5))


def test_grid_shift_moves_cells_and_merges_those_that_meet():
    points = at_height_half(0.4, 0.5, 0.6, 1.5, 2.5, 7.5)
    cells, into = merge(Cells(points, np.ones(6)), 1.0)
    assert into.tolist() == [0, 0, 0, 1, 2, 3]
    assert np.allclose(cells.centroids, at_height_half(0.5, 1.5, 2.5, 7.5))
    assert cells.counts.tolist() == [3, 1, 1, 1]

    for expected in ((0.75, 1.1, 2.0, 7.5), (0.8375, 1.07, 1.55, 7.5)):
        cells = shift_cells(cells, 1.0)
        assert np.allclose(cells.centroids, at_height_half(*expected))

    merged, into = merge(cells, 1.0)
    assert into.tolist() == [0, 1, 1, 2]
    assert np.allclose(merged.centroids, at_height_half(0.8375, 1.31, 7.5))
    assert merged.counts.tolist() == [3, 2, 1]


@pytest.mark.parametrize("name", ["mean-shift++", "grid-shift"])
def test_grid_methods_by_hand(name):
    points = at_height_half(0.5, 0.5, 0.5, 1.5, 2.5, 7.5).astype(np.float32)
    labels, centres = BASELINES[name].run(points, 1.0, metric="euclidean")
    assert labels.tolist() == [0, 0, 0, 0, 0, 1]
    # (3 x 0.8375 + 1.07 + 1.55) / 5, from where the test above ends
    assert np.allclose(centres, at_height_half(1.0265, 7.5))


@pytest.mark.parametrize("dimension", [2, 3])
def test_cells_of_grid_shift_go_where_mean_shift_plus_plus_takes_the_points(dimension):
    for seed in range(5):
        points = np.random.default_rng(seed).uniform(-1, 1, (400, dimension)).astype(np.float32)
        one, other = (
            BASELINES[name].run(points, 0.2, metric="euclidean") for name in ("mean-shift++", "grid-shift")
        )
        assert len(one.centres) > 2
        assert adjusted_rand_score(one.labels, other.labels) == 1


@pytest.mark.parametrize("dense", [True, False])
def test_grid_neighbourhoods_against_all_pairs(dense, monkeypatch):
    monkeypatch.setattr(grids, "DENSE_KEYS", 1 << 22 if dense else 0)
    positions = np.random.default_rng(3).normal(0, 1.5, (300, 3))
    cells = grids.grid(positions, 0.7)
    places = np.floor(positions / 0.7)
    assert len(cells.keys) == len(np.unique(places, axis=0))
    counts = cells.neighbourhood_totals(cells.totals(np.ones((300, 1))))[cells.cell, 0]
    assert counts.tolist() == (np.abs(places[:, None] - places).max(axis=2) <= 1).sum(axis=1).tolist()


def test_only_rounding_separates_cells_that_touch_at_rest():
    positions = np.array([[1 - 1e-12, 2 - 1e-12], [1, 2], [5, 5]])
    assert grids.clusters_at_rest(positions, 1.0).tolist() == [0, 0, 1]


def test_a_grid_with_too_many_cells_is_refused():
    with pytest.raises(ValueError, match="too small"):
        grids.grid(np.array([[0.0, 0, 0], [1, 1, 1]]), 1e-9)


# ---- the front door ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "metric", "dimension", "bandwidth", "message"),
    [
        ("grid-shift", "cosine", 2, 0.1, "for the metric euclidean, not cosine"),
        ("mean-shift++", "euclidean", 18, 0.1, "2 or 3 dimensions, not 18"),
        ("payer", "manhattan", 2, 0.1, "metric must be one of cosine, euclidean"),
        ("payer", "cosine", 2, 1.5, "bandwidth"),
        ("payer", "euclidean", 2, 0.0, "bandwidth"),
        ("k-means", "euclidean", 2, 0.1, "number of clusters"),
    ],
)
def test_wrong_use_is_refused(name, metric, dimension, bandwidth, message):
    points = np.ones((4, dimension), dtype=np.float32)
    with pytest.raises(ValueError, match=message):
        BASELINES[name].run(points, bandwidth, metric=metric)


@pytest.mark.parametrize(
    "points", [np.ones((4, 2)), np.ones(4, dtype=np.float32), np.ones((0, 2), np.float32)]
)
def test_what_is_not_a_table_of_float32_is_refused(points):
    with pytest.raises(ValueError, match="float32"):
        BASELINES["payer"].run(points, 0.1, metric="euclidean")


def test_registry_is_keyed_by_name():
    assert all(name == baseline.name for name, baseline in BASELINES.items())
    assert all(baseline.description for baseline in BASELINES.values())
