"""`cellseg train`: from movies with ground truth to a model that `infer` takes."""

import json
import shutil

import pytest
import yaml
from e2e.commands import cellseg

RECIPE = {
    "architecture": {"filters": 4, "levels": 2, "embedding_size": 4},
    "preparation": {"input_px_per_network_px": [2, 2], "smoothing_sigma": 0},
    "clip_frames": 2,
    "steps": 6,
    "reset_probability": 0.3,
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
    # Of equal scores the later one is kept.
    best = max((row for row in log if "SEG" in row), key=lambda row: (row["SEG"] + row["TRA"], row["step"]))
    assert card["training"]["steps"] == best["step"]
    assert card["training"]["validation"] == {name: best[name] for name in card["training"]["validation"]}
    assert card["training"]["validated_on"] == ["Lab/01, frames 3-4"]
    assert card["training"]["start"] is None
    assert card["inference"]["state"] == "stream"
    cellseg("infer", movie, "--model", tmp_path / "model", "--output", tmp_path)

    # What the weights are used to is theirs, whatever the recipe says.
    other = RECIPE | {"architecture": {"filters": 8}, "preparation": {"input_px_per_network_px": [1, 1]}}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(other))
    cellseg(*lab[:-1], tmp_path / "second", "--from", tmp_path / "model", "--set", "steps=1")
    second = yaml.safe_load((tmp_path / "second" / "model.yaml").read_text())
    assert second["architecture"] == card["architecture"]
    assert second["preparation"] == card["preparation"] | {
        # The cells are measured again, in original pixels.
        name: pytest.approx(card["preparation"][name], rel=0.02)
        for name in ("input_px_per_network_px", "cell_diameter_px")
    }


def test_one_model_learns_several_datasets_each_at_its_own_scale(lab, movie, tmp_path):
    from tifffile import imread, imwrite

    second = tmp_path / "movies" / "Twice"
    for folder in ("01", "01_GT"):
        shutil.copytree(movie.with_name(folder), second / folder)
    for path in [*second.glob("01/*.tif"), *second.glob("01_GT/*/*.tif")]:
        imwrite(path, imread(path).repeat(2, 0).repeat(2, 1))
    (tmp_path / "twice.yaml").write_text(yaml.safe_dump(DATASET | {"dataset": "Twice"}))
    cellseg(
        *(*lab, "--dataset", tmp_path / "twice.yaml", "--set", "cell_diameter=8"),
        *("--set", "preparation.input_px_per_network_px=[1,1]", "--set", "crop=[16,16]"),
    )
    card = yaml.safe_load((tmp_path / "model" / "model.yaml").read_text())
    assert card["training"]["data"] == ["Lab/01", "Twice/01"]
    assert card["preparation"]["input_px_per_network_px"] == [1, 1]
    assert card["preparation"]["cell_diameter_px"] == 8
    log = [json.loads(line) for line in (tmp_path / "model" / "log.jsonl").read_text().splitlines()]
    last = log[-1]
    assert last["TRA"] == pytest.approx((last["TRA Lab-01"] + last["TRA Twice-01"]) / 2)
    cellseg("infer", movie, "--model", tmp_path / "model", "--diameter", "12.5", "--output", tmp_path)
    record = json.loads((tmp_path / "01_RES" / "run.json").read_text())
    assert record["model"]["preparation"]["input_px_per_network_px"] == pytest.approx([12.5 / 8] * 2)


def test_two_sequences_of_a_dataset_give_a_model_of_its_scale(lab, movie, tmp_path):
    cellseg(*lab, "--set", "steps=1", "--set", "validate_every=1")
    for folder in (movie, movie.with_name("01_GT")):
        copy = tmp_path / "movies" / "Lab" / folder.name.replace("01", "02")
        shutil.copytree(folder, copy)
    both = ("--sequence", "01", "--sequence", "02", "--frames", "0:3", "--set", "steps=1")
    cellseg(*lab[:-1], tmp_path / "both", *both, "--from", tmp_path / "model")
    cards = [yaml.safe_load((tmp_path / name / "model.yaml").read_text()) for name in ("model", "both")]
    one, two = (card["preparation"] for card in cards)
    assert cards[1]["training"]["data"] == ["Lab/01", "Lab/02"]
    assert two["any_size"] is False
    assert two["input_px_per_network_px"] == pytest.approx(one["input_px_per_network_px"], rel=0.02)


def test_a_model_that_knows_no_size_keeps_its_scale(lab, tmp_path):
    cellseg(*lab, "--set", "steps=1", "--set", "validate_every=1")
    path = tmp_path / "model" / "model.yaml"
    card = yaml.safe_load(path.read_text())
    card["preparation"]["cell_diameter_px"] = None
    path.write_text(yaml.safe_dump(card))
    cellseg(*lab[:-1], tmp_path / "next", "--from", tmp_path / "model", "--set", "steps=1")
    trained = yaml.safe_load((tmp_path / "next" / "model.yaml").read_text())
    assert trained["preparation"]["input_px_per_network_px"] == card["preparation"]["input_px_per_network_px"]


def test_a_model_whose_state_lives_on_is_shown_no_crowds(lab, tmp_path):
    cellseg(*lab, "--set", "steps=1", "--set", "validate_every=1")
    crowded = RECIPE | {"reset_probability": 1.0, "crowded_share": 0.5}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(crowded))
    cellseg(*lab[:-1], tmp_path / "next", "--from", tmp_path / "model", "--set", "steps=1")
    trained = yaml.safe_load((tmp_path / "next" / "model.yaml").read_text())
    assert trained["inference"]["state"] == "stream"
    assert trained["training"]["settings"]["crowded_share"] == 0


def test_a_training_that_is_done_has_nothing_to_do(lab, tmp_path):
    cellseg(*lab, "--set", "reset_probability=1")
    before = (tmp_path / "model" / "log.jsonl").read_text()
    cellseg(*lab, "--set", "reset_probability=1")
    assert (tmp_path / "model" / "log.jsonl").read_text() == before
    refused = cellseg(*lab, "--set", "reset_probability=1", "--set", "learning_rate=0.5", check=1)
    assert "another settings.learning_rate" in refused
    card = yaml.safe_load((tmp_path / "model" / "model.yaml").read_text())
    assert card["inference"]["state"] == "window"


@pytest.mark.parametrize(
    ("changes", "words", "code"),
    [
        (("--sequence", "07"), "07", 1),
        (("--set", "stepps=3"), "steps", 2),
        (("--set", "steps=0"), "steps", 2),
        (("--from", "no-such-model"), "no model named", 1),
        (("--simulated", "1"), "Lab", 1),
        (("--frames", "50:60"), "50", 1),
    ],
)
def test_errors_say_what_to_do(lab, changes, words, code):
    assert words in cellseg(*lab, *changes, check=code)


def test_another_architecture_is_refused(lab, model):
    said = cellseg(*lab, "--from", model, "--set", "architecture.filters=8", check=1)
    assert "another architecture" in said


def test_a_movie_with_a_gap_is_learnt_from_on_both_sides(lab, tmp_path):
    (tmp_path / "movies" / "Lab" / "01" / "t001.tif").unlink()
    cellseg(*lab, "--frames", "0:8")
    card = yaml.safe_load((tmp_path / "model" / "model.yaml").read_text())
    assert card["training"]["frames"] == [[0, 8]]
    assert card["terms"] == "Not stated by whoever trained it."
    assert card["preparation"]["cell_diameter_px"] == pytest.approx(12.5, abs=1)


def test_markers_that_are_no_masks_need_outlines_in_the_same_frames(lab, movie, tmp_path):
    from tifffile import imread, imwrite

    truth = tmp_path / "movies" / "Lab" / "01_GT"
    for path in (truth / "TRA").glob("*.tif"):
        image = imread(path)
        image[:, ::3] = 0
        image[::2] = 0
        imwrite(path, image)
    for number in (0, 1, 2, 3, 4, 5, 6):
        (truth / "SEG" / f"man_seg{number:03d}.tif").unlink()
    assert "no full masks of the frames 0:3; there are masks of the frames 7" in cellseg(*lab, check=1)


def test_an_interrupted_validation_is_made_up_for(lab, tmp_path):
    from cellseg.training.product import Product

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Product, "validate", lambda self, network, step: (_ for _ in ()).throw(OSError("full")))
        cellseg(*lab, check=1)
    cellseg(*lab)
    log = [json.loads(line) for line in (tmp_path / "model" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 3, 4, 5, 6]
    assert [row["step"] for row in log if "SEG" in row] == [3, 6]
