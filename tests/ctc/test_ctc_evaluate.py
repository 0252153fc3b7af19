import csv
import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from cellseg.cli.evaluate import evaluate as evaluate_verb
from cellseg.ctc import (
    GroundTruth,
    Result,
    evaluate,
    markers_path,
    mask_path,
    segmentation_path,
    write_mask,
    write_tracks,
)
from cellseg.errors import CellsegError
from cellseg.types import Track

FRAMES = [[1, 1, 0, 2], [1, 1, 0, 2], [3, 4, 0, 2], [3, 4, 0, 2]]
TRACKS = [Track(1, 0, 1, 0), Track(2, 0, 3, 0), Track(3, 2, 3, 1), Track(4, 2, 3, 1)]
# 10 vertices, 6 edges: 1 + 3 + 1 + 1 + 2 parents = 8 edges


def image(labels):
    return np.repeat([labels], 3, axis=0)


@pytest.fixture
def sequence(tmp_path):
    """`01_GT` with outlines of frame 1 only, `01_ST` with all, and a perfect `01_RES`."""
    truth, silver, result = tmp_path / "01_GT", tmp_path / "01_ST", tmp_path / "01_RES"
    for folder in (truth / "TRA", truth / "SEG", silver / "SEG", result):
        folder.mkdir(parents=True)
    for t, labels in enumerate(FRAMES):
        write_mask(markers_path(truth, t), image(labels))
        write_mask(segmentation_path(silver, t), np.where(image(labels), 10 - image(labels), 0))
        write_mask(mask_path(result, t), image(labels))
    write_mask(segmentation_path(truth, 1), image([5, 5, 0, 0]))
    write_tracks(truth / "TRA" / "man_track.txt", TRACKS)
    write_tracks(result / "res_track.txt", TRACKS)
    return result, truth


def measures(evaluation):
    report = evaluation.scores.as_dict()
    return {name: report[name] for name in ("SEG", "DET", "TRA", "LNK")}


PERFECT = {"SEG": 1, "DET": 1, "TRA": 1, "LNK": 1}


def test_a_perfect_result(sequence):
    evaluation = evaluate(*sequence)
    assert measures(evaluation) == PERFECT
    counts = evaluation.scores.as_dict()["counts"]
    assert (counts["frames"], counts["vertices"], counts["edges"]) == (4, 10, 8)
    assert (counts["SEG_objects"], counts["SEG_frames"]) == (1, 1)
    assert (counts["SEG_silver_objects"], counts["SEG_silver_frames"]) == (10, 4)
    assert (counts["complete_tracks"], counts["reference_tracks"], counts["reference_divisions"]) == (4, 4, 1)
    report = evaluation.scores.as_dict()
    assert report["CT"] == report["TF"] == report["BC(0)"] == report["BIO(0)"] == report["OP_CLB(3)"] == 1
    assert report["CCA"] is None
    assert list(report["undefined"]) == ["CCA"]
    assert evaluation.warnings == (f"{sequence[1]}: SEG ground truth covers 1 of 4 frames",)


def test_silver_truth_may_be_elsewhere_or_absent(sequence, tmp_path):
    result, truth = sequence
    (tmp_path / "01_ST").rename(tmp_path / "silver")
    assert evaluate(result, truth).scores.silver is None
    elsewhere = evaluate(result, truth, silver=tmp_path / "silver" / "SEG").scores.silver
    assert elsewhere.frames == 4
    with pytest.raises(CellsegError, match="man_segTTT"):
        evaluate(result, truth, silver=tmp_path / "nowhere")


def test_a_block_forgets_parents_outside(sequence):
    whole = evaluate(*sequence, frames=(0, 4)).scores.tracking
    assert whole.edges == 8
    after_the_division = evaluate(*sequence, frames=(2, 4))
    assert after_the_division.scores.tracking.edges == 3
    assert after_the_division.scores.tracking.TRA == 1
    assert after_the_division.scores.as_dict()["SEG"] is None  # frame 1 is outside
    assert after_the_division.scores.tracking.biology.CT == 1
    assert after_the_division.scores.undefined["BC(2)"] == "the ground truth has no division"
    around_it = evaluate(*sequence, frames=(1, 3)).scores.tracking
    assert (around_it.frames, around_it.vertices, around_it.edges) == (2, 5, 3)
    assert (around_it.biology.found_divisions, around_it.biology.complete_tracks) == ((1,) * 4, 4)


@pytest.mark.parametrize("block", [(2, 5), (7, 9)])
def test_a_block_must_be_there(sequence, block):
    with pytest.raises(CellsegError, match="no tracking ground truth for frame") as caught:
        evaluate(*sequence, frames=block)
    assert "0:4" in caught.value.remedy


def test_without_track_file_tracks_come_from_the_markers(sequence):
    result, truth = sequence
    (truth / "TRA" / "man_track.txt").unlink()
    evaluation = evaluate(result, truth)
    assert evaluation.scores.tracking.edges == 6
    assert evaluation.scores.tracking.operations.ED == 2  # the division the ground truth knows nothing of
    assert any("no TRA/man_track.txt" in warning for warning in evaluation.warnings)


def test_a_hole_in_the_numbering_is_bridged_and_said(sequence):
    result, truth = sequence
    markers_path(truth, 1).unlink()
    segmentation_path(truth, 1).unlink()
    for t in range(4):
        segmentation_path(truth.with_name("01_ST"), t).unlink()
    evaluation = evaluate(result, truth)
    assert evaluation.scores.tracking.edges == 2 + 1 + 1 + 2  # 2 over the hole, 3 and 4, two parents
    assert evaluation.scores.tracking.TRA == 1
    assert any("1 of the frame numbers 0..3 are missing" in warning for warning in evaluation.warnings)
    assert any("mask001.tif" in warning for warning in evaluation.warnings)


def test_missing_markers_are_named(sequence):
    result, truth = sequence
    write_mask(markers_path(truth, 1), image([1, 1, 0, 0]))
    evaluation = evaluate(result, truth)
    assert evaluation.scores.tracking.operations.FP == 1
    assert any("without a marker" in w and "label 2 in frames 1" in w for w in evaluation.warnings)


def test_ground_truth_without_parents(sequence):
    result, truth = sequence
    write_tracks(truth / "TRA" / "man_track.txt", [track._replace(parent=0) for track in TRACKS])
    evaluation = evaluate(result, truth)
    assert any("no track has a parent" in warning for warning in evaluation.warnings)
    assert evaluation.scores.tracking.operations.ED == 2


def test_a_missing_mask_is_an_error_that_names_it(sequence):
    result, truth = sequence
    mask_path(result, 2).unlink()
    with pytest.raises(CellsegError, match=r"mask002\.tif"):
        evaluate(result, truth)
    assert evaluate(result, truth, frames=(0, 2)).scores.tracking.TRA == 1


def test_extra_masks_are_ignored_and_said(sequence):
    result, truth = sequence
    write_mask(mask_path(result, 4), image([3, 4, 5, 6]))
    evaluation = evaluate(result, truth)
    assert measures(evaluation) == PERFECT
    assert any("mask004.tif" in warning for warning in evaluation.warnings)


def test_an_invalid_result_is_scored_and_said(sequence):
    result, truth = sequence
    write_tracks(result / "res_track.txt", [Track(1, 0, 1, 0), Track(2, 0, 2, 0), Track(9, 0, 3, 0)])
    evaluation = evaluate(result, truth)
    assert evaluation.scores.tracking.operations.EA == 5
    told = [warning for warning in evaluation.warnings if "invalid result" in warning]
    assert len(told) == 2
    assert "label 2 in frames 3; label 3 in frames 2-3; label 4 in frames 2-3" in told[0]
    assert "label 9 in frames 0-3" in told[1]


def test_an_empty_result_scores_zero(sequence):
    result, truth = sequence
    for t in range(4):
        write_mask(mask_path(result, t), image([0, 0, 0, 0]))
    write_tracks(result / "res_track.txt", [])
    evaluation = evaluate(result, truth)
    assert measures(evaluation) == {"SEG": 0, "DET": 0, "TRA": 0, "LNK": 0}
    measured = {name: value for name, value in evaluation.scores.measures.items() if name != "CCA"}
    assert set(measured.values()) == {0}


def test_other_sizes_and_shared_labels_are_errors(sequence):
    result, truth = sequence
    write_mask(mask_path(result, 2), np.zeros((5, 5), int))
    with pytest.raises(CellsegError, match=r"mask002\.tif: is \(5, 5\)"):
        evaluate(result, truth)
    write_mask(mask_path(result, 2), image(FRAMES[2]))
    write_tracks(result / "res_track.txt", [*TRACKS, Track(1, 2, 2, 0)])
    with pytest.raises(CellsegError, match="label 1 has more than one line"):
        evaluate(result, truth)


def test_folders_that_are_not_what_they_should_be(sequence, tmp_path):
    result, truth = sequence
    with pytest.raises(CellsegError, match="no result masks"):
        evaluate(truth, result)
    with pytest.raises(CellsegError, match="no tracking ground truth"):
        evaluate(result, result)
    with pytest.raises(CellsegError, match="not a folder"):
        evaluate(result, tmp_path / "nowhere")


def test_readers_are_lazy_mappings(sequence):
    result, truth = Result(sequence[0]), GroundTruth(sequence[1])
    assert list(result.masks) == list(truth.markers) == [0, 1, 2, 3]
    assert list(truth.segmentation) == [1]
    assert 7 not in result.masks
    mask_path(sequence[0], 0).write_bytes(b"damaged")
    assert 0 in result.masks  # which is told without reading it
    assert result.tracks == truth.tracks == TRACKS
    np.testing.assert_array_equal(truth.markers[2], image(FRAMES[2]))


def test_progress_sees_every_frame(sequence):
    seen = []

    def watch(numbers):
        for number in numbers:
            seen.append(number)
            yield number

    evaluate(*sequence, progress=watch)
    assert seen == [0, 1, 2, 3]


@pytest.fixture
def command():
    app = typer.Typer()
    app.command()(evaluate_verb)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_verb_prints_a_table_and_writes_json(sequence, command, tmp_path):
    answer = command(*sequence, "--json", tmp_path / "new" / "scores.json", "--frames", "1:4")
    assert answer.exit_code == 0
    table = {line[:24].strip(): line[24:].split() for line in answer.stdout.splitlines()}
    assert table["SEG"] == ["1.000000", "1", "object,", "1", "frame"]
    assert table["SEG_silver"][:2] == ["1.000000", "8"]
    assert table["TRA"][0] == "1.000000"
    assert table["NS"][0] == "0"
    assert "warning: " in answer.stderr and "covers 1 of 3 frames" in answer.stderr
    report = json.loads((tmp_path / "new" / "scores.json").read_text(encoding="utf-8"))
    assert report == evaluate(*sequence, frames=(1, 4)).scores.as_dict()


def test_the_verb_says_what_is_undefined_and_why(sequence, command):
    lines = {line[:24].strip(): line[24:].strip() for line in command(*sequence).stdout.splitlines()}
    assert lines["CCA"] == "n/a  the ground truth has no complete cell cycle, from a division to a division"
    assert lines["BC(1)"] == "1.000000  1 of 1 divisions found, 1 in the result, tolerance 1"
    assert lines["BIO(1)"] == "1.000000  mean of CT, TF, BC(1)"


def test_the_verb_writes_the_errors_as_a_table(sequence, command, tmp_path):
    result, truth = sequence
    write_mask(mask_path(result, 3), image([3, 0, 0, 2]))
    write_tracks(result / "res_track.txt", [*TRACKS[:3], Track(4, 2, 2, 1)])
    path = tmp_path / "new" / "errors.csv"
    assert command(result, truth, "--details", path).exit_code == 0
    assert path.read_bytes().count(b"\r") == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = {"frame": "3", "kind": "missed", "result": "", "truth": "4", "cost": "10"}
    nowhere = dict.fromkeys(("other_frame", "other_result", "other_truth"), "")
    from_frame_2 = {"other_frame": "2", "other_result": "4", "other_truth": "4"}
    assert rows == [missed | nowhere, missed | from_frame_2 | {"kind": "missing link", "cost": "1.5"}]
    assert command(result, truth, "--details", path, "--frames", "0:3").exit_code == 0
    assert path.read_text().count("\n") == 1


def test_the_table_of_errors_is_csv(sequence, command, tmp_path):
    answer = command(*sequence, "--details", tmp_path / "errors.json")
    assert answer.exit_code == 2
    assert "does not end in .csv" in answer.stderr


@pytest.mark.parametrize("block", ["3", "a:b", "4:2", "2:2"])
def test_a_block_that_is_none_is_wrong_usage(sequence, command, block):
    assert command(*sequence, "--frames", block).exit_code == 2
