"""Folders of single frames: names, numbers, selections, and everything that can be wrong with them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cellseg.errors import CellsegError
from cellseg.video import Video, blocks_without_gaps, open_video

REAL_DATA = Path(__file__).resolve().parents[2] / "../shared/data/ctc"


def write_frames(folder, numbers, digits=3, dtype=np.uint8, shape=(6, 8)):
    """Frame n is full of n, as far as the type can hold it."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        tifffile.imwrite(folder / f"t{number:0{digits}d}.tif", np.full(shape, number % 251, dtype))
    return folder


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_reads_frames_in_order(tmp_path, dtype):
    with open_video(write_frames(tmp_path / "01", range(12), dtype=dtype)) as video:
        assert isinstance(video, Video)
        assert (video.name, len(video), video.shape, video.digits) == ("01", 12, (12, 6, 8), 3)
        assert video.dtype == dtype
        assert (video.pixel_size_um, video.frame_interval_s) == (None, None)
        assert [video.frame(t)[0, 0] for t in range(12)] == list(range(12))
        assert video.frame(3).dtype == dtype


@pytest.mark.parametrize(("digits", "numbers"), [(1, range(8, 13)), (4, range(5)), (3, range(998, 1002))])
def test_any_number_of_digits(tmp_path, digits, numbers):
    video = open_video(write_frames(tmp_path / "01", numbers, digits))
    assert video.digits == digits
    assert video.frame_numbers == tuple(numbers)


def test_other_files_and_suffixes_do_not_matter(tmp_path):
    write_frames(tmp_path, range(2))
    (tmp_path / "t001.tif").rename(tmp_path / "t001.TIFF")
    for name in ("notes.txt", "._t002.tif", "mask002.tif", "t003.tif.part"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert open_video(str(tmp_path)).frame_numbers == (0, 1)


def test_non_ascii_folder(tmp_path):
    assert open_video(write_frames(tmp_path / "Zellen µm 細胞", range(2))).name == "Zellen µm 細胞"


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(None, range(3, 9)), ((4, 7), range(4, 7)), ((None, 5), range(3, 5)), ((8, None), range(8, 9))],
)
def test_selects_by_frame_number(tmp_path, frames, expected):
    with open_video(write_frames(tmp_path / "01", range(3, 9)), frames) as video:
        assert video.frame_numbers == tuple(expected)
        assert [video.frame(t)[0, 0] for t in range(len(video))] == list(expected)


@pytest.mark.parametrize("frames", [(0, 5), (4, 20), (5, 5), (6, 4), (-1, 5)])
def test_refuses_frames_outside_the_movie(tmp_path, frames):
    with pytest.raises(CellsegError, match=r"whose frames are 3:9"):
        open_video(write_frames(tmp_path / "01", range(3, 9)), frames)


def test_missing_frame_is_named_and_can_be_avoided(tmp_path):
    folder = write_frames(tmp_path / "01", [0, 1, 2, 5, 6])
    with pytest.raises(CellsegError, match="frame 3 is missing") as caught:
        open_video(folder)
    assert caught.value.path == folder / "t003.tif"
    assert "--frames 0:3" in caught.value.remedy
    assert open_video(folder, (5, None)).frame_numbers == (5, 6)
    assert blocks_without_gaps(folder) == [(0, 3), (5, 7)]


def test_far_apart_numbers_are_a_gap_like_any_other(tmp_path):
    folder = write_frames(tmp_path / "01", [1, 10**13], digits=1)
    with pytest.raises(CellsegError, match="frame 2 is missing"):
        open_video(folder)


def test_frame_index_is_checked(tmp_path):
    video = open_video(write_frames(tmp_path / "01", range(2)))
    for t in (-1, 2):
        with pytest.raises(IndexError):
            video.frame(t)


def test_fingerprint_lists_the_selected_files(tmp_path):
    folder = write_frames(tmp_path / "01", range(4))
    status = (folder / "t002.tif").stat()
    assert open_video(folder, (2, 3)).fingerprint() == [
        {"path": "t002.tif", "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    ]


def test_missing_path(tmp_path):
    with pytest.raises(CellsegError, match="does not exist"):
        open_video(tmp_path / "nothing")


def test_empty_folder(tmp_path):
    with pytest.raises(CellsegError, match="the folder is empty"):
        open_video(tmp_path)


def test_folder_of_something_else_shows_an_example(tmp_path):
    (tmp_path / "scan_001.png").touch()
    with pytest.raises(CellsegError, match=r"t000\.tif.*scan_001\.png"):
        open_video(tmp_path)


def test_folder_of_sequences_names_them(tmp_path):
    write_frames(tmp_path / "01", range(2))
    write_frames(tmp_path / "02", range(2))
    (tmp_path / "01_GT" / "TRA").mkdir(parents=True)
    with pytest.raises(CellsegError, match=r"movies inside: 01, 02\."):
        open_video(tmp_path)


def test_one_number_twice(tmp_path):
    write_frames(tmp_path, [1], digits=1)
    write_frames(tmp_path, [1], digits=3)
    with pytest.raises(CellsegError, match=r"two files for frame 1: t001\.tif and t1\.tif"):
        open_video(tmp_path)


def test_mixed_digits(tmp_path):
    write_frames(tmp_path, [0, 1], digits=3)
    write_frames(tmp_path, [2], digits=4)
    with pytest.raises(CellsegError, match=r"3 and of 4 digits.*t0002\.tif"):
        open_video(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a TIFF file"])
def test_unreadable_file(tmp_path, content):
    folder = write_frames(tmp_path / "01", range(3))
    (folder / "t001.tif").write_bytes(content)
    with open_video(folder) as video, pytest.raises(CellsegError, match="not a readable TIFF") as caught:
        video.frame(1)
    assert caught.value.path == folder / "t001.tif"


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_every_truncation_is_noticed(tmp_path, compression):
    """Cut anywhere, a file either still gives all its pixels or is refused."""
    folder = tmp_path / "01"
    folder.mkdir()
    path = folder / "t000.tif"
    image = np.random.default_rng(1).integers(0, 255, (20, 20), np.uint8)
    tifffile.imwrite(path, image, compression=compression, rowsperstrip=5)
    whole = path.read_bytes()
    refused = 0
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        try:
            with open_video(folder) as video:
                np.testing.assert_array_equal(video.frame(0), image)
        except CellsegError:
            refused += 1
    assert refused > 10


def test_frame_of_another_size(tmp_path):
    folder = write_frames(tmp_path / "01", range(3))
    write_frames(folder, [2], shape=(6, 9))
    with open_video(folder) as video, pytest.raises(CellsegError, match=r"6 x 9.*6 x 8") as caught:
        video.frame(2)
    assert caught.value.path == folder / "t002.tif"


def test_frame_of_another_type(tmp_path):
    folder = write_frames(tmp_path / "01", range(3))
    write_frames(folder, [2], dtype=np.uint16)
    with open_video(folder) as video, pytest.raises(CellsegError, match=r"uint16.*uint8"):
        video.frame(2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_frame_that_is_not_finite(tmp_path, bad):
    folder = write_frames(tmp_path / "01", range(2), dtype=np.float64)
    image = np.zeros((6, 8))
    image[2, 3] = bad
    tifffile.imwrite(folder / "t001.tif", image)
    with open_video(folder) as video:
        video.frame(0)
        with pytest.raises(CellsegError, match="1 pixels that are NaN or infinite"):
            video.frame(1)


def test_complex_numbers_are_refused(tmp_path):
    with pytest.raises(CellsegError, match="unsupported type complex64"):
        open_video(write_frames(tmp_path / "01", [0], dtype=np.complex64))


def test_bool_is_read_as_uint8(tmp_path):
    video = open_video(write_frames(tmp_path / "01", [0, 1], dtype=bool))
    assert video.dtype == np.uint8
    assert video.frame(1).dtype == np.uint8
    assert video.frame(1).max() == 1


def test_big_endian_comes_out_native(tmp_path):
    tifffile.imwrite(tmp_path / "t000.tif", np.full((4, 4), 258, ">u2"), byteorder=">")
    video = open_video(tmp_path)
    assert video.dtype == np.dtype(np.uint16)
    assert video.frame(0).dtype.isnative
    assert video.frame(0)[0, 0] == 258


@pytest.mark.filterwarnings("ignore:.*zero-size array")
def test_frame_without_pixels(tmp_path):
    tifffile.imwrite(tmp_path / "t000.tif", np.zeros((0, 5), np.uint8))
    with pytest.raises(CellsegError, match="has no pixels"):
        open_video(tmp_path)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("channels", [3, 4])
def test_equal_colours_are_grey(tmp_path, planar, channels):
    grey = np.arange(48, dtype=np.uint8).reshape(6, 8)
    stack = np.stack([grey] * channels, -1 if planar == "contig" else 0)
    if channels == 4:
        stack[..., 3] = 255
    if planar == "separate" and channels == 4:
        stack = np.stack([grey, grey, grey, np.full_like(grey, 255)])
    extra = {} if channels == 3 else {"extrasamples": ["unassalpha"]}
    tifffile.imwrite(tmp_path / "t000.tif", stack, photometric="rgb", planarconfig=planar, **extra)
    with open_video(tmp_path) as video:
        assert video.shape == (1, 6, 8)
        np.testing.assert_array_equal(video.frame(0), grey)


def test_colour_is_refused(tmp_path):
    colour = np.zeros((6, 8, 3), np.uint8)
    colour[..., 1] = 9
    tifffile.imwrite(tmp_path / "t000.tif", colour, photometric="rgb")
    with open_video(tmp_path) as video, pytest.raises(CellsegError, match="in colour") as caught:
        video.frame(0)
    assert caught.value.path == tmp_path / "t000.tif"


def test_a_file_of_several_planes_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "t000.tif", np.zeros((5, 6, 8), np.uint8), photometric="minisblack")
    with open_video(tmp_path) as video, pytest.raises(CellsegError, match="holds 5 pages"):
        video.frame(0)


def test_one_frame_in_memory(tmp_path):
    folder = write_frames(tmp_path / "01", range(12), shape=(256, 256))
    with open_video(folder) as video:
        video.frame(0)
        tracemalloc.start()
        for t in range(len(video)):
            video.frame(t)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5 * 256 * 256


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="no Cell Tracking Challenge data")
def test_real_sequences():
    with open_video(REAL_DATA / "DIC-C2DH-HeLa/01") as video:
        assert (video.shape, video.dtype, video.digits) == ((84, 512, 512), np.uint8, 3)
        assert video.frame(83).std() > 1
    with open_video(REAL_DATA / "Fluo-N2DL-HeLa/01", (20, 22)) as video:
        assert (video.shape, video.dtype) == ((2, 700, 1100), np.uint16)
        assert video.frame(1).max() > 255
    with pytest.raises(CellsegError, match=r"t001\.tif.*missing"):
        open_video(REAL_DATA / "Fluo-N2DH-SIM+/02")
