"""The measurement of the whole flow, at a toy size."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from cellseg.config import Architecture, Inference, Settings
from cellseg.ctc import evaluate
from cellseg.device import choose_precision
from cellseg.rshn import TilePair, flops_per_frame
from cellseg.simulate import preset, write_ctc
from cellseg.video import network_shape, open_video, prepare
from evaluation.clustering.process import measure
from evaluation.clustering.readme import write_readme
from evaluation.pipeline.clusterers import CLUSTERERS
from evaluation.pipeline.convolution import convolution_gflops
from evaluation.pipeline.nvml import with_peak
from evaluation.pipeline.painted import simulate
from evaluation.pipeline.plan import FULL
from evaluation.pipeline.render import render
from evaluation.pipeline.stopwatch import Stopwatch
from evaluation.pipeline.subject import Subject
from evaluation.pipeline.targets import targets
from evaluation.pipeline.variants import RIVALS, ROWS, STEPS
from evaluation.pipeline.walk import walk
from evaluation.pipeline.work import STAGES, VariantOnMovie

CPU = torch.device("cpu")
FRAMES = 10
TOY = Architecture(filters=2, levels=2, embedding_size=16)
CELLS = replace(preset("DIC-C2DH-HeLa"), diameter=40.0, density=0.4)


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    """A small simulated movie, and a tiny untrained network that knows its cells."""
    movie = write_ctc(CELLS, tmp_path_factory.mktemp("movie"), "01", FRAMES, 1, shape=(128, 144))
    return Subject("DIC-C2DH-HeLa", movie, None, simulated=True, untrained=TOY)


def settings_of(subject):
    settings = subject.settings()
    return settings.model_copy(update={"instances": settings.instances.model_copy(update={"min_area": 100})})


@pytest.mark.parametrize(
    "variant", [row for row in ROWS if row.schedule != "infer"], ids=lambda row: row.name
)
def test_every_variant_finds_the_painted_cells(variant, subject, tmp_path):
    with open_video(subject.movie) as video:
        model = subject.load(video, CPU, torch.float32)
        pairs = 3 if variant.schedule == "published" else FRAMES - 1
        walked = walk(variant, video, model, settings_of(subject), tmp_path / "01_RES", pairs=pairs)
    assert walked.first == 0
    assert len(walked.pairs) == pairs
    assert all(set(pair) <= set(STAGES) for pair in walked.pairs)
    assert set(walked.pairs[0]) == {"reading", "network", "clustering", "instances"}
    assert set(walked.finishing) == {"linking", "writing"}
    assert walked.points > 100
    scores = evaluate(tmp_path / "01_RES", subject.truth, frames=(0, pairs + 1)).scores.as_dict()
    assert scores["SEG"] > 0.85
    assert scores["TRA"] > 0.9


def test_a_walk_may_begin_in_steady_state_and_stop_when_its_time_is_spent(subject, tmp_path):
    with open_video(subject.movie) as video:
        model = subject.load(video, CPU, torch.float32)
        walked = walk(
            STEPS[1], video, model, settings_of(subject), tmp_path / "01_RES", start=7, pairs=2, budget=0
        )
    assert walked.first == 7
    assert len(walked.pairs) == 1
    assert [path.name for path in sorted((tmp_path / "01_RES").glob("mask*"))] == [
        "mask007.tif",
        "mask008.tif",
    ]


def test_a_row_in_a_process(subject):
    row = measure(VariantOnMovie(STEPS[1], subject, "cpu", start=7, pairs=1), cap=120, repeats=1).row()
    assert row["status"] == "done", row
    assert (row["frames"], row["averaged"]) == (2, 1)
    assert set(row["stages"]) == set(STAGES)
    assert row["total"] == pytest.approx(sum(row["stages"].values()))
    assert row["flops"] == 8 * flops_per_frame(TOY, (256, 256))
    assert row["floor"] == pytest.approx(row["flops"] / row["convolution_gflops"] / 1e9)
    assert row["nvml_mib"] is None
    assert "SEG" not in row  # a network that knows the cells has no score


def test_the_program_itself_is_the_last_row(subject):
    work = VariantOnMovie(STEPS[-1], subject, "cpu", start=7)
    ran = work.prepare()()
    row = work.describe(ran)
    assert row["frames"] == FRAMES - 7
    assert row["total"] == pytest.approx(ran.seconds / FRAMES)
    assert row["stages"]["network"] > 0
    assert row["precision"] == str(choose_precision("auto", CPU)).removeprefix("torch.")
    assert row["flops"] == flops_per_frame(TOY, (64, 72))


def test_each_step_has_one_thing_more_than_the_one_before():
    for before, after in pairwise(STEPS):
        changed = [
            name
            for name in ("schedule", "clusterer", "precision")
            if getattr(before, name) != getattr(after, name)
        ]
        assert len(changed) == 1
    assert {row.clusterer for row in ROWS} == set(CLUSTERERS)
    assert all(row.schedule == "published" for row in RIVALS)


def test_operations_of_the_schedules():
    architecture, stream, window = Architecture(), Inference(state="stream"), Inference(state="window")
    by_schedule = {row.schedule: row for row in STEPS}
    step = flops_per_frame(architecture, (256, 256))
    assert by_schedule["published"].flops(architecture, stream, (512, 512)) == 8 * 9 * step
    assert by_schedule["tiles"].flops(architecture, stream, (512, 512)) == 9 * step
    assert by_schedule["whole"].flops(architecture, stream, (512, 512)) == 4 * step
    assert by_schedule["infer"].flops(architecture, window, (512, 512)) == pytest.approx(4 * step * 8 / 7)


def test_the_tiled_stream_embeds_every_frame_once(subject):
    steps = []

    class Counting:
        def step(self, frame, state=None):
            steps.append(tuple(frame.shape))
            vectors = torch.zeros(len(frame), 2, *frame.shape[1:])
            return vectors, torch.zeros(frame.shape, dtype=torch.bool), []

    (tiles,) = (row for row in STEPS if row.schedule == "tiles")
    stream = Inference(state="stream")
    pairs = list(tiles.pairs(Counting(), stream, lambda t: torch.zeros(200, 300), (200, 300), 4, 0))
    assert steps == [(2, 256, 256)] * 4
    assert all(isinstance(pair, TilePair) for pair in pairs)
    assert pairs[0].tiles[0].vectors.shape == (2, 2, 200, 256)
    assert pairs[0].first.vectors.shape == (2, 200, 300)


def test_painted_embeddings_know_the_cells_in_tiles_too(subject):
    with open_video(subject.movie) as video:
        model = subject.load(video, CPU, torch.float32)
        preparation = model.card.preparation
        frame = torch.from_numpy(prepare(video.frame(3), preparation))
        shape = network_shape(video.shape[1:], preparation)
    vectors, foreground, state = model.network.step(frame)
    assert vectors.shape == (16, *shape)
    torch.testing.assert_close(vectors.norm(dim=0), torch.ones(shape))
    assert 0.1 < foreground.float().mean() < 0.7
    assert state[0].shape[1:] == (2, *shape)
    padded = torch.full((1, 256, 256), -1.0)
    padded[0, : shape[0], : shape[1]] = frame
    tiles, inside, _ = model.network.step(padded)
    assert torch.equal(tiles[0, :, : shape[0], : shape[1]], vectors)
    assert torch.equal(inside[0, : shape[0], : shape[1]], foreground)
    assert not inside[0, shape[0] :].any()


@pytest.mark.parametrize("name", FULL.datasets)
def test_every_geometry_can_be_simulated(name, tmp_path):
    movie = simulate(name, tmp_path, 2)
    subject = Subject(name, movie, None, simulated=True, untrained=TOY)
    with open_video(movie) as video:
        model = subject.load(video, CPU, torch.float32)
        frame = torch.from_numpy(prepare(video.frame(1), model.card.preparation))
        _, foreground, _ = model.network.step(frame)
    assert foreground.any()
    assert not foreground.all()
    assert isinstance(subject.settings(), Settings)


def test_stopwatch_counts_an_inner_stage_for_itself_alone():
    watch = Stopwatch(CPU)
    times = iter([0.0, 1.0, 3.0, 7.0])
    watch._now = lambda: next(times)
    with watch("outer"), watch("inner"):
        pass
    assert watch.lap() == {"inner": 2.0, "outer": 5.0}
    assert watch.lap() == {}


def test_a_convolution_has_a_rate_and_a_cpu_no_nvml():
    assert convolution_gflops(CPU, torch.float32) > 0
    assert with_peak(lambda: 3, CPU) == (3, None)


def row(variant, total, **more):
    stages = {stage: 0.0 for stage in STAGES} | {"network": total * 0.9, "clustering": total * 0.1}
    return {
        "variant": variant.name,
        "status": "done",
        "frames": 9,
        "averaged": 2,
        "stages": stages,
        "total": total,
        "points": 30_000,
        "floor": total / 2,
        "peak_mib": 12.3,
        "nvml_mib": None,
        "SEG": 0.81,
        "TRA": 0.93,
        **more,
    }


def record():
    totals = dict(zip([step.name for step in STEPS], (10.0, 8.0, 1.0, 1.0, 0.05, 0.05), strict=True))
    rows = [row(variant, totals.get(variant.name, 9.0)) for variant in ROWS]
    capped = {"variant": RIVALS[1].name, "status": "over the cap", "cap": 30}
    overflown = {"variant": RIVALS[2].name, "status": "overflow", "cap": 30}
    geometry = [
        {RIVALS[1].name: capped, RIVALS[2].name: overflown}.get(each["variant"], each) for each in rows
    ]
    return {
        "plan": "quick",
        "cap": 30,
        "budget": 8,
        "machine": {
            "device": "cpu",
            "processor": "a processor",
            "threads": 2,
            "load_average": [0.5, 0, 0],
            "gflops": 100.0,
        },
        "step": {
            "precision": "bfloat16",
            "seconds": 0.2,
            "gflops": 500.0,
            "convolution_gflops": 600.0,
            "share": 0.83,
        },
        "trained": {
            "model": "DIC-C2DH-HeLa",
            "movie": "DIC-C2DH-HeLa/01",
            "frames": [56, 65],
            "rows": rows,
        },
        "geometries": {"DIC-C2DH-HeLa": {"shape": [256, 256], "tiles": 1, "rows": geometry}},
        "picture": {"file": "pipeline_speed_cpu.png", "frames": 9},
    }


def test_the_record_is_rendered_with_its_ratios(tmp_path):
    (tmp_path / "pipeline_speed_cpu.json").write_text(json.dumps(record()))
    write_readme(tmp_path, tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "## The whole flow" in text
    assert "frames 56-64" in text
    line = "0.900 | 0.500 | 0.100 | 0.00 | 0.00 | 1.00 | 8.00 | 12.3 | 9 | 0.810 | 0.930 |"
    assert f"| + every frame once | {line}" in text
    assert "1.00 (in all 200)" in text
    assert "| published schedule, gpu-p |  |  |  |  |  | > 30 |" in text
    assert "| published schedule, published-faster-mean-shift |  |  |  |  |  | overflow |" in text
    assert "takes 0.5 GiB" in text
    assert "256 x 256 network pixels, 1 tile\n" in text
    assert "results/pipeline_speed_cpu.png" in text
    assert "plan `quick`, cap 30 s" in text


def test_a_measurement_that_was_stopped_is_rendered_as_far_as_it_came(tmp_path):
    unfinished = record() | {"geometries": {}}
    del unfinished["picture"]
    (tmp_path / "pipeline_speed_cuda.json").write_text(json.dumps(unfinished))
    write_readme(tmp_path, tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "The trained model on" in text
    assert "Fig. 8" not in text.split("## The whole flow")[1]


def test_targets_say_what_was_reached():
    text = targets(record())
    assert "| 83 % of 600 GFLOP/s | >= 75 % | yes |" in text
    assert text.count("| 200 | >= 100 | yes |") == 2
    assert "| 5.0 ms | <= 15 ms | yes |" in text
    assert "| 1.11 | <= 1.25 | yes |" in text


def test_a_table_without_its_first_row_has_no_ratio_to_it():
    unfinished = record()
    unfinished["geometries"]["DIC-C2DH-HeLa"]["rows"][0] = {
        "variant": STEPS[0].name,
        "status": "over the cap",
        "cap": 30,
    }
    assert targets(unfinished).count("| 200 | >= 100 |") == 1
    assert render(unfinished).count("(in all 200)") == 1
