"""Corrected copies are valid, say what they changed, and keep every object that was there."""

import numpy as np
import pytest
import tifffile

from cellseg.ctc import (
    fix,
    frame_path,
    mask_path,
    read_labels,
    read_tracks,
    validate,
    write_mask,
    write_tracks,
)
from cellseg.errors import CellsegError
from cellseg.types import Track

TRACKS = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2, 1)]
MASKS = [[1, 1, 1, 0], [2, 0, 3, 3], [2, 0, 0, 3]]


@pytest.fixture
def result(tmp_path):
    """A valid result of three frames in which a cell divides, and its frames."""
    folder, frames = tmp_path / "01_RES", tmp_path / "01"
    folder.mkdir()
    frames.mkdir()
    for t, labels in enumerate(MASKS):
        write_mask(mask_path(folder, t), np.array([labels, labels]))
        tifffile.imwrite(frame_path(frames, t), np.full((2, 4), t, np.uint8))
    write_tracks(folder / "res_track.txt", TRACKS)
    return folder


def fixed(result, frames=True):
    """Fix a result; the copy must be valid. Return it, and what was said by file name."""
    copy, frames = result.with_name("fixed"), result.with_name("01") if frames else None
    changes = fix(result, copy, frames)
    assert [v for v in validate(copy, frames) if v.severity == "error"] == []
    return copy, [(change.path.name, change.message) for change in changes]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("frames", [True, False])
def test_a_valid_result_is_copied(result, frames):
    copy, said = fixed(result, frames)
    assert said == []
    assert contents(copy) == contents(result)


def test_types_and_large_labels(result):
    tifffile.imwrite(mask_path(result, 0), np.array([MASKS[0]] * 2, np.float32))
    tifffile.imwrite(mask_path(result, 1), np.array([[2, 0, 70_000, -4]] * 2, np.int32))
    tifffile.imwrite(mask_path(result, 2), np.array([[2, 0, 0, 70_000]] * 2, np.uint32))
    write_tracks(result / "res_track.txt", [*TRACKS[:2], Track(70_000, 1, 2, 1)])
    copy, said = fixed(result)
    assert said == [
        ("mask000.tif", "holds uint16 instead of float32 values"),
        ("mask001.tif", "holds uint16 instead of int32 values, values below 0 are background now"),
        ("mask002.tif", "holds uint16 instead of uint32 values"),
        ("res_track.txt", "label 70000 becomes 3"),
    ]
    assert read_tracks(copy / "res_track.txt") == TRACKS
    assert read_labels(mask_path(copy, 1)).tolist() == [[2, 0, 3, 0]] * 2


def test_names_and_digits(result):
    for t, name in enumerate(["mask0.tif", "Mask_1.TIF", "mask002.tiff"]):
        mask_path(result, t).rename(result / name)
    write_mask(result / "mask00.tif", np.zeros((2, 4), int))
    write_mask(result / "mask7.tif", np.zeros((2, 4), int))
    copy, said = fixed(result)
    assert sorted(contents(copy)) == ["mask000.tif", "mask001.tif", "mask002.tif", "res_track.txt"]
    assert set(said) == {
        ("mask00.tif", "is mask000.tif now"),
        ("mask0.tif", "is left out: it has the frame number of mask00.tif"),
        ("Mask_1.TIF", "is mask001.tif now"),
        ("mask002.tiff", "is mask002.tif now"),
        ("mask7.tif", "is left out: there is no frame 7"),
        ("res_track.txt", "track 1 is left out: no mask holds it"),
        ("res_track.txt", "track 2 loses its parent 1, which no mask holds"),
        ("res_track.txt", "track 3 loses its parent 1, which no mask holds"),
    }


def test_digits_follow_the_frames(result):
    frames = result.with_name("01")
    for t in range(3):
        frame_path(frames, t).rename(frame_path(frames, t, digits=4))
    copy, _ = fixed(result)
    assert sorted(contents(copy))[:2] == ["mask0000.tif", "mask0001.tif"]


def test_names_of_a_ground_truth(result):
    for t in range(3):
        mask_path(result, t).rename(result / f"man_track000{t}.tif")
    (result / "res_track.txt").rename(result / "man_track.txt")
    copy, said = fixed(result)
    assert ("man_track.txt", "is res_track.txt now") in said
    assert read_tracks(copy / "res_track.txt") == TRACKS
    for t in range(3):
        np.testing.assert_array_equal(read_labels(mask_path(copy, t)), [MASKS[t]] * 2)


def test_numbers_that_begin_at_one(result):
    for t in (2, 1, 0):
        mask_path(result, t).rename(mask_path(result, t + 1))
    write_tracks(result / "res_track.txt", [t._replace(begin=t.begin + 1, end=t.end + 1) for t in TRACKS])
    copy, said = fixed(result)
    assert ("01_RES", "the frames begin at 0, and so do the masks now") in said
    assert read_tracks(copy / "res_track.txt") == TRACKS


def test_what_cannot_be_used_becomes_empty(result):
    mask_path(result, 0).unlink()
    mask_path(result, 1).write_bytes(b"no TIFF")
    copy, said = fixed(result)
    assert not read_labels(mask_path(copy, 0)).any()
    assert not read_labels(mask_path(copy, 1)).any()
    assert ("mask000.tif", "did not exist: it is an empty mask now") in said
    assert any(name == "mask001.tif" and message.endswith("an empty mask now") for name, message in said)
    assert read_tracks(copy / "res_track.txt") == [Track(2, 2, 2, 0), Track(3, 2, 2, 0)]


@pytest.mark.parametrize(
    "wrong", [np.ones((3, 4), np.uint16), np.full((2, 4), 0.5), np.ones((2, 2, 4), "u2")]
)
def test_a_mask_that_is_none_becomes_empty(result, wrong):
    tifffile.imwrite(mask_path(result, 2), wrong, photometric="minisblack")
    copy, said = fixed(result)
    assert not read_labels(mask_path(copy, 2)).any()
    assert said[0][1].endswith("it is an empty mask now")


def test_gaps_are_split(result):
    write_mask(mask_path(result, 1), np.array([[0, 0, 3, 3]] * 2))
    write_mask(mask_path(result, 0), np.array([[1, 1, 2, 2]] * 2))
    write_tracks(result / "res_track.txt", [Track(1, 0, 0, 0), Track(2, 0, 2, 0), Track(3, 1, 2, 1)])
    copy, said = fixed(result)
    assert read_tracks(copy / "res_track.txt") == [*TRACKS[:1], (2, 0, 0, 0), (3, 1, 2, 1), (4, 2, 2, 2)]
    assert read_labels(mask_path(copy, 2)).tolist() == [[4, 0, 0, 3]] * 2
    assert len(said) == 1


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b""])
def test_without_lines_tracks_come_from_the_masks(result, content):
    (result / "res_track.txt").unlink()
    if content is not None:
        (result / "res_track.txt").write_bytes(content)
    copy, said = fixed(result)
    assert read_tracks(copy / "res_track.txt") == [track._replace(parent=0) for track in TRACKS]
    assert said


def test_malformed_lines_are_said(result):
    (result / "res_track.txt").write_text("1 0 0 0\n2 1 2 1\n3 1 two 1\n4 --1 2 0\n", encoding="utf-8")
    copy, said = fixed(result)
    assert [message[:20] for _, message in said] == [
        "left out: line 3 is ",
        "left out: line 4 is ",
        "label 3 had no line:",
    ]
    assert read_tracks(copy / "res_track.txt")[2] == Track(3, 1, 2, 0)


def test_pieces_are_left_alone(result):
    write_mask(mask_path(result, 1), np.array([[3, 2, 0, 3]] * 2))
    copy, said = fixed(result)
    assert said == []
    assert [v.rule for v in validate(copy)] == ["in-pieces"]


def test_the_output_must_be_new(result, tmp_path):
    (tmp_path / "empty").mkdir()
    fix(result, tmp_path / "empty")
    assert contents(tmp_path / "empty") == contents(result)
    with pytest.raises(CellsegError, match="exists already"):
        fix(result, tmp_path / "empty")
    with pytest.raises(CellsegError, match="exists already"):
        fix(result, result)


def test_nothing_to_correct(result, tmp_path):
    with pytest.raises(CellsegError, match="not a folder"):
        fix(tmp_path / "nowhere", tmp_path / "new")
    with pytest.raises(CellsegError, match="holds no mask"):
        fix(result.with_name("01"), tmp_path / "new")
    for t in range(3):
        mask_path(result, t).write_bytes(b"no TIFF")
    with pytest.raises(CellsegError, match="no mask can be read"):
        fix(result, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_date_for_a_number_needs_the_frames(result):
    mask_path(result, 1).rename(result / "mask20240101.tif")
    with pytest.raises(CellsegError, match="3 masks") as caught:
        fix(result, result.with_name("fixed"))
    assert "--frames" in caught.value.remedy
    _, said = fixed(result)
    assert ("mask20240101.tif", "is left out: there is no frame 20240101") in said
