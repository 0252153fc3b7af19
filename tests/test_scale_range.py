"""What is said of movies whose cells are of a size that a model is not meant for."""

from __future__ import annotations

import pytest

from cellseg.cell_size import typical_diameter
from cellseg.config import Preparation, load_model_card
from cellseg.resources import available, find
from cellseg.scale_range import diameter_range, scale_warnings, size_warning

GENERAL = Preparation(input_px_per_network_px=(1, 1), cell_diameter_px=28, any_size=True)
SPECIAL = Preparation(input_px_per_network_px=(2, 2), cell_diameter_px=60)
FRAME = (1000, 800)


@pytest.mark.parametrize(
    ("trained", "factor", "words"),
    [
        (GENERAL, 1.0, []),
        (GENERAL, 0.5, []),
        (GENERAL, 8.0, []),
        (GENERAL, 0.4, ["enlarged 2.5 times"]),
        (GENERAL, 0.2, ["enlarged 5 times", "5.6 pixels across are too small"]),
        (GENERAL, 10.0, ["shrunk 10 times"]),
        (GENERAL, 15.0, ["shrunk 15 times", "420 pixels across hardly fit into frames of 1000 x 800"]),
        (SPECIAL, 1.9, []),
        (SPECIAL, 2.5, ["shrunk 2.5 times"]),
        (SPECIAL, 0.4, ["enlarged 2.5 times"]),
    ],
)
def test_scales(trained, factor, words):
    said = scale_warnings(trained, trained.scaled((factor, factor)), FRAME)
    assert len(said) == len(words)
    for sentence, word in zip(said, words, strict=True):
        assert word in sentence


def test_pixels_that_are_not_square_count_by_the_worse_side():
    (said,) = scale_warnings(SPECIAL, SPECIAL.scaled((1.0, 3.0)), FRAME)
    assert "shrunk 3 times" in said


def test_a_model_that_states_no_diameter_is_judged_by_its_scale_alone():
    trained = Preparation(input_px_per_network_px=(1, 1), pixel_size_um=(0.5, 0.5))
    assert scale_warnings(trained, trained.scaled((1.5, 1.5)), (10, 10)) == []
    assert len(scale_warnings(trained, trained.scaled((4.0, 4.0)), (10, 10))) == 1
    assert size_warning(100.0, trained) is None
    assert diameter_range(trained) is None


def test_cells_that_are_not_as_large_as_was_looked_for():
    assert size_warning(20.0, GENERAL) is None
    assert "typically 10 pixels across, but the model looked for cells of 28" in size_warning(10.0, GENERAL)
    assert size_warning(70.0, GENERAL) is not None


def test_every_pixel_has_a_vote():
    import numpy as np

    assert typical_diameter(np.array([100, 100])) == pytest.approx(2 * (100 / np.pi) ** 0.5)
    # One large cell, and the crumbs of another.
    assert typical_diameter(np.array([400, *[4] * 25])) == pytest.approx(2 * (320.8 / np.pi) ** 0.5)
    assert typical_diameter(np.zeros(0, np.int64)) is None


@pytest.mark.parametrize("name", available("models"))
def test_models_are_meant_for_the_cells_they_were_trained_on(name):
    preparation = load_model_card(find("models", name) / "model.yaml").preparation
    least, most = diameter_range(preparation)
    assert least < preparation.cell_diameter_px < most
    assert scale_warnings(preparation, preparation, FRAME) == []
