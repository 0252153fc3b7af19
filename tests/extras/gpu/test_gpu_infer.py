"""Commands with `--device`: the results of the CPU, and what the record says of the GPU."""

import json
import shutil

import numpy as np
import pytest
import torch
from e2e.commands import cellseg, command, here
from e2e.conftest import model, movie  # noqa: F401
from e2e.test_infer import SMALL, files
from tifffile import imread, imwrite

from cellseg.ctc import evaluate
from cellseg.device import choose_precision
from cellseg.doctor import examine
from cellseg.embeddings import SavedEmbeddings
from cellseg.simulate import preset, write_ctc

MODEL = "DIC-C2DH-HeLa"


def masks(folder):
    """Files that do not depend on how numbers are rounded, but for the pixels on an edge."""
    return {name: data for name, data in files(folder).items() if name.endswith((".tif", ".txt"))}


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Frames of a simulated movie."""
    return write_ctc(preset(MODEL), tmp_path_factory.mktemp("cells"), "01", 8, 5)


def infer(cells, output, *more):
    cellseg("infer", cells, "--model", MODEL, "--set", "linker.border=0", "--output", output, *more)
    return output / "01_RES"


@pytest.fixture(scope="module")
def on_the_cpu(cells, tmp_path_factory):
    """What the CPU finds, as a ground truth."""
    folder = tmp_path_factory.mktemp("cpu")
    result = infer(cells, folder, "--device", "cpu", "--precision", "float32")
    truth = folder / "01_GT"
    for part, name in (("SEG", "man_seg"), ("TRA", "man_track")):
        (truth / part).mkdir(parents=True)
        for path in result.glob("mask*.tif"):
            shutil.copyfile(path, truth / part / path.name.replace("mask", name))
    shutil.copyfile(result / "res_track.txt", truth / "TRA" / "man_track.txt")
    return truth


@pytest.mark.parametrize(
    ("precision", "in_full", "least"),
    [("float32", True, 0.98), ("float32", False, 0.94), ("auto", False, 0.94)],
)
def test_the_result_is_that_of_the_cpu(
    device, cells, on_the_cpu, tmp_path, monkeypatch, precision, in_full, least
):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", not in_full)
    result = infer(cells, tmp_path, "--device", device, "--precision", precision)
    scores = evaluate(result, on_the_cpu).scores.as_dict()
    print(device, precision, in_full, scores)
    assert min(scores["SEG"], scores["TRA"]) > least
    record = json.loads((result / "run.json").read_text())
    wanted = torch.float32 if precision == "float32" else choose_precision("auto", device)
    assert record["model"]["precision"] == str(wanted).removeprefix("torch.")
    assert record["device"].startswith(device.type)
    if device.type == "cuda":
        assert 2**20 < record["peak_memory"]["cuda_allocator"] < record["peak_memory"]["nvml"]
    assert record["seconds"]["network"] > 0


def test_the_same_run_gives_the_same_bytes(device, cells, tmp_path):
    results = [infer(cells, tmp_path / name, "--device", device) for name in ("first", "second")]
    assert masks(results[0]) == masks(results[1])


def test_the_installed_command(device, movie, model, tmp_path):  # noqa: F811
    common = ("infer", movie, "--model", model, *SMALL)
    command(*common, "--output", tmp_path / "gpu", "--device", device)
    cellseg(*common, "--output", tmp_path / "cpu", "--device", "cpu")
    assert masks(tmp_path / "gpu" / "01_RES") == masks(tmp_path / "cpu" / "01_RES")


def test_tiles_in_little_memory(device, movie, model, tmp_path):  # noqa: F811
    for t in range(8):
        path = movie / f"t{t:03d}.tif"
        path.unlink() if t > 1 else imwrite(path, np.tile(imread(path), (22, 20)))
    common = ("infer", movie, "--model", model, "--device", device, "--precision", "float32", *SMALL)
    cellseg(*common, "--output", tmp_path / "whole")
    tiled = cellseg(*common, "--output", tmp_path / "tiled", "--max-memory", 0.1)
    assert "frames of 1056 x 1280 network pixels are embedded in tiles of" in tiled
    assert masks(tmp_path / "tiled" / "01_RES") == masks(tmp_path / "whole" / "01_RES")


def test_the_published_schedule(device, movie, model, tmp_path):  # noqa: F811
    common = ("infer", movie, "--model", model, "--device", device, *SMALL)
    cellseg(*common, "--output", tmp_path / "ours")
    cellseg(*common, "--output", tmp_path / "theirs", "--set", "inference.schedule=published")
    assert masks(tmp_path / "ours" / "01_RES") == masks(tmp_path / "theirs" / "01_RES")


def test_what_is_kept_of_the_embeddings(device, movie, model, tmp_path):  # noqa: F811
    common = ("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    cellseg(*common, "--save-embeddings", "--device", device)
    saved = SavedEmbeddings(tmp_path / "01_RES" / "embeddings")
    assert saved.frames() == list(range(8))
    np.testing.assert_array_equal(saved.frame(3).foreground, imread(movie / "t003.tif") > 100)
    assert saved.pair(3).modes.shape[1] == 4


def test_the_size_of_the_cells_is_estimated(device, movie, tmp_path):  # noqa: F811
    for name in (device.type, "cpu"):
        cellseg(
            "infer", movie, "--output", tmp_path / f"on-{name}", "--device", name, "--precision", "float32"
        )
    found, wanted = (
        json.loads((tmp_path / f"on-{name}" / "01_RES" / "run.json").read_text())["model"]["preparation"]
        for name in (device.type, "cpu")
    )
    assert found["cell_diameter_px"] == pytest.approx(wanted["cell_diameter_px"], rel=0.05)


def test_a_batch(device, movie, model, tmp_path):  # noqa: F811
    options = ("--model", model, "--output", tmp_path / "out", "--device", device, "--workers", 2, *SMALL)
    here("batch", movie, *options)
    (row,) = json.loads((tmp_path / "out" / "batch.json").read_text())["movies"]
    assert row["status"] == "done"
    assert device.type in row["where"]


def test_the_doctor_knows_it(device, tmp_path):
    found = {finding.check: finding for finding in examine(tmp_path)}
    assert (found["device"].state, found["precision"].state, found["memory"].state) == ("good",) * 3
    assert found["device"].message.startswith(device.type)
    if device.type == "cuda":
        assert torch.cuda.get_device_name() in found["device"].message
        assert "CUDA" in found["torch"].message
    assert device.type in here("doctor", check=None).stdout
