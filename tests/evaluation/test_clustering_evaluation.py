"""The measurement of the clusterer: its data, its processes with caps, and the page it renders."""

import importlib
import json
import time

import numpy as np
import pytest
import torch
from allocate import MIB, Allocate

from cellseg.config import Settings, override
from evaluation.clustering import EXPERIMENTS, data, pairs
from evaluation.clustering.ablation import assignments
from evaluation.clustering.cosine_figures_4_5 import instance_modes
from evaluation.clustering.floor import floor
from evaluation.clustering.methods import METHODS, OURS, MethodOnData
from evaluation.clustering.process import measure
from evaluation.clustering.readme import write_readme
from evaluation.clustering.walk import STEPS, walk
from evaluation.clustering.wanted import missed


@pytest.mark.parametrize(
    ("dataset", "points", "dimensions", "clusters"),
    [
        (data.opposite_directions(1000), 1000, 18, 10),
        (data.blobs(1000, 2), 1000, 2, 10),
        (data.blobs(1000, 3), 1000, 3, 10),
        (data.directions_in_the_plane("a"), 1500, 2, 10),
        (data.directions_in_the_plane("b"), 1500, 2, 8),
        (data.directions_in_the_plane("c"), 1500, 2, 4),
        (data.embedded_image(64), 64**2, 18, 21),
        (data.colour_image(64), 64**2, 3, 5),
    ],
    ids=lambda value: value.name if isinstance(value, data.Dataset) else "",
)
def test_data_sets_have_their_clusters_and_can_be_clustered(dataset, points, dimensions, clusters):
    assert dataset.vectors.shape == (points, dimensions)
    assert dataset.vectors.dtype == np.float32
    assert dataset.clusters == clusters
    assert len(np.unique(dataset.truth)) == clusters
    result = METHODS[OURS].run(dataset.vectors, dataset.bandwidth, metric=dataset.metric)
    assert len(result.centres) == clusters
    joint = set(zip(result.labels.tolist(), dataset.truth.tolist(), strict=True))
    assert len(joint) == clusters


def test_directions_are_orthogonal_or_opposite():
    dataset = data.opposite_directions(5000)
    means = np.array([dataset.vectors[dataset.truth == k].mean(axis=0) for k in range(10)])
    assert np.allclose(np.round(np.abs(means @ means.T)) % 1, 0)
    assert set(np.round(means @ means.T).ravel()) <= {-1.0, 0.0, 1.0}
    assert dataset.vectors[dataset.truth == 0].std(axis=0) == pytest.approx(0.01, rel=0.2)
    assert np.bincount(dataset.truth).tolist() == [500] * 10


def test_background_is_half_of_the_plane_and_not_among_the_instances():
    dataset = data.directions_in_the_plane("b")
    assert np.count_nonzero(dataset.truth == 7) == 750
    assert instance_modes(dataset, 7).shape == (7, 2)


def test_one_instance_of_the_drifting_pairs_is_very_small():
    first, second = pairs.drifting_pairs(2, points=4000)
    nearest = (first.vectors @ first.wanted.T).argmax(dim=1)
    sizes = torch.bincount(nearest, minlength=20)
    assert sizes[0] == sizes.min()
    assert 10 <= sizes[1:].median() / sizes[0] <= 40
    turned = (first.wanted * second.wanted).sum(dim=1)
    assert (turned > 0.98).all()
    assert (turned < 0.9999).all()


def test_pairs_come_back_from_their_files(tmp_path):
    saved = pairs.drifting_pairs(2, points=500)
    pairs.save_pairs(saved, tmp_path)
    for before, after in zip(saved, pairs.load_pairs(tmp_path, "cpu"), strict=True):
        assert torch.equal(before.vectors, after.vectors)
        assert torch.equal(before.wanted, after.wanted)
        assert after.strata is None
        assert after.foreground_ratio == 0.5


def test_wanted_modes_are_missed_unless_one_is_near():
    wanted = torch.eye(3)
    near = wanted[:2] + 0.1
    assert missed(near, wanted, bandwidth=0.1) == 1
    assert missed(near[:0], wanted, bandwidth=0.1) == 3
    assert missed(torch.cat([near, wanted]), wanted, bandwidth=0.1) == 0


def test_the_whole_method_finds_what_128_seeds_miss():
    sequence = pairs.drifting_pairs(4, points=8000)
    totals = []
    for step in STEPS:
        walked = walk(sequence, step)
        totals.append(
            sum(missed(found.modes, pair.wanted, 0.1) for found, pair in zip(walked, sequence, strict=True))
        )
    assert totals[0] > 0
    assert totals[-3:] == [0, 0, 0]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_steps_are_settings_of_infer(step):
    clustering = override(Settings(), assignments(step)).clustering
    assert clustering.sample == step.sample
    assert clustering.max_uncovered == step.max_uncovered
    assert clustering.converged_share == step.patience.early_stop
    assert clustering.initial_seeds == 128


def test_time_and_peak_memory_of_a_process():
    outcome = measure(Allocate(mebibytes=64, seconds=0.5), cap=30, repeats=2)
    row = outcome.row()
    assert row["status"] == "done"
    assert row["held"] == 64 * MIB
    assert row["runs"] == 2
    assert 0.5 <= row["min"] <= row["median"]
    assert row["peak_mib"] is None or 60 <= row["peak_mib"] <= 80


def test_work_is_ended_at_its_cap():
    begin = time.perf_counter()
    row = measure(Allocate(seconds=60), cap=0.2, repeats=3).row()
    assert row == {"status": "over the cap", "cap": 0.2}
    assert time.perf_counter() - begin < 30


def test_too_much_memory_is_an_overflow():
    row = measure(Allocate(mebibytes=512), cap=30, repeats=1, memory=128 * MIB).row()
    assert row["status"] == "overflow"


def test_errors_are_told():
    row = measure(Allocate(fails=True), cap=30, repeats=1).row()
    assert row["status"] == "failed"
    assert row["error"] == "ValueError: as asked"


def test_a_method_in_a_process(tmp_path):
    dataset = data.opposite_directions(1000)
    work = MethodOnData(OURS, dataset.save(tmp_path), 0.1, "cosine", 10, "cpu")
    row = measure(work, cap=30, repeats=1).row()
    assert (row["status"], row["clusters"], row["ari"]) == ("done", 10, 1.0)


def test_readme_is_rendered_from_what_was_measured(tmp_path):
    done = {"status": "done", "min": 0.01, "median": 0.0123, "runs": 3, "peak_mib": 0.5, "clusters": 10}
    rows = [
        {"method": OURS, "dataset": "cosine-1000", "points": 1000, **done, "ari": 1.0},
        {"method": "payer", "dataset": "cosine-1000", "points": 1000, **done, "ari": 0.42},
        {"method": OURS, "dataset": "cosine-200000", "points": 200_000, **done, "ari": 1.0},
        {
            "method": "payer",
            "dataset": "cosine-200000",
            "points": 200_000,
            "status": "over the cap",
            "cap": 4,
        },
    ]
    record = {
        "plan": "quick",
        "cap": 4,
        "machine": {
            "device": "cpu",
            "processor": "a processor",
            "threads": 2,
            "load_average": [0.5, 0, 0],
            "gflops": 100.0,
        },
        "rows": rows,
        "floor": {f"cosine-{n}": floor(n, 18, 10, 100.0) for n in (1000, 200_000)},
        "picture": "picture.png",
    }
    (tmp_path / "clustering_cosine_table_1_cpu.json").write_text(json.dumps(record))
    on_a_gpu = record | {"rows": rows[:1], "machine": record["machine"] | {"device": "A large GPU"}}
    (tmp_path / "clustering_cosine_table_1_cuda.json").write_text(json.dumps(on_a_gpu))
    write_readme(tmp_path, tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| `held_out.py` |" in text
    assert "| `long_movie.py` |" in text
    assert "| seconds (median) | 1K | 200K |" in text
    assert "| cellseg | 0.0123 | 0.0123 |" in text
    assert "| payer | 0.0123 (ARI 0.42) | > 4 |" in text
    assert "| peak memory, MiB | 1K | 200K |" in text
    assert "| *floor: one assignment* | 3.60e-06 | 0.000720 |" in text
    assert "results/picture.png" in text
    assert "2 threads, load average 0.5, 100 GFLOP/s" in text
    assert "Targets" not in text
    cpu, gpu = (text.index(f"(re-measured, simulated){place}\n") for place in ("", ", A large GPU"))
    assert cpu < text.index("| payer |") < gpu
    assert text.rindex("| payer |") < gpu < text.index("*A large GPU, 2 threads")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_measures_and_renders(name):
    experiment = importlib.import_module(f"evaluation.clustering.{name}")
    assert callable(experiment.measure)
    assert callable(experiment.render)
