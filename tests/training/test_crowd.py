"""Cells of another place are added where there is room for them, and nowhere else."""

import numpy as np
import pytest
import torch

from cellseg.config import Preparation
from cellseg.errors import CellsegError
from cellseg.training import Movie, TrainingSettings
from cellseg.training.crowd import crowded
from cellseg.training.labels import FOREGROUND, IGNORED
from cellseg.training.player import Player
from cellseg.training.settings import load_recipe

PREPARATION = Preparation(input_px_per_network_px=(1, 1))


def clip(*squares, size=32, frames=2):
    """Frames with squares of 6 x 6 pixels: (y, x, label, brightness)."""
    images = torch.full((frames, size, size), 1.0)
    labels = torch.zeros((frames, size, size), dtype=torch.int32)
    for y, x, label, brightness in squares:
        images[:, y : y + 6, x : x + 6] = brightness
        labels[:, y : y + 6, x : x + 6] = label
    return images, labels


def test_a_guest_takes_the_place_of_background_and_a_number_of_its_own():
    images, labels = clip((2, 2, 3, 5.0))
    guests, guest_labels = clip((20, 20, 3, 4.0))
    together, numbers = crowded(images, labels, guests, guest_labels)
    assert (numbers[:, 2:8, 2:8] == 3).all()
    assert (numbers[:, 20:26, 20:26] == 6).all()
    assert (numbers > 0).sum() == 2 * 72
    assert torch.equal(together, torch.maximum(images, guests))


def test_a_guest_that_lies_on_a_cell_is_left_out_with_its_light():
    images, labels = clip((10, 10, 1, 5.0))
    guests, guest_labels = clip((12, 15, 1, 9.0))  # one column of six, more than a tenth
    together, numbers = crowded(images, labels, guests, guest_labels)
    assert torch.equal(together, images)
    assert torch.equal(numbers, labels)


def test_a_guest_that_lies_a_little_on_a_cell_leaves_it_its_pixels():
    images, labels = clip((10, 10, 1, 5.0))
    guests, guest_labels = clip((15, 14, 1, 4.0))  # two of 36 pixels
    _, numbers = crowded(images, labels, guests, guest_labels)
    assert (numbers[:, 10:16, 10:16] == 1).all()
    assert (numbers == 2).sum() == 2 * 34


@pytest.mark.parametrize("what", [IGNORED, FOREGROUND])
def test_nothing_is_known_of_what_lies_under_a_guest_there(what):
    images, labels = clip()
    labels[:] = what
    _, numbers = crowded(images, labels, *clip((10, 10, 1, 4.0)))
    assert (numbers == what).all()


def test_the_light_of_guests_that_stay_away_stays_away():
    images, labels = clip((10, 10, 1, 5.0))
    # The second guest touches the first, which finds a place.
    together, numbers = crowded(images, labels, *clip((10, 22, 1, 4.0), (10, 16, 2, 7.0), (10, 11, 2, 7.0)))
    assert (numbers[:, 10:16, 22:28] == 2).all()
    assert together.max() == 5


def movie(contrast):
    rng = np.random.default_rng(0)
    images = rng.normal(1, 0.2, (3, 40, 40)).astype(np.float32)
    labels = np.zeros((3, 40, 40), np.int32)
    labels[:, 5:11, 5:11] = 7
    images[labels > 0] += contrast
    return Movie(images, labels)


@pytest.mark.parametrize(("contrast", "bright"), [(3.0, True), (0.0, False), (-3.0, False)])
def test_cells_are_bright_when_they_stand_out(contrast, bright):
    assert movie(contrast).bright is bright


def test_a_movie_without_cells_is_not_bright():
    assert not Movie(np.ones((2, 8, 8), np.float32), np.zeros((2, 8, 8), np.int32)).bright


def cells(contrast, share):
    settings = TrainingSettings(preparation=PREPARATION, clip_frames=2, crowded_share=share)
    player = Player([movie(contrast)], [], settings, (64, 64), 0)
    labels = [player.clip(i).labels.numpy() for i in range(60)]
    return [len(np.unique(clip[clip > 0])) for clip in labels]


def test_only_movies_with_bright_cells_are_crowded():
    assert max(cells(3.0, 0.0)) == 1
    assert max(cells(0.0, 0.6)) == 1
    assert max(cells(3.0, 0.6)) > 2


def test_a_state_that_lives_on_knows_no_crowds():
    with pytest.raises(ValueError, match="reset_probability must be 1"):
        TrainingSettings(preparation=PREPARATION, crowded_share=0.5, reset_probability=0.5)


def test_a_recipe_says_so(tmp_path):
    recipe = tmp_path / "recipe.yaml"
    text = "preparation: {input_px_per_network_px: [1, 1]}\ncrowded_share: 1.0\n"
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(CellsegError, match="crowded_share"):
        load_recipe(recipe)
