import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from blobs import blobs, same_partition

from cellseg.meanshift import Osop, chunks, cluster
from cellseg.meanshift.chunks import similarities
from cellseg.meanshift.cores import Cores

VECTORS, TRUTH = blobs(np.random.default_rng(0), 6, 40)


def run(vectors, bandwidth=0.1, **kwargs):
    return cluster(vectors, bandwidth, osop=Osop(), rng=np.random.default_rng(0), **kwargs)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_any_float_tensor_is_computed_in_float32(dtype):
    found = run(torch.from_numpy(VECTORS).to(dtype))
    assert same_partition(found.labels, TRUTH)
    assert found.modes.dtype == torch.float32


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
        (np.ones(3), {}, r"\(n, D\)"),
        (np.ones((2, 2, 2)), {}, r"\(n, D\)"),
        (VECTORS, {"bandwidth": 0.0}, "bandwidth"),
        (VECTORS, {"bandwidth": -0.1}, "bandwidth"),
        (VECTORS, {"bandwidth": 1.0}, "bandwidth"),
        (VECTORS, {"bandwidth": float("nan")}, "bandwidth"),
        (VECTORS, {"foreground_ratio": 1.1}, "foreground_ratio"),
        (VECTORS, {"early_stop": 0.0}, "early_stop"),
        (VECTORS, {"max_iterations": 0}, "max_iterations"),
        (VECTORS, {"tolerance": 0.0}, "tolerance"),
        (VECTORS, {"strata": np.zeros(3, dtype=int)}, "strata"),
        (VECTORS, {"strata": np.zeros(len(VECTORS))}, "strata"),
        (VECTORS, {"strata": -np.ones(len(VECTORS), dtype=int)}, "strata"),
    ],
)
def test_input_without_meaning_is_refused(vectors, kwargs, complaint):
    with pytest.raises(ValueError, match=complaint):
        run(vectors, **kwargs)


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
        shares = cores.share_out(9000, lambda part: (part.start, part.stop, torch.get_num_threads()))
        assert shares == [(0, 3000, 1), (3000, 6000, 1), (6000, 9000, 1)]
        assert cores.share_out(7, lambda part: (part.start, part.stop)) == [(0, 7)]
    with Cores(torch.device("meta")) as cores:
        assert cores.share_out(9000, lambda part: (part.start, part.stop)) == [(0, 9000)]


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


@pytest.mark.parametrize(("points", "others"), [(1, 1), (1000, 3), (3000, 512), (5, 4096)])
def test_chunks_cover_all_points_within_the_budget(points, others):
    rng = np.random.default_rng(0)
    a, b = (torch.from_numpy(rng.normal(size=(m, 4)).astype(np.float32)) for m in (points, others))
    whole = torch.empty(points, others)
    for chunk, part in similarities(a, b):
        assert part.numel() <= chunks.CPU_ENTRIES
        whole[chunk] = part
    torch.testing.assert_close(whole, a @ b.T)


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is not on Windows")
def test_512_seeds_on_131072_points_take_less_than_100_mb():
    program = """
import resource, sys
import numpy as np, torch
from cellseg.meanshift import Osop, cluster

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

torch.set_num_threads(1)
vectors = torch.randn(131_072, 18, generator=torch.Generator().manual_seed(0)) + 3 * torch.eye(18)[0]
policy = Osop(seeds=512, instances=10)
run = lambda points: cluster(points, osop=policy, rng=np.random.default_rng(0), max_iterations=2)
run(vectors[:1000])
before = peak()
assert run(vectors).foreground_seeds == 512
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100e6


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
