"""How large cells are, by the generalist's own eyes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tifffile import imwrite

from cellseg.cell_size import estimate_diameter
from cellseg.config import Settings
from cellseg.rshn import load_model
from cellseg.simulate import preset, write_ctc
from cellseg.training import typical_diameter
from cellseg.video import open_video


@pytest.fixture(scope="module")
def generalist():
    return load_model("generalist", torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("diameter", [24.0, 62.0])
def test_cells_of_any_size_are_measured(generalist, tmp_path, diameter):
    nuclei = replace(preset("Fluo-N2DH-GOWT1"), diameter=diameter, density=0.25)
    movie = write_ctc(nuclei, tmp_path, "01", 3, 5, shape=(320, 320))
    true = typical_diameter(movie, None)
    with open_video(movie) as video:
        estimated = estimate_diameter(video, generalist, Settings())
    assert estimated == pytest.approx(true, rel=0.25)


def test_a_movie_without_cells_has_no_estimate(generalist, tmp_path):
    for t in range(3):
        imwrite(tmp_path / f"t{t:03d}.tif", np.full((64, 64), 7, np.uint16))
    with open_video(tmp_path) as video:
        assert estimate_diameter(video, generalist, Settings()) is None


def test_a_single_frame_is_enough(generalist, tmp_path):
    nuclei = replace(preset("Fluo-N2DH-GOWT1"), diameter=30.0, density=0.25)
    movie = write_ctc(nuclei, tmp_path, "01", 1, 5, shape=(192, 192))
    with open_video(movie) as video:
        estimated = estimate_diameter(video, generalist, Settings())
    assert estimated == pytest.approx(typical_diameter(movie, None), rel=0.25)
