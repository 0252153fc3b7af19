"""`cellseg train`: from movies with ground truth to a model that `infer` takes."""

import json
import shutil

import pytest
import yaml
from test_infer import cellseg

RECIPE = {
    "architecture": {"filters": 4, "levels": 2, "embedding_size": 4},
    "preparation": {"input_px_per_network_px": [2, 2], "smoothing_sigma": 0},
    "clip_frames": 2,
    "steps": 6,
    "validate_every": 3,
    "checkpoint_every": 2,
}
DATASET = {
    "dataset": "Lab",
    "instances": {"min_area": 20},
    "blocks": {"01": {"training": [0, 3], "validation": [3, 5], "held_out": [13, 14]}},
}


@pytest.fixture
def lab(movie, tmp_path):
    """A lab's own movie, its dataset description and a recipe; the arguments that name them."""
    data = tmp_path / "movies" / "Lab"
    data.mkdir(parents=True)
    for folder in (movie, movie.with_name("01_GT")):
        shutil.copytree(folder, data / folder.name)
    for name, content in (("lab.yaml", DATASET), ("recipe.yaml", RECIPE)):
        (tmp_path / name).write_text(yaml.safe_dump(content))
    return (
        *("train", "--dataset", tmp_path / "lab.yaml", "--data", tmp_path / "movies"),
        *("--recipe", tmp_path / "recipe.yaml", "--output", tmp_path / "model"),
    )


def test_a_trained_model_is_used_and_trained_on(lab, movie, tmp_path):
    cellseg(*lab)
    log = [json.loads(line) for line in (tmp_path / "model" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 3, 4, 5, 6]
    assert [row["step"] for row in log if "SEG" in row] == [3, 6]
    assert all(0 <= row["TRA"] <= 1 for row in log if "TRA" in row)
    card = yaml.safe_load((tmp_path / "model" / "model.yaml").read_text())
    assert card["training"]["data"] == ["Lab/01"]
    assert card["training"]["frames"] == [[0, 3]]
    assert card["training"]["steps"] == 6
    assert card["inference"]["state"] == "stream"
    cellseg("infer", movie, "--model", tmp_path / "model", "--output", tmp_path)
    cellseg(*lab[:-1], tmp_path / "second", "--from", tmp_path / "model", "--set", "steps=1")


def test_a_training_that_is_done_has_nothing_to_do(lab, tmp_path):
    cellseg(*lab, "--set", "reset_probability=1")
    before = (tmp_path / "model" / "weights.safetensors").read_bytes()
    cellseg(*lab, "--set", "reset_probability=1")
    assert (tmp_path / "model" / "weights.safetensors").read_bytes() == before
    card = yaml.safe_load((tmp_path / "model" / "model.yaml").read_text())
    assert card["inference"]["state"] == "window"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("--sequence", "07"), "07"),
        (("--set", "stepps=3"), "steps"),
        (("--set", "steps=0"), "steps"),
        (("--from", "no-such-model"), "no model named"),
        (("--simulated", "1"), "Lab"),
        (("--frames", "50:60"), "50"),
    ],
)
def test_errors_say_what_to_do(lab, changes, words):
    assert words in cellseg(*lab, *changes, check=1)


def test_another_architecture_is_refused(lab, model):
    said = cellseg(*lab, "--from", model, "--set", "architecture.filters=8", check=1)
    assert "another architecture" in said
