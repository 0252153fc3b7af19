import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from blobs import blobs, same_partition
from climbing import points_of

from cellseg.meanshift import Osop, Patience, chunks, cluster, nearest_mode
from cellseg.meanshift.chunks import scores
from cellseg.meanshift.cores import Cores

VECTORS, TRUTH = blobs(np.random.default_rng(0), 6, 40)
METRICS = [("cosine", 0.1), ("euclidean", 0.45)]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def run(vectors, bandwidth=0.1, metric="cosine", **kwargs):
    return cluster(vectors, bandwidth, metric, osop=Osop(), rng=np.random.default_rng(0), **kwargs)


@pytest.mark.parametrize(("metric", "bandwidth"), METRICS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_any_float_tensor_gives_modes_in_float32(dtype, metric, bandwidth):
    found = run(torch.from_numpy(VECTORS).to(dtype), bandwidth, metric)
    assert same_partition(found.labels, TRUTH)
    assert found.modes.dtype == torch.float32


@pytest.mark.parametrize(("metric", "bandwidth"), METRICS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_an_array_is_clustered_as_the_tensor_of_it(dtype, metric, bandwidth):
    vectors = VECTORS.astype(dtype)
    from_array, from_tensor = (run(v, bandwidth, metric) for v in (vectors, torch.from_numpy(vectors)))
    assert torch.equal(from_array.labels, from_tensor.labels)
    assert torch.equal(from_array.modes, from_tensor.modes)


@pytest.mark.parametrize(("metric", "bandwidth"), METRICS)
@pytest.mark.parametrize("device", DEVICES)
def test_the_result_is_where_the_vectors_are(device, metric, bandwidth):
    strata = torch.from_numpy(TRUTH).to(device)
    found = run(torch.from_numpy(VECTORS).to(device), bandwidth, metric, strata=strata, sample=100)
    assert {found.labels.device.type, found.modes.device.type, found.counts.device.type} == {device}
    assert (found.labels.dtype, found.counts.dtype) == (torch.int32, torch.int64)
    assert (found.labels.shape, found.modes.shape, found.counts.shape) == ((240,), (6, 18), (6,))
    assert same_partition(found.labels.cpu(), TRUTH)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_whole_numbers_are_vectors_too(dtype):
    vectors = np.repeat([[1, 2], [5, 2], [1, 60]], 10, axis=0).astype(dtype)
    found = run(vectors, 3.0, "euclidean")
    assert sorted(found.modes.tolist()) == [[1, 2], [1, 60], [5, 2]]


@pytest.mark.parametrize(("metric", "bandwidth"), METRICS)
@pytest.mark.parametrize("strata", [None, np.empty(0, dtype=int)])
def test_no_vectors_give_an_empty_result(metric, bandwidth, strata):
    for vectors in (np.empty((0, 16)), torch.empty(0, 16)):
        found = run(vectors, bandwidth, metric, strata=strata)
        assert (found.labels.shape, found.modes.shape, found.counts.shape) == ((0,), (0, 16), (0,))
        assert (found.foreground_seeds, found.instances, found.uncovered, found.rounds) == (0, 0, 0, 0)
        assert found.labels.dtype == torch.int32


def test_views_and_read_only_arrays_are_taken_and_left_alone():
    expected = run(VECTORS).labels
    frozen = VECTORS.astype(">f8")
    frozen.flags.writeable = False
    assert torch.equal(run(frozen).labels, expected)
    assert torch.equal(run(np.ascontiguousarray(VECTORS[::-1])[::-1]).labels, expected)
    tensor = torch.from_numpy(VECTORS.T.copy()).T.requires_grad_()
    before = tensor.detach().clone()
    found = run(tensor)
    assert torch.equal(found.labels, expected)
    assert not found.modes.requires_grad
    assert torch.equal(tensor, before)


@pytest.mark.parametrize(
    ("vectors", "kwargs", "complaint"),
    [
        (np.array([[1.0, np.nan]]), {}, "finite"),
        (np.array([[1.0, np.inf]]), {}, "finite"),
        (np.array([[1.0, 1e300]]), {}, "finite"),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), {}, "zero"),
        (np.array([[1.0, 1j]]), {}, "real"),
        (np.ones(3), {}, r"\(n, D\)"),
        (np.ones((2, 2, 2)), {}, r"\(n, D\)"),
        (VECTORS, {"bandwidth": 0.0}, "bandwidth"),
        (VECTORS, {"bandwidth": -0.1}, "bandwidth"),
        (VECTORS, {"bandwidth": 1.0}, "bandwidth"),
        (VECTORS, {"bandwidth": float("nan")}, "bandwidth"),
        (VECTORS, {"foreground_ratio": 1.1}, "foreground_ratio"),
        (np.array([[1.0, np.nan]]), {"metric": "euclidean"}, "finite"),
        (np.array([[1.0, -np.inf]]), {"metric": "euclidean"}, "finite"),
        (np.array([[1.0, 1e200], [1.0, -1e200]]), {"metric": "euclidean"}, "finite"),
        (np.ones(3), {"metric": "euclidean"}, r"\(n, D\)"),
        (np.float64(1), {}, r"\(n, D\)"),
        (VECTORS, {"metric": "euclidean", "bandwidth": 0.0}, "bandwidth"),
        (VECTORS, {"metric": "euclidean", "bandwidth": -1.0}, "bandwidth"),
        (VECTORS, {"metric": "euclidean", "bandwidth": float("inf")}, "bandwidth"),
        (VECTORS, {"metric": "euclidean", "bandwidth": float("nan")}, "bandwidth"),
        (VECTORS[:0], {"bandwidth": -1.0}, "bandwidth"),
        (VECTORS, {"metric": "manhattan"}, "cosine, euclidean, not 'manhattan'"),
        (VECTORS, {"foreground_ratio": -0.1}, "foreground_ratio"),
        (VECTORS, {"foreground_ratio": float("nan")}, "foreground_ratio"),
        (VECTORS, {"sample": 0}, "sample"),
        (VECTORS, {"sample": -4096}, "sample"),
        (VECTORS, {"max_uncovered": -1}, "max_uncovered"),
        (VECTORS, {"initial_modes": torch.ones(2, 17)}, "modes"),
        (VECTORS, {"initial_modes": torch.ones(18)}, "modes"),
        (VECTORS, {"strata": np.zeros(3, dtype=int)}, "strata"),
        (VECTORS, {"strata": np.zeros(len(VECTORS))}, "strata"),
        (VECTORS, {"strata": -np.ones(len(VECTORS), dtype=int)}, "strata"),
    ],
)
def test_input_without_meaning_is_refused(vectors, kwargs, complaint):
    with pytest.raises(ValueError, match=complaint):
        run(vectors, **kwargs)


@pytest.mark.parametrize(
    "wrong",
    [
        {"early_stop": 0.0},
        {"early_stop": 1.1},
        {"max_iterations": 0},
        {"tolerance": 0.0},
        {"tolerance": float("nan")},
    ],
)
def test_impossible_patience_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Patience(**wrong)


def test_a_zero_vector_is_a_place_like_any_other_to_the_euclidean_metric():
    found = run(np.array([[0.0, 0.0]] * 3 + [[5.0, 0.0]] * 2), 1.0, "euclidean")
    assert found.modes.tolist() == [[0, 0], [5, 0]]
    assert found.labels.tolist() == [0, 0, 0, 1, 1]


def test_the_callers_half_precision_is_not_used_and_not_changed():
    class Witness(np.random.Generator):
        """Looks, in the midst of a clustering, whether float32 products may be rounded."""

        def binomial(self, *arguments):
            matmul = torch.backends.cuda.matmul
            newer = hasattr(matmul, "fp32_precision")  # torch >= 2.9
            self.rounded = matmul.fp32_precision != "ieee" if newer else matmul.allow_tf32
            return super().binomial(*arguments)

    expected = run(VECTORS)
    witness = Witness(np.random.PCG64(0))
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = cluster(VECTORS, osop=Osop(), rng=witness)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)
    assert not witness.rounded
    assert torch.equal(found.modes, expected.modes)
    assert torch.equal(found.labels, expected.labels)


def test_the_newer_precision_switches_of_torch_are_respected_too():
    if not hasattr(torch.backends.cuda.matmul, "fp32_precision"):
        pytest.skip("torch < 2.9 has no such switches")
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        assert same_partition(run(VECTORS).labels, TRUTH)
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
    finally:
        torch.backends.cuda.matmul.fp32_precision = before


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_cores_share_the_points(three_threads):
    with Cores(torch.device("cpu")) as cores:
        shares = cores.share_out(9000, 1000, lambda part: (part.start, part.stop, torch.get_num_threads()))
        assert shares == [(0, 3000, 1), (3000, 6000, 1), (6000, 9000, 1)]
        assert cores.share_out(9000, 10, lambda part: (part.start, part.stop)) == [(0, 9000)]
    with Cores(torch.device("meta")) as cores:
        assert cores.share_out(9000, 1000, lambda part: (part.start, part.stop)) == [(0, 9000)]


def test_torch_has_its_threads_back_after_success_and_failure(three_threads):
    run(VECTORS)
    with pytest.raises(ValueError, match="finite"):
        run(VECTORS * np.nan)
    assert torch.get_num_threads() == 3
    with ThreadPoolExecutor(1) as later:  # new threads inherit the number that was set last
        assert later.submit(torch.get_num_threads).result() == 3


def test_cores_find_what_one_finds(three_threads):
    vectors = blobs(np.random.default_rng(1), 6, 1000)[0]
    shared = [run(vectors) for _ in range(2)]
    torch.set_num_threads(1)
    alone = run(vectors)
    for found in shared:
        assert torch.equal(found.labels, alone.labels)
        assert torch.equal(found.modes, shared[0].modes)
        torch.testing.assert_close(found.modes, alone.modes)


@pytest.mark.parametrize(("count", "centres"), [(1, 1), (1000, 3), (3000, 512), (5, 4096)])
def test_chunks_cover_all_points_within_the_budget(count, centres):
    rng = np.random.default_rng(0)
    x, c = (torch.from_numpy(rng.normal(size=(m, 4)).astype(np.float32)) for m in (count, centres))
    expected = {
        "cosine": x @ (c / c.norm(dim=1, keepdim=True)).T,
        "euclidean": x @ c.T - (c * c).sum(dim=1) / 2,
    }
    for metric, table in expected.items():
        for part in (slice(0, count), slice(count // 3, count)):
            whole = torch.full((centres, count), torch.nan)
            for chunk, block in scores(points_of(x, metric=metric), part, c):
                assert block.numel() <= chunks.CPU_ENTRIES
                whole[:, chunk] = block
            assert whole[:, : part.start].isnan().all()
            torch.testing.assert_close(whole[:, part], table.T[:, part])


def test_more_than_256_modes_keep_their_numbers_inside_autocast():
    vectors = np.repeat(np.eye(400, dtype=np.float32), 3, axis=0)
    with torch.autocast("cpu", dtype=torch.bfloat16):  # which has 8 bits for a number
        found = cluster(vectors, osop=Osop.fixed(1200))
    assert torch.bincount(found.labels).tolist() == [3] * 400


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is not on Windows")
def test_512_seeds_on_131072_points_take_less_than_100_mb():
    program = """
import resource, sys
import numpy as np, torch
from cellseg.meanshift import Osop, cluster

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def run(points, metric, sample):
    return cluster(points, 0.1, metric, osop=Osop.fixed(512), rng=np.random.default_rng(0), sample=sample)

torch.set_num_threads(1)
torch.manual_seed(0)
blob = torch.arange(131_072) % 10
blob[:5] = 10  # a small one, for a residual round
vectors = torch.eye(18)[blob] + 0.01 * torch.randn(131_072, 18)
runs = [(metric, sample) for metric in ("cosine", "euclidean") for sample in (4096, None)]
for case in runs:
    run(vectors[:5000], *case)
ballast, before = [], peak()
while peak() == before:  # imports took more than is left of them, and what follows must not hide in that
    ballast.append(np.ones(1 << 17))
before = peak()
for case in runs:
    found = run(vectors, *case)
    assert found.foreground_seeds == 512 and len(found.modes) == 11 and found.rounds, (case, found)
    print(peak() - before)
table = vectors[:512] @ vectors.T  # what must never exist as a whole
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *extra, with_the_table = map(int, done.stdout.split())
    assert len(extra) == 4
    assert max(extra) < 100e6, extra
    assert with_the_table > 200e6  # so such a table would have been noticed


def test_nothing_but_numpy_and_torch_is_needed():
    program = """
import sys
import torch
before = set(sys.modules)
import cellseg.meanshift

ours = {name for name in sys.modules if name == "cellseg" or name.startswith("cellseg.meanshift")}
packages = {name.split(".")[0] for name in set(sys.modules) - before - ours}
print(sorted(packages - set(sys.stdlib_module_names) - {"numpy", "torch"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("scale", [1e-15, 1e-3, 1e15])
def test_the_cosine_metric_knows_no_scale(scale):
    rng = np.random.default_rng(0)
    vectors = np.eye(8, 3)[rng.integers(3, size=3000)] + rng.normal(scale=0.35, size=(3000, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = run(vectors)
    found = run(vectors * scale)
    assert expected.iterations > 20  # no clusters: long ways to go
    np.testing.assert_allclose(found.modes / scale, expected.modes, atol=1e-4)


def test_modes_far_from_zero_keep_the_digits_they_need():
    rng = np.random.default_rng(0)
    places = 5e6 + rng.uniform(-20, 20, size=(10, 2))
    truth = np.repeat(np.arange(10), 100)
    vectors = places[truth] + rng.normal(scale=0.03, size=(1000, 2))
    found = run(vectors, 0.2, "euclidean")
    assert found.modes.dtype == torch.float64
    labels = nearest_mode(vectors, found.modes, 0.2, "euclidean", cluster_all=False)
    assert torch.equal(labels, found.labels)
    warm = run(vectors, 0.2, "euclidean", initial_modes=found.modes.numpy())
    torch.testing.assert_close(warm.modes, found.modes, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("modes", "metric", "complaint"),
    [
        ([[1.0, 0.0], [0.0, 0.0]], "cosine", "zero"),
        ([[1.0, float("nan")]], "euclidean", "finite"),
        ([[1.0, 0.0, 0.0]], "cosine", "modes"),
    ],
)
def test_modes_without_distances_are_refused(modes, metric, complaint):
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match=complaint):
        nearest_mode(vectors, np.array(modes), 0.3, metric)
    with pytest.raises(ValueError, match=complaint):
        run(vectors, 0.3, metric, initial_modes=torch.tensor(modes))


def test_threads_take_turns(three_threads):
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    vectors = np.tile(VECTORS, (100, 1))
    expected = run(vectors)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, [vectors] * 12))
    assert all(torch.equal(found.modes, expected.modes) for found in results)
    assert all(torch.equal(found.labels, expected.labels) for found in results)
    assert torch.get_num_threads() == threads
    assert torch.get_float32_matmul_precision() == precision


FORK = """
import os, sys, signal
import numpy as np
import torch
from cellseg.meanshift import FasterMeanShift

torch.set_num_threads(2)

vectors = np.random.default_rng(0).normal(size=(60_000, 18)).astype(np.float32)
vectors[:, 0] += 9

def fit():
    return FasterMeanShift(metric="cosine", seeds=8).fit(vectors).labels_

before = fit()
if not hasattr(os, "fork"):
    sys.exit(0)
child = os.fork()
if child == 0:
    signal.alarm(60)  # ends a child that hangs
    os._exit(0 if (fit() == before).all() else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_clusters_on():
    assert subprocess.run([sys.executable, "-c", FORK], timeout=120).returncode == 0
