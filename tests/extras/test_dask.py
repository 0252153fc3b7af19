"""A batch on a real Dask cluster of processes, one of which is killed in the middle."""

import os
import signal
import subprocess
import sys
import time

import pytest

distributed = pytest.importorskip("distributed")
pytest.importorskip("dask_jobqueue")

from e2e.conftest import model  # noqa: E402, F401
from e2e.test_batch import RUN, batch, files, masks, stack, statuses  # noqa: E402


def done_though_a_worker_is_killed(words, folder, pattern):
    """Run a batch on a cluster and kill a worker once 20 files are in a folder; give what it said."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)
        command = [*RUN, *map(str, words), "--scheduler", cluster.scheduler_address]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None and len(list(folder.glob(pattern))) < 20:
                time.sleep(0.02)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
            shown, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_worker_is_killed_and_its_movie_goes_on_elsewhere(model, tmp_path):  # noqa: F811
    for name in ("a", "b", "c"):
        stack(tmp_path / "lab" / f"{name}.tif", 60)
    options = ("--model", model, "--set", "instances.min_area=20", "--precision", "float32")
    words = ("batch", tmp_path / "lab", "--output", tmp_path / "out", *options)
    first = tmp_path / "out" / "a_RES.partial" / "provisional"
    assert "3 movies: 3 done" in done_though_a_worker_is_killed(words, first, "*")
    assert set(statuses(tmp_path).values()) == {"done"}
    batch(tmp_path / "lab", "--output", tmp_path / "whole", *options)
    assert files(tmp_path / "out") == files(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_one_movie_in_chunks_of_which_a_worker_is_killed(model, tmp_path):  # noqa: F811
    stack(tmp_path / "lab" / "long.tif", 120)
    options = ("--model", model, "--set", "instances.min_area=20", "--precision", "float32")
    words = ("batch", tmp_path / "lab", "--output", tmp_path / "out", *options, "--chunk-frames", 30)
    chunks = tmp_path / "out" / "long_RES.chunks"
    assert "1 movie: 1 done" in done_though_a_worker_is_killed(words, chunks, "*/provisional/*")
    batch(tmp_path / "lab", "--output", tmp_path / "whole", *options)
    assert masks(tmp_path / "out") == masks(tmp_path / "whole")


def test_no_scheduler_there(model, tmp_path, monkeypatch):  # noqa: F811
    stack(tmp_path / "lab" / "a.tif", 2)
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    words = (tmp_path / "lab", "--output", tmp_path / "out", "--model", model)
    assert "no Dask scheduler answers" in batch(*words, "--scheduler", "tcp://127.0.0.1:9", code=1)


def test_the_documented_slurm_recipe_makes_a_job_script():
    from pathlib import Path

    from dask_jobqueue import SLURMCluster

    text = (Path(__file__).parents[2] / "docs" / "run-on-a-cluster.md").read_text(encoding="utf-8")
    recipe = text[text.index("    cluster = SLURMCluster(") : text.index("    cluster.scale(")]
    names = {"SLURMCluster": SLURMCluster}
    exec("\n".join(line[4:] for line in recipe.splitlines()), names)
    with names["cluster"] as cluster:
        script = cluster.job_script()
    assert "#SBATCH --cpus-per-task=8" in script or "#SBATCH -n 1\n#SBATCH --cpus-per-task=8" in script
    assert "export OMP_NUM_THREADS=8" in script
    assert "--nthreads 1" in script
    assert "--no-nanny" in script
