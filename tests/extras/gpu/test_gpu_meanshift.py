"""The clusterer on a GPU: the same clusters as on the CPU, on the device of the vectors."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from meanshift.blobs import blobs, same_partition
from sklearn.metrics import adjusted_rand_score

from cellseg.config import Clustering
from cellseg.meanshift import FasterMeanShift, Osop, cluster, nearest_mode
from cellseg.pair_clusters import cluster_pair, seed_policy
from cellseg.rshn import Pair, embed_pairs, load_model

MODEL = "DIC-C2DH-HeLa"
METRICS = [("cosine", 0.1), ("euclidean", 0.45)]
ANY_METRIC = pytest.mark.parametrize(("metric", "bandwidth"), METRICS)


def run(vectors, device, metric="cosine", bandwidth=0.1, **kwargs):
    tensor = torch.as_tensor(vectors, device=device)
    found = cluster(tensor, bandwidth, metric, rng=np.random.default_rng(0), **kwargs)
    kinds = (found.labels, found.modes, found.counts, found.covered, found.seed_indices)
    assert {kind.device.type for kind in kinds} == {device.type}
    assert (found.labels.dtype, found.counts.dtype) == (torch.int32, torch.int64)
    return found


@ANY_METRIC
@pytest.mark.parametrize(("instances", "size"), [(1, 1), (2, 1), (6, 40), (30, 2_000), (10, 60_000)])
@pytest.mark.parametrize("sample", [None, 4096])
def test_separable_vectors_have_the_clusters_of_the_cpu(device, metric, bandwidth, instances, size, sample):
    if sample is None and instances * size > 100_000:
        sample = 100_000
    vectors, truth = blobs(np.random.default_rng(1), instances, size)
    found, wanted = (
        run(vectors, where, metric, bandwidth, sample=sample) for where in (device, torch.device("cpu"))
    )
    assert same_partition(found.labels.cpu(), truth)
    assert same_partition(wanted.labels, truth)
    torch.testing.assert_close(
        found.counts.cpu().sort().values, wanted.counts.sort().values, rtol=1e-3, atol=1
    )
    nearest = (found.modes.cpu() @ wanted.modes.T).amax(1) / (found.modes.cpu().norm(dim=1) ** 2)
    torch.testing.assert_close(nearest, torch.ones(instances), atol=1e-2, rtol=0)
    assert (found.uncovered == 0) == (wanted.uncovered == 0)


@ANY_METRIC
def test_the_same_vectors_give_the_same_bits(device, metric, bandwidth):
    vectors, _ = blobs(np.random.default_rng(2), 20, 3_000)
    first, second = (run(vectors, device, metric, bandwidth) for _ in range(2))
    assert torch.equal(first.labels, second.labels)
    assert torch.equal(first.modes, second.modes)


@ANY_METRIC
def test_nothing_to_cluster(device, metric, bandwidth):
    found = run(np.empty((0, 16), np.float32), device, metric, bandwidth)
    assert (found.labels.shape, found.modes.shape, found.counts.shape) == ((0,), (0, 16), (0,))
    found = run(np.eye(16, dtype=np.float32), device, metric, bandwidth, foreground_ratio=0.0)
    assert found.labels.tolist() == [-1] * 16
    assert len(found.modes) == 0


@ANY_METRIC
def test_strata_given_modes_and_what_is_far_from_all_modes(device, metric, bandwidth):
    vectors, truth = blobs(np.random.default_rng(3), 6, 100)
    lone = np.vstack([vectors, -vectors[:1]])
    known = {"max_uncovered": None, "osop": Osop.fixed(600), "initial_modes": vectors[:6]}
    found = run(
        lone, device, metric, bandwidth, strata=torch.as_tensor(np.append(truth, 0), device=device), **known
    )
    assert same_partition(found.labels[:-1].cpu(), truth)
    cut = run(
        lone, device, metric, bandwidth, osop=Osop.fixed(40), max_uncovered=None, cluster_all=False, sample=50
    )
    assert torch.equal(cut.labels.cpu() == -1, ~cut.covered.cpu())
    assert int((cut.labels == -1).sum()) == cut.uncovered
    labels = nearest_mode(
        torch.as_tensor(lone, device=device), cut.modes, bandwidth, metric, cluster_all=False
    )
    assert torch.equal(labels, cut.labels)


def test_far_spread_vectors_are_clustered_in_float64(device):
    if device.type == "mps":
        pytest.skip("MPS has no float64")
    vectors = np.repeat([[1e6, 0.0], [1e6, 1.0], [-1e6, 0.0]], 50, axis=0)
    found = run(vectors, device, "euclidean", 0.3)
    assert found.modes.dtype == torch.float64
    assert torch.bincount(found.labels).tolist() == [50, 50, 50]


def test_many_modes_keep_their_numbers_inside_autocast(device):
    vectors = torch.eye(400, device=device).repeat_interleave(3, 0)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        found = cluster(vectors, osop=Osop.fixed(1200))
    assert torch.bincount(found.labels).tolist() == [3] * 400


@ANY_METRIC
def test_the_estimator_gives_back_the_kind_it_was_given(device, metric, bandwidth):
    vectors, truth = blobs(np.random.default_rng(4), 5, 200)
    tensor = torch.as_tensor(vectors, device=device)
    fit = FasterMeanShift(bandwidth, metric=metric, random_state=0).fit(tensor)
    assert {fit.labels_.device.type, fit.cluster_centers_.device.type} == {device.type}
    assert same_partition(fit.labels_.cpu(), truth)
    assert torch.equal(fit.predict(tensor), fit.labels_)
    assert isinstance(fit.predict(vectors), np.ndarray)
    batch = FasterMeanShift(bandwidth, metric=metric, random_state=0).fit(
        torch.stack([tensor, tensor.flip(0)])
    )
    assert batch.labels_.device.type == device.type
    assert same_partition(batch.labels_[1].flip(0).cpu(), truth)
    widths = [
        FasterMeanShift(metric=metric, random_state=0).fit(each).bandwidth_ for each in (tensor, vectors)
    ]
    assert widths[0] == pytest.approx(widths[1], rel=1e-6)


def test_the_embeddings_of_a_real_model(device, frames):
    model = load_model(MODEL, torch.device("cpu"))
    settings = Clustering(bandwidth=model.card.bandwidth)

    def labels_of(pair, where):
        first, second = (
            replace(half, vectors=half.vectors.to(where), foreground=half.foreground.to(where))
            for half in (pair.first, pair.second)
        )
        clusters, foreground = cluster_pair(
            *(Pair(first, second, None), settings, model.card.inference.foreground_threshold),
            *(seed_policy(settings), np.random.default_rng(0)),
        )
        assert {clusters.labels.device.type, foreground.device.type} == {where.type}
        return clusters.labels.cpu().numpy()

    for pair in embed_pairs(model.network, frames.__getitem__, 3, window=None):
        wanted, found = labels_of(pair, torch.device("cpu")), labels_of(pair, device)
        assert len(np.unique(wanted)) > 3
        assert adjusted_rand_score(wanted, found) > 0.99
