import numpy as np
import pytest
import torch
from blobs import blobs, same_partition
from sklearn.cluster import estimate_bandwidth as scikit_learn_bandwidth
from sklearn.datasets import make_blobs
from sklearn.utils.estimator_checks import estimator_checks_generator

from cellseg.meanshift import FasterMeanShift
from cellseg.meanshift.bandwidth import estimate_bandwidth


def has_no_direction(estimator):
    """Checks of scikit-learn that use zero vectors, which no cosine distance is defined for."""
    return {"check_estimators_dtypes": "zero vectors"} if estimator.metric == "cosine" else {}


ESTIMATORS = [FasterMeanShift(), FasterMeanShift(metric="cosine")]
CHECKS = [
    case
    for estimator in ESTIMATORS
    for case in estimator_checks_generator(
        estimator, expected_failed_checks=has_no_direction(estimator), mark="xfail"
    )
    if "array_api" not in str(case)  # skips itself unless an environment variable is set
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=str)
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


def test_it_finds_clusters_and_predicts_them():
    vectors, truth = make_blobs(3000, centers=[[0, 0], [4, 0], [0, 4]], cluster_std=0.3, random_state=0)
    estimator = FasterMeanShift(bandwidth=1.0, random_state=0).fit(vectors)
    assert same_partition(estimator.labels_, truth)
    assert estimator.labels_.dtype == np.int32
    np.testing.assert_array_equal(estimator.predict(vectors), estimator.labels_)
    nearest = np.abs(estimator.cluster_centers_[:, None] - [[0, 0], [4, 0], [0, 4]]).max(2).min(1)
    assert nearest.max() < 0.05
    assert estimator.n_iter_ > 0
    assert estimator.uncovered_ == np.sum(
        np.linalg.norm(vectors - estimator.cluster_centers_[estimator.labels_], axis=1) > 1.0
    )


def test_what_is_far_from_every_centre_is_marked_on_request():
    vectors = np.concatenate([np.zeros((60, 2)), np.full((50, 2), 9.0)])
    estimator = FasterMeanShift(bandwidth=1.0, cluster_all=False).fit(vectors)
    assert estimator.predict([[0.0, 0.9], [0.0, 1.1], [9.0, 9.0]]).tolist() == [0, -1, 1]
    everywhere = FasterMeanShift(bandwidth=1.0).fit(vectors)
    assert everywhere.predict([[0.0, 0.9], [0.0, 1.1], [9.0, 9.0]]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_in_tensors_out(dtype):
    vectors, truth = blobs(np.random.default_rng(0), 5, 100)
    estimator = FasterMeanShift(bandwidth=0.1, metric="cosine")
    labels = estimator.fit_predict(torch.from_numpy(vectors).to(dtype))
    assert isinstance(labels, torch.Tensor)
    assert isinstance(estimator.cluster_centers_, torch.Tensor)
    assert isinstance(estimator.predict(torch.from_numpy(vectors)), torch.Tensor)
    assert same_partition(labels, truth)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_a_batch_is_clustered_item_by_item(kind):
    sets = [blobs(np.random.default_rng(seed), count, 60 // count) for seed, count in ((0, 3), (1, 5))]
    batch = kind(np.stack([vectors for vectors, _ in sets]))
    estimator = FasterMeanShift(bandwidth=0.1, metric="cosine").fit(batch)
    assert estimator.labels_.shape == (2, 60)
    assert isinstance(estimator.labels_, type(batch))
    for labels, centres, (_, truth) in zip(estimator.labels_, estimator.cluster_centers_, sets, strict=True):
        assert same_partition(labels, truth)
        assert len(centres) == len(np.unique(truth))
    with pytest.raises(ValueError, match="one set"):
        estimator.predict(batch)


def test_the_seeds_may_be_fixed_and_the_draw_repeated():
    vectors, truth = blobs(np.random.default_rng(0), 5, 100)
    one = FasterMeanShift(bandwidth=0.1, metric="cosine", seeds=1, max_uncovered=None, random_state=3)
    assert len(one.fit(vectors).cluster_centers_) == 1
    rounds = FasterMeanShift(bandwidth=0.1, metric="cosine", seeds=1, random_state=3).fit(vectors)
    assert same_partition(rounds.labels_, truth)
    np.testing.assert_array_equal(one.fit_predict(vectors), one.fit_predict(vectors))


def test_the_bandwidth_is_scikit_learns_where_its_sample_is_all():
    vectors, _ = make_blobs(400, centers=3, n_features=3, random_state=1)
    ours = estimate_bandwidth(torch.from_numpy(vectors), "euclidean", np.random.default_rng(0))
    assert ours == pytest.approx(scikit_learn_bandwidth(vectors, quantile=0.1), rel=1e-9)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = estimate_bandwidth(torch.from_numpy(vectors), "cosine", np.random.default_rng(0))
    distances = np.sort(1 - unit @ unit.T, axis=1)[:, 39]
    assert cosine == pytest.approx(distances.mean(), rel=1e-9)


def test_a_bandwidth_from_the_data_separates_blobs_whatever_their_scale():
    vectors, truth = make_blobs(5000, centers=[[0, 0], [9, 0], [0, 9], [9, 9]], random_state=0)
    for scale in (1e-3, 1.0, 1e3):
        estimator = FasterMeanShift(random_state=0).fit(vectors * scale)
        assert len(estimator.cluster_centers_) == 4
        assert (
            np.mean(estimator.labels_[truth == 0] == np.bincount(estimator.labels_[truth == 0]).argmax())
            > 0.99
        )
    assert FasterMeanShift().fit(np.ones((9, 2))).labels_.tolist() == [0] * 9


@pytest.mark.parametrize(
    ("vectors", "kwargs", "complaint"),
    [
        (np.array([[1.0, np.nan]]), {}, "NaN"),
        (torch.tensor([[1.0, float("inf")]]), {"bandwidth": 1.0}, "infinity"),
        (np.zeros((4, 2)), {"metric": "cosine", "bandwidth": 0.1}, "zero"),
        (torch.tensor([[1.0, float("nan")]]), {}, "finite"),
        (np.zeros((2, 0, 3)), {}, "not empty"),
        (np.empty((0, 2)), {}, "0 sample"),
        (torch.empty(0, 2), {}, "not empty"),
        (np.ones((2, 2, 2, 2)), {}, "batch"),
        (np.ones((4, 2)), {"bandwidth": -1.0}, "bandwidth"),
        (np.ones((4, 2)), {"metric": "manhattan", "bandwidth": 1.0}, "metric"),
        (np.ones((4, 2)), {"seeds": 0}, "seeds"),
    ],
)
def test_nonsense_is_refused(vectors, kwargs, complaint):
    with pytest.raises(ValueError, match=complaint):
        FasterMeanShift(**kwargs).fit(vectors)


def test_predict_refuses_other_features():
    estimator = FasterMeanShift(bandwidth=1.0).fit(np.ones((4, 2)))
    for vectors in (np.ones((4, 3)), torch.ones(4, 3)):
        with pytest.raises(ValueError, match="features"):
            estimator.predict(vectors)
