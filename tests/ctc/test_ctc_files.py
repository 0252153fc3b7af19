import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.ctc import (
    MASK,
    clip_tracks,
    digits_of,
    frame_path,
    markers_path,
    mask_path,
    number_width,
    numbered_files,
    object_labels,
    read_labels,
    read_tracks,
    segmentation_path,
    tracks_from_labels,
    write_mask,
    write_tracks,
)
from cellseg.errors import CellsegError
from cellseg.types import Track


def test_names(tmp_path):
    assert frame_path(tmp_path, 7) == tmp_path / "t007.tif"
    assert mask_path(tmp_path, 12, digits=4) == tmp_path / "mask0012.tif"
    assert mask_path(tmp_path, 1234) == tmp_path / "mask1234.tif"
    assert markers_path(tmp_path, 0) == tmp_path / "TRA" / "man_track000.tif"
    assert segmentation_path(tmp_path, 0) == tmp_path / "SEG" / "man_seg000.tif"


@pytest.mark.parametrize(("frames", "digits"), [(1, 3), (999, 3), (1000, 3), (1001, 4), (10_001, 5)])
def test_number_width_holds_the_last_frame_number(frames, digits):
    assert number_width(frames) == digits == max(3, len(str(frames - 1)))


def test_numbered_files_are_found_in_order_of_number(tmp_path):
    names = [
        "mask10.tif",
        "mask2.tif",
        "mask0.tif",
        "t000.tif",
        "mask.tif",
        "mask3.tiff",
        "mask-1.tif",
        "mask 4.tif",
    ]
    for name in names:
        (tmp_path / name).touch()
    files = numbered_files(tmp_path, MASK)
    assert list(files) == [0, 2, 10]
    assert digits_of(files[10]) == 2
    assert numbered_files(tmp_path / "nowhere", MASK) == {}


def test_two_files_of_one_number(tmp_path):
    (tmp_path / "mask1.tif").touch()
    (tmp_path / "mask001.tif").touch()
    with pytest.raises(CellsegError, match="same frame number"):
        numbered_files(tmp_path, MASK)


tracks = st.lists(
    st.builds(Track, st.integers(1, 65_535), st.integers(0, 99), st.integers(0, 99), st.integers(0, 65_535)),
    unique_by=lambda track: track.label,
)


@settings(max_examples=30, deadline=None)
@given(tracks=tracks)
def test_tracks_come_back_sorted(tmp_path_factory, tracks):
    path = tmp_path_factory.mktemp("tracks") / "res_track.txt"
    write_tracks(path, tracks)
    assert read_tracks(path) == sorted(tracks)


def test_track_file_bytes(tmp_path):
    write_tracks(tmp_path / "a.txt", [Track(2, 1, 3, 1), Track(1, 0, 0, 0)])
    assert (tmp_path / "a.txt").read_bytes() == b"1 0 0 0\n2 1 3 1\n"


def test_track_files_of_other_programs(tmp_path):
    path = tmp_path / "res_track.txt"
    path.write_bytes(b"\xef\xbb\xbf1\t0\t4\t0\r\n\r\n 2  5 6   1 \n")
    assert read_tracks(path) == [Track(1, 0, 4, 0), Track(2, 5, 6, 1)]


@pytest.mark.parametrize(
    "line", ["1 2 3", "1 2 3 4 5", "1 2 3 x", "1 2 3.0 0", "label begin end parent", "1 2 -3- 0"]
)
def test_malformed_line_is_named(tmp_path, line):
    path = tmp_path / "res_track.txt"
    path.write_text(f"1 0 4 0\n{line}\n", encoding="utf-8")
    with pytest.raises(CellsegError, match="line 2") as caught:
        read_tracks(path)
    assert caught.value.path == path


def test_missing_track_file(tmp_path):
    with pytest.raises(CellsegError, match="cannot be read"):
        read_tracks(tmp_path / "res_track.txt")


def test_clipping_forgets_what_is_outside():
    family = [Track(1, 0, 4, 0), Track(2, 5, 9, 1), Track(3, 6, 9, 1), Track(4, 9, 9, 2), Track(5, 0, 2, 0)]
    assert clip_tracks(family, 3, 6) == [Track(1, 3, 4, 0), Track(2, 5, 6, 1), Track(3, 6, 6, 1)]
    assert clip_tracks(family, 5, 8) == [Track(2, 5, 8, 0), Track(3, 6, 8, 0)]
    assert clip_tracks(family, 0, 9) == family


def test_tracks_from_labels_span_holes():
    seen = {0: [1, 2], 4: [2], 5: [1, 3]}
    seen = {frame: np.array(labels) for frame, labels in seen.items()}
    assert tracks_from_labels(seen) == [Track(1, 0, 5, 0), Track(2, 0, 4, 0), Track(3, 5, 5, 0)]


def test_mask_comes_back(tmp_path):
    labels = np.array([[0, 1, 65_535], [2, 2, 0]], np.int64)
    write_mask(tmp_path / "mask000.tif", labels)
    again = read_labels(tmp_path / "mask000.tif")
    assert again.dtype == np.uint16
    np.testing.assert_array_equal(again, labels)
    assert object_labels(again).tolist() == [1, 2, 65_535]


def test_mask_bytes_carry_no_history(tmp_path):
    labels = np.arange(600, dtype=np.uint16).reshape(20, 30)
    for name in ("a.tif", "b.tif"):
        write_mask(tmp_path / name, labels)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        tags = tiff.pages[0].tags
        assert tags["Compression"].value in (8, 32946)
        assert {"Software", "DateTime", "ImageDescription"}.isdisjoint(tag.name for tag in tags.values())


@pytest.mark.parametrize("wrong", [65_536, -1])
def test_label_that_does_not_fit(tmp_path, wrong):
    with pytest.raises(CellsegError, match=str(wrong)):
        write_mask(tmp_path / "mask000.tif", np.array([[0, wrong]]))
    assert not (tmp_path / "mask000.tif").exists()


def test_images_that_are_no_labels(tmp_path):
    path = tmp_path / "mask000.tif"
    with pytest.raises(CellsegError, match="does not exist"):
        read_labels(path)
    path.write_bytes(b"not a tiff")
    with pytest.raises(CellsegError, match="cannot be read"):
        read_labels(path)
    path.write_bytes(b"II*\0 a header without an image")
    with pytest.raises(CellsegError, match="not one 2-D image"):
        read_labels(path)
    tifffile.imwrite(path, np.zeros((4, 5), np.float32))
    with pytest.raises(CellsegError, match="float32"):
        read_labels(path)
    tifffile.imwrite(path, np.zeros((3, 4, 5), np.uint16), photometric="minisblack")
    with pytest.raises(CellsegError, match=r"\(3, 4, 5\)"):
        read_labels(path)
    tifffile.imwrite(path, np.ones((1, 4, 5), np.uint16))
    assert read_labels(path).shape == (4, 5)


def test_truncated_mask(tmp_path):
    path = tmp_path / "mask000.tif"
    write_mask(path, np.random.default_rng(0).integers(0, 999, (64, 64)))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(CellsegError, match="cannot be read"):
        read_labels(path)
