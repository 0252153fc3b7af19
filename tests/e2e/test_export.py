"""The installed command: a movie is tracked, exported, corrected, and comes back as a valid result."""

import csv
import shutil
from pathlib import Path
from xml.etree import ElementTree

import imagecodecs
import numpy as np
import pytest
from e2e.commands import cellseg, command, here
from e2e.conftest import draw_movie


@pytest.fixture(scope="module")
def movie(tmp_path_factory):
    return draw_movie(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def inferred(movie, model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("inferred")
    cellseg("infer", movie, "--model", model, "--output", folder, "--set", "instances.min_area=20")
    return folder / "01_RES"


@pytest.fixture
def tracked(inferred, tmp_path):
    """A result of a test's own."""
    return Path(shutil.copytree(inferred, tmp_path / "01_RES"))


def test_measurements_with_the_movie_that_the_record_names(tracked, movie):
    said = here("export", tracked, "--to", "csv", "--pixel-size", "0.5", "--frame-interval", "60")
    assert f"from {movie}" in said.stderr
    tables = tracked.with_name("01_RES_tables")
    with (tables / "objects.csv").open(newline="") as file:
        objects = list(csv.DictReader(file))
    assert len(objects) == 8 + 8 + 5
    assert {row["max_ch1"] for row in objects} == {"200"}
    with (tables / "tracks.csv").open(newline="") as file:
        tracks = list(csv.DictReader(file))
    assert [(row["begin_s"], row["duration_s"]) for row in tracks] == [
        ("0", "420"),
        ("0", "420"),
        ("180", "240"),
    ]
    # Cell 2 moves by 1.5 pixels a frame.
    assert float(tracks[1]["speed_um_per_min"]) == pytest.approx(0.75, rel=0.1)


def test_channels_of_a_recording_and_what_the_run_chose_from_it(model, tmp_path):
    """Intensities come from the scene, planes and part that were segmented, of the channels named."""
    from e2e.test_formats_and_preview import record

    record(tmp_path / "well.ome.tif")
    chosen = ("--channel", "cells", "--z", "max", "--scene", "right", "--crop", "4:,:60")
    here("infer", tmp_path / "well.ome.tif", "--model", model, *chosen, "--set", "instances.min_area=20")
    result = tmp_path / "well_right_RES"

    def maxima(*more):
        here("export", result, "--to", "csv", "--overwrite", *more)
        with (tmp_path / "well_right_RES_tables" / "objects.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [{row[f"max_ch{number}"] for row in rows} for number in (1, 2) if f"max_ch{number}" in rows[0]]

    assert maxima() == [{"200"}]
    assert maxima("--channel", "empty", "--channel", "cells") == [{"20"}, {"200"}]
    assert maxima("--z", "0") == [{"20"}]  # the focal plane without cells
    # Of the same recording under another name nothing is known.
    (tmp_path / "well.ome.tif").rename(tmp_path / "moved.ome.tif")
    frames = ("--to", "csv", "--overwrite", "--frames", tmp_path / "moved.ome.tif")
    said = here("export", result, *frames, check=1).stderr
    assert "--scene" in said
    assert maxima(*frames[3:], *chosen) == [{"200"}]


def test_tracks_of_one_position_are_drawn(movie, tracked, tmp_path):
    from e2e.test_formats_and_preview import record

    record(tmp_path / "well.ome.tif")
    here("export", tracked, "--to", "trackmate", "--output", tmp_path / "01.xml")
    words = ("import", tmp_path / "01.xml", "--from", "trackmate", "--output", tmp_path / "new_RES")
    assert "holds 2 scenes" in here(*words, "--frames", tmp_path / "well.ome.tif", check=1).stderr
    chosen = ("--scene", "left", "--channel", "1", "--z", "max")
    here(*words, "--frames", tmp_path / "well.ome.tif", *chosen)
    assert len(list((tmp_path / "new_RES").glob("mask*.tif"))) == 8
    assert "--frames" in here(*words, "--masks", tracked, "--scene", "left", check=2).stderr


def test_what_is_there_is_not_replaced_unasked(tracked):
    here("export", tracked, "--to", "trackmate")
    assert "is there already" in here("export", tracked, "--to", "trackmate", check=1).stderr
    here("export", tracked, "--to", "trackmate", "--overwrite")


def test_corrected_tracks_come_back(tracked, movie, tmp_path):
    command("export", tracked, "--to", "trackmate", "--output", tmp_path / "01.xml")
    tree = ElementTree.parse(tmp_path / "01.xml")
    # Somebody takes the third cell out.
    model = tree.find("Model")
    tracks, kept = model.find("AllTracks"), model.find("FilteredTracks")
    kept.remove(next(track for track in kept if track.get("TRACK_ID") == "3"))
    tree.write(tmp_path / "corrected.xml")
    assert len(tracks) == 3
    back = tmp_path / "corrected" / "01_RES"
    said = command(
        "import", tmp_path / "corrected.xml", "--from", "trackmate", "--masks", tracked, "--output", back
    )
    assert "2 tracks, 16 cells with their outlines, 5 objects without a track left out" in said.stdout
    assert "valid; errors: 0" in here("validate", back, "--frames", movie).stdout
    scores = here("evaluate", back, movie.with_name("01_GT")).stdout
    assert "3 tracks complete" in scores and "2 of 3" in scores

    discs = tmp_path / "discs" / "01_RES"
    here("import", tmp_path / "corrected.xml", "--from", "trackmate", "--frames", movie, "--output", discs)
    here("validate", discs, "--frames", movie)


def test_pictures_in_the_colour_of_the_lineage(tracked):
    here("export", tracked, "--to", "png")
    pictures = [
        imagecodecs.png_decode(path.read_bytes())
        for path in sorted(tracked.with_name("01_RES_overlay").glob("overlay*.png"))
    ]
    assert [picture.shape for picture in pictures] == [(384, 512, 3)] * 8
    coloured = [{tuple(c) for c in p.reshape(-1, 3).tolist() if len(set(c)) > 1} for p in pictures]
    assert len(coloured[0]) == 2 and len(coloured[7]) == 3
    assert coloured[0] < coloured[7]
    here("export", tracked, "--to", "gif")
    from PIL import Image

    with Image.open(tracked.with_name("01_RES.gif")) as gif:
        assert (gif.n_frames, gif.size) == (8, (512, 384))
        gif.seek(7)
        shown = np.asarray(gif.convert("RGB")).astype(int)
    assert np.abs(shown - pictures[7]).mean() < 3


def test_wrong_usage(tracked, tmp_path):
    here("export", tracked, "--to", "docx", check=2)
    said = here("import", tmp_path / "x.xml", "--from", "trackmate", "--output", tmp_path / "o", check=2)
    assert "either --masks or --frames" in said.stderr
    assert "holds no result masks" in here("export", tmp_path, "--to", "csv", check=1).stderr
