"""`cellseg train` on a lab's own movies and images: no configuration, few masks, mistakes of all kinds."""

import json
import shutil

import numpy as np
import pytest
import yaml
from e2e.commands import cellseg
from imagecodecs import imread as read_png
from imagecodecs import png_encode
from tifffile import imread, imwrite

from cellseg.training.pictures import BOTH

QUICK = ("--set", "steps=2", "--set", "validate_every=2", "--set", "crop=[16,16]", "--set", "batch=1")
RECIPE = {
    "architecture": {"filters": 4, "levels": 2, "embedding_size": 4},
    "preparation": {"input_px_per_network_px": [1, 1], "smoothing_sigma": 0},
    "cell_diameter": 10,
}


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(RECIPE))
    return ("--recipe", path, *QUICK)


@pytest.fixture
def outlines(movie):
    """Folder of full masks, all that the movie has."""
    shutil.rmtree(movie.with_name("01_GT") / "TRA")
    return movie.with_name("01_GT") / "SEG"


def card_of(folder):
    return yaml.safe_load((folder / "model.yaml").read_text())


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_few_corrected_frames_and_a_model_to_start_from(movie, outlines, model, tmp_path):
    for number in (1, 2, 4):
        (outlines / f"man_seg{number:03d}.tif").unlink()
    own = tmp_path / "own"
    said = cellseg("train", "--movie", movie, "--from", model, "--output", own, *QUICK)
    assert "data/01: 5 of 8 frames have masks" in said
    assert "learns from frames 0, 3, 5-6; frames 7 are scored" in said
    log, card = rows(own), card_of(own)
    assert [row["step"] for row in log if "SEG" in row] == [0, 2]
    assert log[0]["SEG"] > 0.8
    assert log[0]["TRA"] == 1
    training = card["training"]
    assert training["data"] == ["data/01"]
    assert training["frames"] == [[0, 7]]
    assert training["start"] == {"name": "bright", "sha256": card_of(model)["weights"]["sha256"]}
    assert training["validated_on"] == ["data/01, frames 7"]
    assert training["validation"]["SEG"] >= log[0]["SEG"]
    assert training["settings"]["learning_rate"] == 2e-4
    # 12.x pixels across, as the model's own cells are 10 network pixels: a scale of 1.2.
    preparation = card["preparation"]
    scale = preparation["cell_diameter_px"] / 10
    assert 1.1 < scale < 1.4
    assert preparation["input_px_per_network_px"] == pytest.approx([scale, scale])
    assert card["inference"]["state"] == "stream"
    page = (own / "README.md").read_text()
    assert "data/01, frames 0, 3, 5-6" in page
    assert f"bright (weights of SHA-256 `{training['start']['sha256']}`)" in page
    pictures = sorted((own / "pictures").iterdir())
    assert [path.name for path in pictures] == [f"step00000{n}-data-01-007.png" for n in (0, 2)]
    assert (read_png(pictures[0]) == np.array(BOTH)).all(-1).any()
    assert not (own / "validation").exists()
    cellseg("infer", movie, "--model", own, "--output", tmp_path)
    assert json.loads((tmp_path / "01_RES" / "run.json").read_text())["model"]["preparation"] == preparation


def test_a_result_that_was_corrected(movie, model, recipe, tmp_path):
    shutil.rmtree(movie.with_name("01_GT"))
    cellseg("infer", movie, "--model", model, "--set", "instances.min_area=20")
    result = movie.with_name("01_RES")
    own = ("train", "--movie", movie, "--output", tmp_path / "own", *recipe)
    assert f"if you have corrected it, add --truth {result}" in cellseg(*own, check=1)
    for number in range(5):
        (result / f"mask{number:03d}.tif").unlink()
    said = cellseg(*own, "--truth", result, "--frames", "5:7")
    assert "learns from frames 5-6; none of them is scored" in said
    assert "the weights of the last step are kept" in said
    card = card_of(tmp_path / "own")
    assert card["training"]["frames"] == [[5, 7]]
    assert card["training"]["validation"] == {}
    assert card["training"]["steps"] == 2


def test_another_movie_is_scored(movie, outlines, recipe, tmp_path):
    for folder in ("01", "01_GT"):
        shutil.copytree(movie.with_name(folder), movie.with_name(folder.replace("1", "2")))
    own = ("train", "--movie", movie, "--output", tmp_path / "own", *recipe)
    said = cellseg(*own, "--validate", movie.with_name("02"), "--diameter", 20)
    assert "01: learns from frames 0-7" in said
    assert "02: frames 0-7 are scored" in said
    card = card_of(tmp_path / "own")
    assert card["training"]["data"] == ["data/01"]
    assert card["training"]["validated_on"] == ["data/02, frames 0-7"]
    assert card["preparation"]["cell_diameter_px"] == 20
    assert card["preparation"]["input_px_per_network_px"] == [2, 2]


def test_movies_of_different_scales_meet_at_one(movie, outlines, recipe, tmp_path):
    for folder in ("01", "01_GT"):
        shutil.copytree(movie.with_name(folder), movie.with_name(folder.replace("1", "2")))
    for path in [*movie.with_name("02").glob("*.tif"), *movie.with_name("02_GT").glob("SEG/*.tif")]:
        imwrite(path, imread(path).repeat(3, 0).repeat(3, 1))
    own = tmp_path / "own"
    said = cellseg("train", "--movie", movie, "--movie", movie.with_name("02"), "--output", own, *recipe)
    assert "the cells of these sources differ in size" in said
    last = rows(own)[-1]
    assert last["SEG"] == pytest.approx((last["SEG data-01"] + last["SEG data-02"]) / 2)


def write_stills(movie, folder, count, binary=False):
    """Make images of the first frames of a movie; the arguments that name them."""
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for index in range(count):
        image = imread(movie / f"t{index:03d}.tif")
        labels = imread(movie.with_name("01_GT") / "SEG" / f"man_seg{index:03d}.tif")
        (folder / "images" / f"{index}.png").write_bytes(png_encode(image))
        imwrite(folder / "masks" / f"{index}.tif", (labels > 0).astype(np.uint8) * 255 if binary else labels)
    return ("--stills", folder / "images", folder / "masks")


def test_still_images(movie, model, tmp_path):
    own = tmp_path / "own"
    said = cellseg("train", *write_stills(movie, tmp_path, 8), "--from", model, "--output", own, *QUICK)
    assert "images: learns from 6 of them; 2 are scored" in said
    log, card = rows(own), card_of(own)
    assert log[0]["SEG"] > 0.8
    assert "TRA" not in log[0]
    assert card["training"]["data"] == ["images"]
    assert card["training"]["validated_on"] == ["2 images of images"]
    assert "6 images of images" in (own / "README.md").read_text()
    assert len(list((own / "pictures").glob("step000000-images-*.png"))) == 2


def test_binary_masks_are_accepted_with_a_word(movie, model, tmp_path):
    own = ("--from", model, "--output", tmp_path / "own", *QUICK, "--set", "steps=1")
    said = cellseg("train", *write_stills(movie, tmp_path, 3, binary=True), *own)
    assert "every connected piece is taken for a cell" in said


def test_masks_numbered_anew_in_every_frame_teach_no_tracking(movie, outlines, model, tmp_path):
    for number in range(1, 8, 2):
        path = outlines / f"man_seg{number:03d}.tif"
        labels = imread(path)
        imwrite(path, np.where(labels > 0, 10 - labels, 0).astype(np.uint16))
    own = tmp_path / "own"
    said = cellseg("train", "--movie", movie, "--from", model, "--output", own, *QUICK)
    assert "a cell changes its number from frame to frame" in said
    assert set(rows(own)[0]) == {"step", "SEG"}


def test_a_mask_without_cells_is_spoken_of(movie, outlines, recipe, tmp_path):
    imwrite(outlines / "man_seg002.tif", np.zeros((48, 64), np.uint16))
    said = cellseg("train", "--movie", movie, "--output", tmp_path / "own", *recipe, "--frames", "1:3")
    assert "no cell in the masks of frames 2" in said


def test_a_stack_with_masks_beside_it(movie, outlines, recipe, tmp_path):
    stack = tmp_path / "film.tif"
    imwrite(stack, np.stack([imread(path) for path in sorted(movie.glob("*.tif"))]), photometric="minisblack")
    own = tmp_path / "own"
    cellseg("train", "--movie", stack, "--truth", outlines, "--output", own, *recipe, "--frames", "0:2")
    assert card_of(own)["training"]["data"] == [f"{tmp_path.name}/film"]


def resize(path):
    imwrite(path, imread(path)[:, :-1])


def recolour(path):
    image = imread(path)
    imwrite(path, np.dstack([image, image // 2, image]), photometric="rgb")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: resize(m.parent / "01_GT/SEG/man_seg007.tif"), "man_seg007.tif: is 48 x 63 pixels (y, x)"),
        (lambda m: recolour(m / "t000.tif"), "is in colour"),
        (
            lambda m: imwrite(m.parent / "01_GT/SEG/man_seg003.tif", np.ones((48, 64), np.float32)),
            "man_seg003.tif: holds float32 values",
        ),
        (lambda m: shutil.rmtree(m.parent / "01_GT"), "there are no masks to learn from"),
        (lambda m: (m / "t007.tif").unlink(), "masks of the frames 7, but no such frames: they are 0-6"),
        (
            lambda m: [
                imwrite(path, np.zeros((48, 64), np.uint8)) for path in (m.parent / "01_GT/SEG").iterdir()
            ],
            "there is no cell in the ground truth",
        ),
        (lambda m: shutil.rmtree(m), "does not exist"),
    ],
)
def test_mistakes_are_named(movie, outlines, recipe, tmp_path, change, words):
    change(movie)
    said = cellseg("train", "--movie", movie, "--output", tmp_path / "own", *recipe, check=1)
    assert words in said
    assert "\n  " in said  # what to do


def test_a_model_that_does_not_know_its_cells_gives_no_scale(movie, model, tmp_path):
    own = shutil.copytree(model, tmp_path / "unsaid")
    text = (own / "model.yaml").read_text()
    (own / "model.yaml").write_text(text.replace("cell_diameter_px: 10.0", "cell_diameter_px: null"))
    said = cellseg("train", "--movie", movie, "--from", own, "--output", tmp_path / "own", check=1)
    assert "does not say how large the cells were" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "either --movie or --stills"),
        (("--movie", "01", "--dataset", "DIC-C2DH-HeLa"), "either --movie or --stills"),
        (("--dataset", "DIC-C2DH-HeLa", "--dataset", "DIC-C2DH-HeLa"), "dataset DIC-C2DH-HeLa twice"),
        (("--dataset", "DIC-C2DH-HeLa", "--sequence", "01", "--sequence", "01"), "sequence 01 twice"),
        (("--movie", "01", "--movie", "./01"), "twice"),
        (("--movie", "01", "--validate", "01"), "twice"),
        (("--movie", "01", "--movie", "02", "--truth", "01_RES"), "one for each of the 2 movies"),
        (("--movie", "01", "--sequence", "01"), "goes with --dataset alone"),
        (("--movie", "01", "--simulated", "3"), "goes with --dataset alone"),
        (("--dataset", "DIC-C2DH-HeLa", "--diameter", "30"), "goes with --movie or --stills alone"),
        (("--stills", "a", "b", "--truth", "c"), "goes with --movie alone"),
        (("--stills", "a", "b", "--frames", "0:3"), "goes with --movie or --dataset alone"),
    ],
)
def test_wrong_usage(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = cellseg("train", "--output", tmp_path / "own", *arguments, check=2)
    assert words in " ".join(said.split())
