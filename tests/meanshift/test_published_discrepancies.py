"""Where the papers, their published programs and sense disagree: one test for each point, of our answer.

The papers: Zhao et al. 2021 (cosine), You et al. 2021 (Euclidean), Payer et al. 2019 (the baseline). Rows are
numbered as in the list that this implementation was written from.
"""

from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np
import pytest
import torch
from blobs import blobs, same_partition
from climbing import everywhere, on_a_line, pruned, run

from cellseg.config import Architecture, Preparation, load_dataset_config
from cellseg.meanshift import Osop, Patience, cluster
from cellseg.training import Movie, Trainer, TrainingSettings

PUBLISHED = {"sample": None, "max_uncovered": None}


def test_row_01_a_window_is_averaged_over_vectors_not_distances():
    # Eq. 10 prints a mean of distances. (2, 2) is 0.29 from (1, 0), (0, 1) is 1; lengths count in the mean.
    vectors = np.array([[1, 0], [2, 2], [0, 1]], dtype=np.float32)
    result = run(vectors, vectors[:1], bandwidth=0.3, max_iterations=1)
    assert result.positions.tolist() == [[1.5, 1.0]]


def test_row_02_a_vector_at_the_distance_of_the_bandwidth_is_inside():
    # cos between (1, 0, 0, 0) and (1, 1, 1, 1) is 1/2 exactly.
    vectors = np.array([[1, 0, 0, 0], [1, 1, 1, 1]], dtype=np.float32)
    assert run(vectors, vectors[:1], bandwidth=0.5, max_iterations=1).counts.tolist() == [2]
    line = on_a_line(0, 2)
    assert run(line, line[:1], 2.0, "euclidean", max_iterations=1).counts.tolist() == [2]
    found = cluster(line, 1.0, "euclidean", initial_modes=torch.tensor([[1.0]]), osop=Osop.fixed(1))
    assert (found.modes.tolist(), found.uncovered) == ([[1.0]], 0)  # covered: at the rim on either side


def test_row_03_the_kernel_is_flat():
    # A third each; with Epanechnikov weights 1 - d^2 the mean would be 0.124.
    line = on_a_line(0, 0.1, 0.8)
    result = run(line, line[:1], 1.0, "euclidean", max_iterations=1)
    np.testing.assert_allclose(result.positions, [[0.3]], rtol=1e-6)


def test_row_04_each_seed_rests_by_itself():
    # tolerance 0.3, h = 1. The seed at 0 moves by 0.25 and rests, though from 0.25 it would move to 0.57.
    # The one at 10 moves to 10.6, 11.11 and 11.3; the mean over both seeds would have moved the first, too.
    line = on_a_line(0, 0.5, 1.2, 10, 10.9, 10.9, 11.5, 11.5, 11.5, 11.5)
    result = run(line, line[[0, 3]], 1.0, "euclidean", tolerance=0.3)
    np.testing.assert_allclose(result.positions, [[0.25], [11.3]], rtol=1e-6)
    assert (result.counts.tolist(), result.iterations, result.converged) == ([2, 6], 3, 2)
    alone = run(line, on_a_line(0.25), 1.0, "euclidean", tolerance=0.3, max_iterations=1)
    np.testing.assert_allclose(alone.positions, [[1.7 / 3]], rtol=1e-6)


def test_row_05_the_slowest_tenth_is_dropped_unless_none_rests():
    # Nine seeds rest at 0 at once; the tenth has two more steps to go, from 10 to 10.6 and on.
    line = on_a_line(*[0] * 9, 10, 10.9, 10.9, 11.5, 11.5, 11.5, 11.5)
    gamma = Patience().early_stop
    assert gamma == 0.9
    hasty = run(line, line[:10], 1.0, "euclidean", early_stop=gamma)
    assert (hasty.positions.tolist(), hasty.iterations, hasty.converged) == ([[0]] * 9, 1, 9)
    patient = run(line, line[:10], 1.0, "euclidean", early_stop=0.95)
    assert (len(patient.positions), patient.converged) == (10, 10)
    assert patient.iterations > 1
    none_rests = run(line, line[9:10], 1.0, "euclidean", early_stop=gamma, max_iterations=1)
    np.testing.assert_allclose(none_rests.positions, [[10.6]], rtol=1e-6)
    assert none_rests.converged == 0


def test_row_06_a_seed_moves_300_times_at_most():
    # Density grows along the line as x, so a step at x is h^2 / (3 x): from 2, 300 steps lead to about
    # sqrt(4 + 2 * 300 / 3) = 14.3, where a step is 0.023 still, 23 times the tolerance.
    line = on_a_line(*20 * np.sqrt(np.linspace(0, 1, 8000)))
    seed = on_a_line(2)
    stopped = cluster(
        line,
        1.0,
        "euclidean",
        osop=Osop.fixed(1),
        initial_modes=torch.from_numpy(seed),
        patience=Patience(early_stop=1.0),
        **PUBLISHED,
    )
    assert stopped.converged < 1
    assert stopped.iterations >= 300
    alone = run(line, seed, 1.0, "euclidean", max_iterations=Patience().max_iterations)
    assert (alone.iterations, alone.converged) == (300, 0)
    np.testing.assert_allclose(alone.positions, [[14.3]], atol=0.3)
    longer = run(line, seed, 1.0, "euclidean", max_iterations=3000)
    assert longer.converged == 1
    assert longer.iterations > 300


def test_row_07_the_wanted_probability_is_99_per_cent_and_can_be_95():
    vectors, _ = blobs(np.random.default_rng(0), 20, 30)
    assert cluster(vectors).required == 149
    assert cluster(vectors, osop=Osop(probability=0.95)).required == 117
    # And those are the fewest that reach it: eq. 14.
    assert Osop.coverage(148, 1.0, 20) < 0.99 <= Osop.coverage(149, 1.0, 20)
    assert Osop.coverage(116, 1.0, 20) < 0.95 <= Osop.coverage(117, 1.0, 20)


def test_row_08_the_ratio_is_the_measured_one_not_one_half():
    # ln(1 - 0.99^0.1) = -6.904; / ln(1 - 0.025) = 272.7; with 1/2 in place of 1/4 it would be 134.6.
    vectors, _ = blobs(np.random.default_rng(0), 10, 60)
    found = cluster(vectors, foreground_ratio=0.25)
    assert (found.instances, found.required) == (10, 273)
    assert found.required > 2 * cluster(vectors, foreground_ratio=0.5).required == 270


def test_row_09_the_ratio_is_of_the_image_not_of_the_points_outside_the_largest_cluster():
    even = np.repeat(np.eye(10, dtype=np.float32), 100, axis=0)
    lopsided = np.repeat(np.eye(10, dtype=np.float32), [955, *[5] * 9], axis=0)
    for vectors in (even, lopsided):
        found = cluster(vectors)
        assert (found.instances, found.required, found.foreground_ratio) == (10, 66, 1.0)
    alone = cluster(np.ones((50, 3)))
    assert (alone.instances, alone.required) == (1, 1)  # where eq. 19 has a logarithm of 0


def test_row_10_a_small_ratio_asks_for_more_seeds_not_for_32():
    vectors, truth = blobs(np.random.default_rng(0), 60, 20)
    found = cluster(vectors, foreground_ratio=0.05, rng=np.random.default_rng(0), max_uncovered=None)
    assert same_partition(found.labels, truth)
    assert (found.instances, found.required) == (60, 10_430)
    assert Osop.coverage(10_429, 0.05, 60) < 0.99 <= Osop.coverage(10_430, 0.05, 60)
    assert found.seeds == 32_768  # 128, doubled until at least 20,860
    assert found.foreground_seeds > 1000


def test_row_11_seeds_are_capped_by_a_setting_not_at_256():
    vectors, truth = blobs(np.random.default_rng(0), 100, 30)
    found = cluster(vectors, max_uncovered=None)
    assert same_partition(found.labels, truth)
    assert (found.required, found.seeds, found.foreground_seeds) == (916, 2048, 2048)
    assert cluster(vectors, osop=Osop(max_seeds=300), max_uncovered=None).foreground_seeds == 300
    assert cluster(np.ones((9, 2)), osop=Osop(seeds=32)).osop.seeds == 32  # 8 * N_min is 8, but 32 stay


def test_row_12_the_surplus_is_a_number_of_its_own_not_alpha_over_gamma():
    vectors, _ = blobs(np.random.default_rng(0), 10, 40)
    for early_stop in (0.5, 0.9, 1.0):
        patience = Patience(early_stop)
        # N_min is 66, L is 2.
        assert cluster(vectors, osop=Osop(seeds=132, instances=10), patience=patience).seeds == 132
        assert cluster(vectors, osop=Osop(seeds=131, instances=10), patience=patience).seeds == 262
    assert cluster(vectors, osop=Osop(seeds=131, instances=10, seed_surplus=1.5)).seeds == 131


def test_row_13_more_seeds_come_at_once_and_fewer_with_the_next_call():
    vectors, _ = blobs(np.random.default_rng(0), 10, 100)
    few = cluster(vectors, osop=Osop(seeds=16, instances=10))
    assert (few.seeds, few.foreground_seeds, few.osop.seeds) == (256, 256, 256)
    many = cluster(vectors, osop=Osop(seeds=600, instances=10))
    assert (many.seeds, many.foreground_seeds, many.osop.seeds) == (600, 600, 534)
    assert cluster(vectors, osop=many.osop).foreground_seeds == 534


def test_row_14_what_was_clustered_before_does_not_matter():
    vectors, _ = blobs(np.random.default_rng(0), 5, 300, spread=0.1)
    crowded, _ = blobs(np.random.default_rng(1), 60, 30)
    before = cluster(vectors, rng=np.random.default_rng(2))
    assert cluster(crowded, rng=np.random.default_rng(3)).seeds == 2048
    after = cluster(vectors, rng=np.random.default_rng(2))
    assert (before.seeds, after.seeds) == (128, 128)
    assert torch.equal(before.labels, after.labels)
    assert torch.equal(before.modes, after.modes)
    policy = Osop(seeds=16)
    cluster(crowded, osop=policy)
    assert policy == Osop(seeds=16)


def test_row_15_doubling_keeps_the_seeds_it_has():
    vectors, truth = blobs(np.random.default_rng(0), 30, 60)
    found = cluster(vectors, osop=Osop(seeds=8), **PUBLISHED)
    # 8 + 8 + 16 + ... + 256; drawn anew each time, they would be 8 + 16 + ... + 512 = 1,016.
    assert (found.seeds, found.foreground_seeds) == (512, 512)
    at_once = cluster(vectors, osop=Osop(seeds=512, instances=30), **PUBLISHED)
    assert torch.equal(found.labels, at_once.labels)
    assert same_partition(found.labels, truth)


def test_row_16_seeds_are_shared_out_among_the_parts_of_the_image():
    """A cell of 2 pixels beside three of 500: one seed in 16 is its own, not one in 750."""
    rng = np.random.default_rng(0)
    vectors, truth = blobs(rng, 4, 500)
    keep = (truth > 0) | (np.cumsum(truth == 0) <= 2)
    vectors, truth = vectors[keep], truth[keep]
    found = {"by part": 0, "by chance": 0}
    for _ in range(30):
        for how, strata in (("by part", truth), ("by chance", None)):
            clusters = cluster(vectors, osop=Osop.fixed(16), rng=rng, strata=strata, **PUBLISHED)
            found[how] += len(clusters.modes) == 4
    assert found["by part"] == 30
    assert found["by chance"] < 10


def test_row_17_a_wrong_number_of_instances_does_not_confirm_itself():
    vectors = np.repeat(np.eye(5, dtype=np.float32), [960, 10, 10, 10, 10], axis=0)
    told = Osop(seeds=1, instances=1, seed_surplus=1)  # one instance, and one seed is enough for one
    believing = cluster(vectors, osop=told, max_uncovered=None)
    assert (len(believing.modes), believing.uncovered, believing.osop.seeds) == (1, 40, 1)
    looking = cluster(vectors, osop=told)
    assert (len(looking.modes), looking.uncovered, looking.rounds) == (5, 0, 1)
    assert looking.counts.tolist() == [960, 10, 10, 10, 10]


def test_row_18_modes_as_near_as_the_bandwidth_are_one_the_fuller_then_the_earlier():
    places = on_a_line(0, 2, 4.5)
    assert pruned(places, [1, 1, 1], 2.0, "euclidean") == [0, 2]
    assert pruned(places, [1, 2, 1], 2.0, "euclidean") == [1, 2]
    assert pruned(places, [1, 2, 3], 2.0, "euclidean") == [2, 1]
    assert pruned(places, [1, 1, 1], 1.999, "euclidean") == [0, 1, 2]


def test_row_19_every_vector_goes_to_its_nearest_mode_or_on_request_to_none():
    line = on_a_line(*[0] * 50, *[4] * 30, 1.4, 2.7)
    strata = np.repeat([0, 1, 2, 3], [50, 30, 1, 1])
    kwargs = {"osop": Osop.fixed(2), "strata": strata, **PUBLISHED}  # seeds on the two large parts
    assert cluster(line, 1.0, "euclidean", **kwargs).labels.tolist() == [0] * 50 + [1] * 30 + [0, 1]
    some = cluster(line, 1.0, "euclidean", cluster_all=False, **kwargs)
    assert some.labels.tolist() == [0] * 50 + [1] * 30 + [-1, -1]
    assert some.uncovered == 2


@pytest.mark.parametrize("dimensions", [2, 18])
@pytest.mark.parametrize(("metric", "bandwidth"), [("cosine", 0.1), ("euclidean", 0.3)])
def test_row_20_two_dimensions_and_eighteen(dimensions, metric, bandwidth):
    """Ten clusters with the paper's spread of 0.01: around a circle, or orthogonal and opposite."""
    if dimensions == 2:
        angles = 2 * np.pi * np.arange(10) / 10  # neighbours are 1 - cos 36 degrees = 0.19 apart
        centres = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        centres = np.concatenate([np.eye(18)[:5], -np.eye(18)[:5]])
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(np.arange(10), 500))
    vectors = centres[truth] + rng.normal(scale=0.01, size=(5000, dimensions))
    found = cluster(vectors, bandwidth, metric, rng=rng)
    assert same_partition(found.labels, truth)
    assert found.uncovered == 0


def test_row_21_frame_sizes_are_those_of_the_data():
    """The paper has SIM+ with 696 x 520 pixels, which is U373, and U373 with 660 x 718: interchanged."""
    u373, sim = (load_dataset_config(name).published for name in ("PhC-C2DH-U373", "Fluo-N2DH-SIM+"))
    assert u373.original_sizes == ((520, 696),)
    assert (520, 696) not in sim.original_sizes
    assert sim.original_sizes == ((690, 628), (773, 739))
    # And these are the sizes that are scaled by: 520 / 384 and 696 / 512.
    assert u373.input_px_per_network_px == pytest.approx((1.3542, 1.3594), abs=1e-4)


def test_row_22_the_sequential_baseline_has_128_seeds_not_one_for_each_point(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from evaluation.baselines import BASELINES

    lonely = np.arange(300, dtype=np.float32)[:, None] * 10 + 1
    centres = BASELINES["payer"].run(lonely, 1.0, metric="euclidean").centres
    assert len(np.unique(centres, axis=0)) == 128  # each seed finds the point it is
    assert len(everywhere(lonely, 1.0, "euclidean").modes) == 300  # with every point a seed, that is O(n^2)


@pytest.mark.parametrize("steps", [8, 16])
def test_row_23_half_of_the_learning_rate_is_left_at_half_of_the_run(steps, tmp_path):
    """The papers drop the rate at a fixed iteration, not the same one; here the length of the run decides."""
    settings = TrainingSettings(
        architecture=Architecture(filters=2, levels=2, embedding_size=2),
        preparation=Preparation(input_px_per_network_px=(1, 1)),
        clip_frames=2,
        steps=steps,
        warmup_steps=0,
        learning_rate=1e-3,
    )
    labels = np.zeros((4, 8, 8), np.int32)
    labels[:, 2:5, 2:5] = 1
    movie = Movie(np.where(labels > 0, 1, -1).astype(np.float32), labels)
    trainer = Trainer(settings, [movie], [], tmp_path, torch.device("cpu"))
    rates = []
    trainer.run(lambda _: rates.append(trainer.optimiser.param_groups[0]["lr"]))
    assert len(rates) == steps
    assert rates[0] == 1e-3
    assert rates[steps // 2] == pytest.approx(0.5e-3)
    falls = -np.diff(rates)
    assert (falls > 0).all()
    assert falls.max() < 1e-3 * np.pi / 2 / steps * 1.01  # no drop: a cosine falls by pi / 2 / steps at most
    assert rates[-1] < 0.04 * 1e-3


def test_row_24_what_is_found_grows_with_the_seeds_and_saturates():
    vectors, truth = blobs(np.random.default_rng(0), 20, 50, dimensions=10)
    rng = np.random.default_rng(1)
    mean = {}
    for seeds in (4, 16, 64, 256, 512):
        found = [cluster(vectors, osop=Osop.fixed(seeds), rng=rng, **PUBLISHED) for _ in range(40)]
        mean[seeds] = float(np.mean([len(clusters.modes) for clusters in found]))
        # Different points miss a cluster of 50 in 1,000 with this probability; 20 of them, 40 draws.
        expected = 20 * (1 - comb(950, seeds) / comb(1000, seeds))
        assert abs(mean[seeds] - expected) < 4 * np.sqrt(20 / 4 / 40)
    assert mean[4] < mean[16] - 5 < mean[64] - 8
    assert mean[256] == mean[512] == 20
    assert same_partition(found[-1].labels, truth)


def test_row_25_the_euclidean_kernel_is_flat_not_gaussian():
    line = on_a_line(*[0] * 4, *[1.5] * 4)
    found = cluster(line, 1.0, "euclidean")
    assert sorted(found.modes[:, 0].tolist()) == [0, 1.5]
    # Two Gaussians of sigma = 1 at a distance below 2 sigma have one mode, half-way: this is no fine point.
    assert np.exp(-(0.75**2) / 2) > (1 + np.exp(-(1.5**2) / 2)) / 2


def test_row_26_euclidean_counts_are_of_the_vectors_in_the_window():
    line = on_a_line(*[0] * 4, *[0.5] * 3, *[10] * 5)
    found = cluster(line, 1.0, "euclidean")
    # With counts of 0, the order would be that of the coordinates, and 10 would come first.
    assert found.counts.tolist() == [7, 5]
    np.testing.assert_allclose(found.modes[:, 0], [1.5 / 7, 10], rtol=1e-6)
    assert found.labels.tolist() == [0] * 7 + [1] * 5


def test_row_27_euclidean_modes_are_pruned_by_euclidean_distance():
    """Four greys lie in one direction: pruned by the cosine they are a single colour."""
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(np.arange(4), 100))
    colours = np.array([0.1, 0.35, 0.6, 0.85])[truth, None] + rng.normal(scale=0.01, size=(400, 3))
    assert same_partition(cluster(colours, 0.1, "euclidean").labels, truth)
    assert len(cluster(colours, 0.3, "cosine").modes) == 1


def test_row_28_eight_seeds_for_each_cluster_hit_all_by_eq_14_not_by_the_papers_eq_12():
    def eq_12(seeds, clusters):
        return comb(seeds - 1, clusters - 1) / comb(seeds + clusters - 1, clusters - 1)

    assert [round(eq_12(8 * m, m), 2) for m in (3, 10, 30)] == [0.78, 0.32, 0.03]
    assert [round(Osop.coverage(8 * m, 1.0, m), 3) for m in (10, 30, 100)] == [0.998, 0.991, 0.968]
    vectors, _ = blobs(np.random.default_rng(0), 10, 100, dimensions=8)
    rng = np.random.default_rng(1)
    policy = Osop.euclidean(seeds=80, instances=10)
    found = [cluster(vectors, 0.45, "euclidean", osop=policy, rng=rng, **PUBLISHED) for _ in range(200)]
    assert {clusters.foreground_seeds for clusters in found} == {80}
    assert sum(len(clusters.modes) == 10 for clusters in found) >= 196  # eq. 12 would expect 64


def test_row_29_the_euclidean_policy_lowers_the_seeds_too():
    vectors = np.repeat(np.eye(3), 50, axis=0)
    policy = Osop.euclidean(seeds=100)
    first = cluster(vectors, 0.5, "euclidean", osop=policy)
    assert (first.instances, first.required, first.seeds, first.osop.seeds) == (3, 3, 100, 97)  # H I is 96
    second = cluster(vectors, 0.5, "euclidean", osop=first.osop)
    assert (second.seeds, second.osop.seeds) == (97, 94)
    third = cluster(vectors, 0.5, "euclidean", osop=second.osop)
    assert (third.seeds, third.osop.seeds) == (94, 94)
    assert replace(third.osop, instances=None) == replace(policy, seeds=94)


def test_row_30_the_bandwidth_is_in_the_units_of_the_data():
    near = on_a_line(*[0] * 6, *[0.9] * 5)
    assert len(cluster(near, 1.0, "euclidean").modes) == 1
    assert len(cluster(near, 0.8, "euclidean").modes) == 2
    for far in (50, 5000):  # stretches the range, which the published program divides by
        line = np.concatenate([near, on_a_line(far)])
        assert cluster(line, 1.0, "euclidean").labels.tolist() == [0] * 11 + [1]
        assert cluster(line, 0.8, "euclidean").labels.tolist() == [0] * 6 + [1] * 5 + [2]
