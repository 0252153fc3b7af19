"""`infer` and `preview` on recordings of which a part is chosen."""

import json

import numpy as np
from e2e.commands import cellseg
from e2e.discs import draw
from e2e.test_infer import SMALL, files
from imagecodecs import imread as read_picture
from tifffile import TiffWriter, imread

from cellseg.training.pictures import RESULT, TRUTH


def stack():
    return np.stack([draw(t)[0] for t in range(8)])


def record(path):
    """Two positions with two channels and two planes each; the cells are in one plane of channel `cells`."""
    movie = stack()
    recording = np.full((8, 2, 2, *movie.shape[1:]), 20, np.uint8)
    recording[:, 1, 1] = movie
    with TiffWriter(path, ome=True) as writer:
        for name in ("left", "right"):
            metadata = {"axes": "TCZYX", "Name": name, "Channel": {"Name": ["empty", "cells"]}}
            writer.write(recording, metadata=metadata)


def test_every_position_has_a_result(movie, model, tmp_path):
    record(tmp_path / "well.ome.tif")
    said = cellseg("infer", tmp_path / "well.ome.tif", "--model", model, check=1)
    assert "0 (empty), 1 (cells)" in said
    options = ("--model", model, "--channel", "cells", "--z", "max", *SMALL)
    cellseg("infer", tmp_path / "well.ome.tif", *options)
    cellseg("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    expected = files(tmp_path / "01_RES")
    for scene in ("left", "right"):
        assert files(tmp_path / f"well_{scene}_RES") == expected
    selection = json.loads((tmp_path / "well_left_RES" / "run.json").read_text())["input"]["files"][0][
        "selection"
    ]
    assert selection == "scene=left channel=1 z=0:2"
    # Another channel of the same file is another movie.
    other = [*options[:3], "empty", *options[4:]]
    said = cellseg("infer", tmp_path / "well.ome.tif", "--scene", "left", *other, check=1)
    assert "--overwrite" in said


def test_cropped_part_of_an_array(model, tmp_path):
    np.save(tmp_path / "movie.npy", stack())
    options = ("--model", model, "--crop", "20:,:50", "--frames", "2:6", *SMALL)
    cellseg("infer", tmp_path / "movie.npy", *options)
    masks = imread(sorted((tmp_path / "movie_RES").glob("mask*.tif")))
    assert masks.shape == (4, 28, 50)
    for t, mask in enumerate(masks, 2):
        np.testing.assert_array_equal(mask > 0, draw(t)[1][20:, :50] == 2)


def test_preview(model, tmp_path):
    np.save(tmp_path / "movie.npy", stack())
    output = tmp_path / "pictures"
    cellseg("preview", tmp_path / "movie.npy", "--model", model, "--diameter", 10, "--output", output, *SMALL)
    pictures = sorted(output.iterdir())
    assert [picture.name for picture in pictures] == [f"movie-{t:03d}.png" for t in (0, 4, 7)]
    for picture, t in zip(pictures, (0, 4, 7), strict=True):
        image = read_picture(picture)
        labels = draw(t)[1].repeat(8, 0).repeat(8, 1)
        assert image.shape == (*labels.shape, 3)
        outlined, assumed = ((image == np.array(colour)).all(-1) for colour in (RESULT, TRUTH))
        assert set(np.unique(labels[outlined])) == set(np.unique(labels)) - {0}
        rows = np.flatnonzero(assumed.any(1))
        assert 10 * 8 <= rows[-1] - rows[0] + 1 <= 12 * 8


def test_wrong_options(tmp_path):
    np.save(tmp_path / "movie.npy", stack())
    for option, text in [("--z", "2-3"), ("--crop", "1:2"), ("--crop", "3:2,0:4"), ("--frames", "3")]:
        assert option in cellseg("preview", tmp_path / "movie.npy", option, text, check=2)
