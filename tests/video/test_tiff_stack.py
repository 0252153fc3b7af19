"""Multi-page TIFF files: frames, calibration, and the shapes that are not a movie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cellseg.errors import CellsegError
from cellseg.video import blocks_without_gaps, open_video

REAL_FILES = Path(__file__).resolve().parents[2] / "../shared/data/formats"
MOVIE = np.random.default_rng(7).integers(0, 255, (5, 6, 8), np.uint8)


def one_by_one(path, frames, **options):
    with tifffile.TiffWriter(path) as writer:
        for frame in frames:
            writer.write(frame, contiguous=False, **options)


WRITERS = {
    "at once": lambda path: tifffile.imwrite(path, MOVIE, photometric="minisblack"),
    "compressed": lambda path: tifffile.imwrite(path, MOVIE, compression="zlib", photometric="minisblack"),
    "big": lambda path: tifffile.imwrite(path, MOVIE, bigtiff=True, photometric="minisblack"),
    "plain pages": lambda path: one_by_one(path, MOVIE, metadata=None),
    "described pages": lambda path: one_by_one(path, MOVIE),
    "ImageJ": lambda path: tifffile.imwrite(path, MOVIE, imagej=True, metadata={"axes": "TYX"}),
    "ImageJ, one page": lambda path: tifffile.imwrite(
        path, MOVIE, imagej=True, truncate=True, metadata={"axes": "TYX"}
    ),
    "ImageJ, focal planes as time": lambda path: tifffile.imwrite(
        path, MOVIE, imagej=True, metadata={"axes": "ZYX"}
    ),
    "OME": lambda path: tifffile.imwrite(path, MOVIE, ome=True, metadata={"axes": "TYX"}),
    "grey RGB": lambda path: tifffile.imwrite(path, np.stack([MOVIE] * 3, -1), photometric="rgb"),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_pages_are_frames(tmp_path, kind):
    path = tmp_path / "movie.tif"
    WRITERS[kind](path)
    with open_video(path) as video:
        assert (video.name, video.shape, video.dtype, video.digits) == ("movie", (5, 6, 8), np.uint8, 3)
        assert video.frame_numbers == (0, 1, 2, 3, 4)
        for t in (4, 0, 2, 1, 3):
            np.testing.assert_array_equal(video.frame(t), MOVIE[t])
    for start in range(5):
        with open_video(path, (start, start + 1)) as video:
            np.testing.assert_array_equal(video.frame(0), MOVIE[start])
            assert video.frame_numbers == (start,)


def test_one_page_is_a_movie_of_one_frame(tmp_path):
    path = tmp_path / "still.ome.tif"
    tifffile.imwrite(path, MOVIE[0], ome=True)
    with open_video(path) as video:
        assert (video.name, video.shape) == ("still", (1, 6, 8))
        np.testing.assert_array_equal(video.frame(0), MOVIE[0])


def test_four_digits_from_a_thousand_frames(tmp_path):
    path = tmp_path / "long.tif"
    tifffile.imwrite(path, np.zeros((1000, 2, 2), np.uint8), photometric="minisblack")
    with open_video(path, (10, 12)) as video:
        assert video.digits == 4
        assert len(video) == 2


def test_blocks_and_selection(tmp_path):
    path = tmp_path / "movie.tif"
    WRITERS["at once"](path)
    assert blocks_without_gaps(path) == [(0, 5)]
    with pytest.raises(CellsegError, match="whose frames are 0:5"):
        open_video(path, (2, 6))


def test_fingerprint(tmp_path):
    path = tmp_path / "movie.tif"
    WRITERS["at once"](path)
    with open_video(path) as video:
        assert [record["path"] for record in video.fingerprint()] == ["movie.tif"]
        assert video.fingerprint()[0]["size"] == path.stat().st_size


def test_closed_file_can_be_removed(tmp_path):
    path = tmp_path / "movie.tif"
    WRITERS["at once"](path)
    with open_video(path) as video:
        video.frame(0)
    path.unlink()
    assert not path.exists()


@pytest.mark.parametrize("unit", ["micron", "um", "\\u00B5m"])
def test_imagej_calibration(tmp_path, unit):
    path = tmp_path / "movie.tif"
    tifffile.imwrite(
        path,
        MOVIE,
        imagej=True,
        resolution=(4.0, 2.0),
        metadata={"axes": "TYX", "unit": unit, "finterval": 59.5},
    )
    with open_video(path) as video:
        assert video.pixel_size_um == pytest.approx((0.5, 0.25))
        assert video.frame_interval_s == 59.5


def test_ome_calibration(tmp_path):
    path = tmp_path / "movie.ome.tif"
    metadata = {
        "axes": "TYX",
        "PhysicalSizeX": 250.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.5,
        "TimeIncrement": 2.0,
        "TimeIncrementUnit": "min",
    }
    tifffile.imwrite(path, MOVIE, metadata=metadata)
    with open_video(path) as video:
        assert video.pixel_size_um == pytest.approx((0.5, 0.25))
        assert video.frame_interval_s == 120.0


@pytest.mark.parametrize("metadata", [{}, {"unit": "pixel"}, {"unit": "furlong"}])
def test_unknown_calibration_is_none(tmp_path, metadata):
    path = tmp_path / "movie.tif"
    tifffile.imwrite(
        path, MOVIE, imagej=True, resolution=(4.0, 2.0), metadata={"axes": "TYX", "finterval": 0, **metadata}
    )
    with open_video(path) as video:
        assert video.pixel_size_um is None
        assert video.frame_interval_s is None


def test_printing_resolution_is_not_believed(tmp_path):
    path = tmp_path / "movie.tif"
    tifffile.imwrite(path, MOVIE, resolution=(72, 72), resolutionunit="inch", photometric="minisblack")
    with open_video(path) as video:
        assert video.pixel_size_um is None


@pytest.mark.parametrize(
    ("axes", "match"),
    [
        ("TZYX", "holds 3 focal planes"),
        ("TCYX", "3 channels"),
        ("ZCYX", "holds 3 channels"),
    ],
)
def test_more_than_a_movie_is_refused(tmp_path, axes, match):
    path = tmp_path / "movie.tif"
    tifffile.imwrite(path, np.zeros((2, 3, 6, 8), np.uint8), imagej=True, metadata={"axes": axes})
    with pytest.raises(CellsegError, match=match):
        open_video(path)


def test_channels_are_not_frames(tmp_path):
    path = tmp_path / "movie.tif"
    tifffile.imwrite(path, MOVIE, imagej=True, metadata={"axes": "CYX"})
    with pytest.raises(CellsegError, match="5 channels"):
        open_video(path)


@pytest.mark.parametrize(
    ("odd", "match"),
    [(np.zeros((7, 8), np.uint8), "7 x 8"), (np.zeros((6, 8), np.uint16), "type uint16")],
)
def test_odd_page_is_named(tmp_path, odd, match):
    path = tmp_path / "movie.tif"
    one_by_one(path, [*MOVIE[:3], odd, MOVIE[4]], metadata=None)
    with open_video(path) as video:
        np.testing.assert_array_equal(video.frame(4), MOVIE[4])
        with pytest.raises(CellsegError, match=rf"page 3 .*{match}"):
            video.frame(3)


def test_colour_page_is_refused(tmp_path):
    path = tmp_path / "movie.tif"
    colour = np.random.default_rng(0).integers(0, 255, (3, 6, 8, 3), np.uint8)
    tifffile.imwrite(path, colour, photometric="rgb")
    with open_video(path) as video, pytest.raises(CellsegError, match=r"page 1 .*in colour"):
        video.frame(1)


@pytest.mark.parametrize("kind", ["at once", "compressed", "big", "ImageJ", "ImageJ, one page", "OME"])
def test_every_truncation_is_noticed(tmp_path, kind):
    """Cut anywhere, a stack either still gives all its frames or is refused."""
    path = tmp_path / "movie.tif"
    WRITERS[kind](path)
    whole = path.read_bytes()
    for size in range(0, len(whole), 13):
        path.write_bytes(whole[:size])
        try:
            with open_video(path) as video:
                frames = [video.frame(t) for t in range(len(video))]
        except CellsegError:
            continue
        np.testing.assert_array_equal(frames, MOVIE)


def test_not_a_tiff_file(tmp_path):
    path = tmp_path / "movie.tif"
    path.write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(CellsegError, match="not a readable TIFF file") as caught:
        open_video(path)
    assert "multi-page TIFF" in caught.value.remedy


@pytest.mark.skipif(not REAL_FILES.is_dir(), reason="no files in lab formats")
def test_real_imagej_stack():
    with open_video(REAL_FILES / "golgi_T30_imagej_calibrated.tif") as video:
        assert (video.shape, video.dtype) == ((30, 137, 147), np.float32)
        assert video.pixel_size_um == pytest.approx((0.35144, 0.35144), abs=1e-4)
        assert video.frame_interval_s == pytest.approx(59.86)
        assert np.isfinite(video.frame(29)).all()


def test_what_is_wrong_with_a_file_is_told_once(tmp_path):
    path = tmp_path / "cut.tif"
    one_by_one(path, MOVIE)
    path.write_bytes(path.read_bytes()[:-300])
    script = (
        "import sys; from cellseg.errors import CellsegError; from cellseg.video import open_video\n"
        "try: open_video(sys.argv[1])\n"
        "except CellsegError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, timeout=60)
    assert "truncated" in said.stdout
    assert said.stderr == ""
