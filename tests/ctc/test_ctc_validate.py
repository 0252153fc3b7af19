import numpy as np
import pytest
import tifffile

from cellseg.ctc import frame_path, mask_path, validate, write_mask, write_tracks
from cellseg.errors import CellsegError
from cellseg.types import Track

TRACKS = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2, 1)]


@pytest.fixture
def result(tmp_path):
    """A valid result of three frames in which a cell divides, and its frames."""
    folder, frames = tmp_path / "01_RES", tmp_path / "01"
    folder.mkdir()
    frames.mkdir()
    for t, labels in enumerate(([1, 1, 1, 0], [2, 0, 3, 3], [2, 0, 0, 3])):
        write_mask(mask_path(folder, t), np.array([labels, labels]))
        tifffile.imwrite(frame_path(frames, t), np.full((2, 4), t, np.uint8))
    write_tracks(folder / "res_track.txt", TRACKS)
    return folder


def rules(violations):
    return sorted((v.rule, v.path.name, v.label) for v in violations)


def test_a_valid_result(result):
    assert validate(result) == []
    assert validate(result, result.with_name("01")) == []


def with_tracks(result, *lines):
    (result / "res_track.txt").write_text("\n".join(lines), encoding="utf-8")
    return [v for v in validate(result) if v.path.name == "res_track.txt"]


@pytest.mark.parametrize(
    ("lines", "rule", "label"),
    [
        (["1 0 0 0", "2 1 2 1", "3 1 2"], "track-line", None),
        (["1 0 0 0", "2 1 2 1", "3 1 2 --1"], "track-line", None),
        (["1 0 0 0", "2 1 2 1", "3 1 2 99999999999999999999"], "track-line", None),
        (["1 0 0 0", "2 1 2 1", "3 1 2 1", "2 1 2 1"], "duplicate-label", 2),
        (["1 0 0 0", "2 1 2 1", "3 1 2 1", "0 0 0 0"], "label-range", 0),
        (["1 0 0 0", "2 1 2 1", "3 1 2 1", "65536 0 0 0"], "label-range", 65_536),
        (["1 0 0 0", "2 1 2 1", "3 2 1 1"], "track-span", 3),
        (["1 -1 0 0", "2 1 2 1", "3 1 2 1"], "track-span", 1),
        (["1 0 0 0", "2 1 2 1", "3 1 2 9"], "parent-missing", 3),
        (["1 0 0 0", "2 1 2 1", "3 1 2 -1"], "parent-missing", 3),
        (["1 0 1 0", "2 1 2 1", "3 1 2 1"], "parent-end", 2),
        (["1 0 0 0", "2 1 2 2", "3 1 2 1"], "parent-cycle", 2),
        (["1 0 0 3", "2 1 2 1", "3 1 2 1"], "parent-cycle", 1),
        (["1 0 0 0", "2 1 2 1", "3 1 5 1"], "track-beyond", 3),
        (["1 0 0 0", "2 1 2 1", "3 1 2 0"], "one-child", 1),
        (["1 0 0 0", "2 1 2 1", "3 1 2 1", "4 1 2 1"], "many-children", 1),
        ([], "no-tracks", None),
    ],
)
def test_rules_of_the_track_file(result, lines, rule, label):
    assert (rule, label) in {(v.rule, v.label) for v in with_tracks(result, *lines)}


def test_a_cycle_is_reported_once(result):
    found = with_tracks(result, "1 0 0 3", "2 1 2 1", "3 1 2 2")
    assert [v.message for v in found if v.rule == "parent-cycle"] == [
        "tracks are their own ancestors: 1 -> 3 -> 2 -> 1"
    ]


def test_labels_are_held_to_the_tracks_both_ways(result):
    write_tracks(result / "res_track.txt", [Track(1, 0, 1, 0), Track(2, 1, 2, 0)])
    assert rules(validate(result)) == [
        ("absent-object", "mask001.tif", 1),
        ("unlisted-object", "mask001.tif", 3),
        ("unlisted-object", "mask002.tif", 3),
    ]


def test_a_gap_inside_a_track(result):
    write_mask(mask_path(result, 1), np.array([[2, 2, 0, 0], [0, 0, 0, 0]]))
    write_tracks(result / "res_track.txt", [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 0, 2, 1)])
    found = rules(validate(result))
    assert ("absent-object", "mask001.tif", 3) in found
    assert ("absent-object", "mask000.tif", 3) in found


def test_names_and_numbers(result):
    frames = result.with_name("01")
    mask_path(result, 2).rename(result / "mask0007.tif")
    (result / "man_track000.tif").touch()
    (result / "run.json").touch()
    write_mask(result / "mask01.tif", np.zeros((2, 4), int))
    found = validate(result, frames)
    assert {(v.rule, v.path.name) for v in found} >= {
        ("mask-missing", "mask002.tif"),
        ("mask-extra", "mask0007.tif"),
        ("digits", "mask0007.tif"),
        ("mask-name", "man_track000.tif"),
        ("mask-number", "mask01.tif"),
    }
    assert not any(v.path.name == "run.json" for v in found)


def test_hole_in_the_numbers_without_frames(result):
    mask_path(result, 1).unlink()
    assert ("mask-missing", "mask001.tif", None) in rules(validate(result))


def test_a_date_for_a_number_is_one_violation(result):
    mask_path(result, 2).rename(result / "mask20240101123000.tif")
    found = [v for v in validate(result) if v.rule == "mask-missing"]
    assert [v.path.name for v in found] == ["mask00000000000002.tif"]
    assert "any up to mask20240101122999.tif" in found[0].message


def test_fewer_than_three_digits(result):
    for t in range(3):
        mask_path(result, t).rename(result / f"mask{t}.tif")
    assert [v.rule for v in validate(result)] == ["digits"] * 3


def test_digits_follow_the_frames(result):
    frames = result.with_name("01")
    for t in range(3):
        frame_path(frames, t).rename(frame_path(frames, t, digits=4))
    assert [v.rule for v in validate(result, frames)] == ["digits"] * 3


def test_size_type_and_content(result):
    tifffile.imwrite(mask_path(result, 1), np.array([[2, 0, 3], [2, 0, 3]], np.uint8))
    tifffile.imwrite(mask_path(result, 2), np.array([[2, 0, 3, 70_000]] * 2, np.uint32))
    found = rules(validate(result))
    assert ("size", "mask001.tif", None) in found
    assert ("type", "mask001.tif", None) in found
    assert ("type", "mask002.tif", None) in found
    assert ("label-range", "mask002.tif", None) in found
    assert ("unlisted-object", "mask002.tif", 70_000) in found


def test_size_follows_the_frames(result):
    frames = result.with_name("01")
    tifffile.imwrite(frame_path(frames, 0), np.zeros((3, 4), np.uint8))
    assert [v.rule for v in validate(result, frames)] == ["size"] * 3


def test_empty_masks_and_pieces_are_warnings(result):
    write_mask(mask_path(result, 0), np.zeros((2, 4), int))
    write_mask(mask_path(result, 1), np.array([[2, 3, 0, 3], [0, 2, 0, 3]]))  # 2 hangs together by a corner
    found = validate(result)
    assert [(v.rule, v.label, v.severity) for v in found] == [
        ("empty-mask", None, "warning"),
        ("in-pieces", 3, "warning"),
        ("absent-object", 1, "error"),
    ]


def test_damaged_files_do_not_hide_the_rest(result):
    mask_path(result, 0).write_bytes(b"not a tiff")
    (result / "res_track.txt").write_bytes(b"\xff\xfe\x00")
    assert [(v.rule, v.path.name) for v in validate(result)] == [
        ("unreadable", "mask000.tif"),
        ("unreadable", "res_track.txt"),
    ]


def test_nothing_there(result, tmp_path):
    empty = tmp_path / "02_RES"
    empty.mkdir()
    assert [v.rule for v in validate(empty)] == ["no-masks", "no-track-file"]
    assert "02_RES" in str(validate(empty)[0])
    with pytest.raises(CellsegError, match="not a folder"):
        validate(tmp_path / "nowhere")
    with pytest.raises(CellsegError, match="no frames"):
        validate(result, empty)
