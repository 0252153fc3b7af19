"""`cellseg infer --save-embeddings`, and what a run says of its certainty."""

import json

import numpy as np
import pytest
from e2e.commands import cellseg
from e2e.test_infer import SMALL, files
from tifffile import imread

from cellseg.certainty import read_certainty
from cellseg.embeddings import SavedEmbeddings
from cellseg.pipeline import _Run


def infer(movie, model, output, *more, check=0):
    return cellseg("infer", movie, "--model", model, "--output", output, *SMALL, *more, check=check)


def test_frames_seeds_and_modes_are_kept(movie, model, tmp_path):
    infer(movie, model, tmp_path / "out", "--save-embeddings", "--report")
    result = tmp_path / "out" / "01_RES"
    saved = SavedEmbeddings(result / "embeddings")
    assert saved.frames() == list(range(8))
    for t in range(8):
        frame = saved.frame(t)
        # The network of these tests sees at the movie's scale, and bright pixels as cells.
        np.testing.assert_array_equal(frame.foreground, imread(movie / f"t{t:03d}.tif") > 100)
        np.testing.assert_allclose(np.linalg.norm(frame.vectors.astype(float), axis=1), 1, atol=2e-3)
    record = json.loads((result / "run.json").read_text())
    for t in range(7):
        pair = saved.pair(t)
        halves = [saved.frame(t), saved.frame(t + 1)]
        assert len(pair.seeds) == record["pairs"][t]["seeds"] > 0
        for (half, y, x), vector in zip(pair.seeds, pair.seed_vectors, strict=True):
            frame = halves[half]
            assert frame.foreground[y, x]
            own = frame.vectors[np.count_nonzero(frame.foreground.ravel()[: y * 64 + x])]
            np.testing.assert_array_equal(own, vector)
        assert pair.modes.shape[1] == 4 and len(pair.counts) == len(pair.modes) >= 1
    assert saved.pair(7) is None
    cellseg("validate", result, "--frames", movie)
    assert "seen" in (tmp_path / "out" / "01_RES_report.html").read_text("utf-8")


def test_they_change_nothing_else(movie, model, tmp_path):
    infer(movie, model, tmp_path / "with", "--save-embeddings")
    infer(movie, model, tmp_path / "without")
    assert not (tmp_path / "without" / "01_RES" / "embeddings").exists()
    plain = files(tmp_path / "without" / "01_RES")
    kept = tmp_path / "with" / "01_RES"
    assert {path.name: path.read_bytes() for path in kept.iterdir() if path.name in plain} == plain


def test_an_interrupted_run_keeps_them_all(movie, model, tmp_path, monkeypatch):
    advance = _Run.advance

    def stop(self, labelled):
        if labelled.pair.first.frame == 4:
            raise KeyboardInterrupt
        advance(self, labelled)

    with monkeypatch.context() as patch:
        patch.setattr(_Run, "advance", stop)
        infer(movie, model, tmp_path / "cut", "--save-embeddings", check=130)
    assert not (tmp_path / "cut" / "01_RES").exists()
    infer(movie, model, tmp_path / "cut", "--save-embeddings")
    infer(movie, model, tmp_path / "whole", "--save-embeddings")
    cut, whole = (files(tmp_path / name / "01_RES" / "embeddings") for name in ("cut", "whole"))
    assert len(whole) == 15
    assert cut == whole


def test_a_result_without_them_is_not_taken_for_one_with_them(movie, model, tmp_path):
    infer(movie, model, tmp_path)
    assert "--overwrite" in infer(movie, model, tmp_path, "--save-embeddings", check=1)
    infer(movie, model, tmp_path, "--save-embeddings", "--overwrite")
    made = (tmp_path / "01_RES" / "run.json").stat().st_mtime_ns
    infer(movie, model, tmp_path, "--save-embeddings")
    infer(movie, model, tmp_path)
    assert (tmp_path / "01_RES" / "run.json").stat().st_mtime_ns == made
    assert len(SavedEmbeddings(tmp_path / "01_RES" / "embeddings").frames()) == 8


@pytest.mark.parametrize("setting", ["inference.schedule=published", "inference.state=window"])
def test_other_ways_through_the_movie(movie, model, tmp_path, setting):
    infer(movie, model, tmp_path, "--save-embeddings", "--set", setting, "--report")
    saved = SavedEmbeddings(tmp_path / "01_RES" / "embeddings")
    assert saved.frames() == list(range(8))
    # Tile by tile there are no seeds and modes of the whole frame.
    assert (saved.pair(0) is None) == ("published" in setting)


def test_every_object_has_a_row_of_certainty(movie, model, tmp_path):
    infer(movie, model, tmp_path, "--frames", "2:6")
    result = tmp_path / "01_RES"
    rows = {(int(row["frame"]), int(row["label"])) for row in read_certainty(result / "certainty.csv")}
    seen = {
        (t, int(label))
        for t in range(2, 6)
        for label in np.unique(imread(result / f"mask{t:03d}.tif"))
        if label
    }
    assert rows == seen
    record = json.loads((result / "run.json").read_text())
    assert all(pair["uncovered"] == 0 and pair["unlabelled"] == [0, 0] for pair in record["pairs"])


def test_foreground_that_is_too_small_for_a_cell_is_counted(movie, model, tmp_path):
    cellseg("infer", movie, "--model", model, "--output", tmp_path, "--set", "instances.min_area=400")
    record = json.loads((tmp_path / "01_RES" / "run.json").read_text())
    foreground = [np.count_nonzero(imread(movie / f"t{t:03d}.tif") > 100) for t in range(8)]
    assert [pair["unlabelled"] for pair in record["pairs"]] == [foreground[t : t + 2] for t in range(7)]
