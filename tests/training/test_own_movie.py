"""A lab's own movie: which frames are learnt from, at which scale, and where inference begins."""

import numpy as np
import pytest
from tifffile import imwrite

from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights
from cellseg.errors import CellsegError
from cellseg.training import OwnMovie, TrainingSettings, suited_to

SETTINGS = TrainingSettings(
    preparation=Preparation(input_px_per_network_px=(1, 1), smoothing_sigma=0.5), cell_diameter=4
)


@pytest.fixture
def write(tmp_path):
    """Write frames with some numbers, and masks of a cell of 8 x 8 pixels in some of them."""

    def run(frames, masks):
        for name in ("01", "01_GT/SEG"):
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
        for number in frames:
            imwrite(tmp_path / "01" / f"t{number:03d}.tif", np.zeros((20, 30), np.uint8))
        for number in masks:
            path = tmp_path / "01_GT" / "SEG" / f"man_seg{number:03d}.tif"
            imwrite(path, np.pad(np.full((8, 8), 3, np.uint16), ((6, 6), (11, 11))))
        return tmp_path / "01"

    return run


def material(movie, settings=SETTINGS, **options):
    said = []
    return OwnMovie(movie, **options).material(settings, said.append), said


def test_the_scale_follows_from_the_cells(write):
    found, _ = material(write(range(10), range(10)))
    across = 8 * (4 / np.pi) ** 0.5
    assert found.diameter == pytest.approx(across)
    assert found.preparation.input_px_per_network_px == pytest.approx((across / 4,) * 2)
    assert found.preparation.smoothing_sigma == pytest.approx(0.5 * across / 4)
    assert found.preparation.cell_diameter_px == pytest.approx(across)
    assert found.movies[0].images.shape == (7, round(20 / across * 4), round(30 / across * 4))
    said, _ = material(write(range(10), []), diameter=8)
    assert said.preparation.input_px_per_network_px == (2, 2)


def test_a_recipe_with_a_scale_keeps_it(write):
    settings = SETTINGS.model_copy(update={"cell_diameter": None})
    found, _ = material(write(range(10), range(10)), settings)
    assert found.preparation.input_px_per_network_px == (1, 1)
    assert found.preparation.cell_diameter_px == pytest.approx(8 * (4 / np.pi) ** 0.5)


def test_inference_begins_a_little_before_what_is_scored(write):
    found, said = material(write(range(40), range(0, 40, 4)))
    assert found.learnt == (0, 4, 8, 12, 16, 20, 24)
    assert found.validation.truth.numbers == (28, 32, 36)
    assert found.validation.begin == 20
    assert found.validation.about.endswith("/01, frames 28, 32, 36")
    assert "10 of 40 frames have masks" in said[0]


def test_inference_does_not_leap_over_missing_frames(write):
    found, _ = material(write([*range(9), *range(12, 20)], [*range(9), 13]))
    assert found.learnt == tuple(range(9))
    assert found.validation.truth.numbers == (13,)
    assert found.validation.begin == 12


def test_a_movie_may_be_learnt_from_or_scored_alone(write):
    movie = write(range(9), range(9))
    learnt, _ = material(movie, use="learn")
    assert (len(learnt.learnt), learnt.validation) == (9, None)
    scored, _ = material(movie, use="score")
    assert (scored.movies, scored.validation.truth.numbers) == ([], tuple(range(9)))


def test_nothing_is_scored_of_two_frames(write):
    found, said = material(write(range(9), [2, 5]))
    assert (found.learnt, found.validation) == ((2, 5), None)
    assert "none of them is scored" in said[1]


def test_masks_without_frames_are_refused(write):
    with pytest.raises(CellsegError, match="masks of the frames 8-9, but no such frames: they are 0-7"):
        material(write(range(8), range(10)))


def test_a_start_model_gives_its_scale_and_its_habits():
    card = ModelCard(
        format=1,
        architecture=Architecture(filters=4, levels=2, embedding_size=4),
        preparation=Preparation(
            input_px_per_network_px=(4, 4), smoothing_sigma=2, cell_diameter_px=100, quantiles=(0.01, 0.9)
        ),
        inference=Inference(state="stream"),
        weights=Weights(sha256="0" * 64, dtype="float16"),
        training=Training(data=("a",), frames=None, seed=None, steps=None, commit="none"),
        terms="none",
    )
    settings = suited_to(SETTINGS, card)
    assert settings.cell_diameter == 25
    assert settings.architecture == card.architecture
    assert settings.preparation.input_px_per_network_px == (1, 1)
    assert settings.preparation.smoothing_sigma == 0.5
    assert settings.preparation.quantiles == (0.01, 0.9)
    assert settings.reset_probability < 1
    windows = card.model_copy(update={"inference": Inference(state="window")})
    assert suited_to(SETTINGS.model_copy(update={"reset_probability": 0.5}), windows).reset_probability == 1


@pytest.mark.parametrize(("empty", "warned"), [((7, 8, 9), True), ((8, 9), False)])
def test_a_validation_without_cells_is_no_secret(write, empty, warned):
    movie = write(range(10), range(10))
    for number in empty:
        imwrite(movie.with_name("01_GT") / "SEG" / f"man_seg{number:03d}.tif", np.zeros((20, 30), np.uint16))
    found, said = material(movie)
    assert found.validation.truth.numbers == (7, 8, 9)
    assert any("no frame that is scored has a cell" in line for line in said) is warned
