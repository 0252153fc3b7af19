"""Positions of a recording as movies of their own."""

from __future__ import annotations

import numpy as np
import pytest
from tifffile import TiffWriter, imwrite
from video.test_spread_ome_tiff import PARTS, write

from cellseg.batch.inputs import find_movies
from cellseg.batch.options import Options, options_of
from cellseg.batch.plan import plan
from cellseg.batch.scenes import split_scenes
from cellseg.errors import CellsegError
from cellseg.video import Selection


def record(path, scenes=("left", "A/1")):
    """A recording of several positions with two channels each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TiffWriter(path, ome=True) as writer:
        for name in scenes:
            metadata = {"axes": "TCYX", "Name": name, "Channel": {"Name": ["empty", "cells"]}}
            writer.write(np.zeros((3, 2, 8, 8), np.uint8), metadata=metadata)


def split(inputs, output, sheet=(), common=Options()):  # noqa: B008
    movies = find_movies(inputs, output)
    movies = split_scenes(movies, options_of(movies, common, list(sheet), None, strict=False))
    return movies, options_of(movies, common, list(sheet), None)


def test_every_position_is_a_movie_and_a_sheet_may_speak_of_one(tmp_path):
    record(tmp_path / "lab" / "plate" / "well.ome.tif")
    imwrite(tmp_path / "lab" / "a.tif", np.zeros((2, 8, 8), np.uint8))
    sheet = [("plate/well.ome.tif", {"channel": 1, "diameter": 9}), ("plate/well.ome.tif:A/1", {"z": "max"})]
    movies, options = split([str(tmp_path / "lab")], tmp_path / "out", sheet)
    assert [(movie.name, movie.result.relative_to(tmp_path / "out").as_posix()) for movie in movies] == [
        ("a.tif", "a_RES"),
        ("plate/well.ome.tif:left", "plate/well_left_RES"),
        ("plate/well.ome.tif:A/1", "plate/well_A-1_RES"),
    ]
    assert [said.diameter for said in options] == [None, 9, 9]
    assert [said.selection.channel for said in options] == [None, "1", "1"]
    assert [said.selection.z for said in options] == [None, None, (None, None)]
    with pytest.raises(CellsegError, match="no movie is called plate/well"):
        split([str(tmp_path / "lab")], tmp_path / "out", [("plate/well.ome.tif:B", {"z": "max"})])


def test_one_scene_that_is_chosen(tmp_path):
    record(tmp_path / "well.ome.tif")
    for scene in ("a/1", "1"):
        common = Options(selection=Selection(scene=scene))
        movies, _ = split([str(tmp_path / "well.ome.tif")], tmp_path / "out", common=common)
        assert [movie.result.name for movie in movies] == ["well_A-1_RES"]
    movies, _ = split(
        [str(tmp_path / "well.ome.tif")], tmp_path / "out", common=Options(selection=Selection(scene="7"))
    )
    assert [movie.name for movie in movies] == ["well.ome.tif"]  # which will fail, with the scenes there are


def test_what_is_chosen_decides_the_result(tmp_path):
    record(tmp_path / "well.ome.tif")
    requests = []
    for chosen in (Selection(channel="cells"), Selection(channel="empty"), Selection(channel="cells")):
        movies, options = split(
            [str(tmp_path / "well.ome.tif")], tmp_path / "out", common=Options(selection=chosen)
        )
        requests.append(plan(movies, options, "auto")[0].request["selection"])
    assert requests[0] == requests[2] != requests[1]
    assert requests[0]["scene"] == "left"


def test_scenes_whose_results_would_collide_are_refused(tmp_path):
    record(tmp_path / "well.ome.tif", ("A/1", "A:1"))
    with pytest.raises(CellsegError, match="same result"):
        split([str(tmp_path / "well.ome.tif")], tmp_path / "out")


def test_a_recording_in_several_files_is_one_movie(tmp_path):
    write(tmp_path / "lab", {"a": PARTS})
    movies, _ = split([str(tmp_path / "lab" / "a_*.tif")], tmp_path / "out")
    assert [movie.name for movie in movies] == ["a_0.ome.tif"]
    movies, _ = split([str(tmp_path / "lab" / "a_1.ome.tif")], tmp_path / "out")
    assert [movie.name for movie in movies] == ["a_1.ome.tif"]
