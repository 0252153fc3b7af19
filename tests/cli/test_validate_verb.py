"""`cellseg validate` says what is wrong, and exits accordingly."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cellseg.cli import app
from cellseg.ctc import write_mask, write_tracks
from cellseg.types import Track


@pytest.fixture
def result(tmp_path: Path) -> Path:
    folder = tmp_path / "01_RES"
    folder.mkdir()
    mask = np.zeros((8, 8), np.uint16)
    mask[2:5, 2:5] = 1
    for frame in range(2):
        write_mask(folder / f"mask{frame:03}.tif", mask)
    write_tracks(folder / "res_track.txt", [Track(1, 0, 1, 0)])
    return folder


def test_a_valid_result_exits_with_0(result: Path) -> None:
    checked = CliRunner().invoke(app, ["validate", str(result)])
    assert checked.exit_code == 0, checked.output
    assert checked.output == f"{result}: valid; errors: 0, warnings: 0\n"


def test_a_track_without_masks_exits_with_1_and_is_named(result: Path) -> None:
    write_tracks(result / "res_track.txt", [Track(1, 0, 1, 0), Track(2, 0, 1, 0)])
    checked = CliRunner().invoke(app, ["validate", str(result)])
    assert checked.exit_code == 1
    assert "error: " in checked.output
    assert f"{result}: not valid" in checked.output


def test_json_holds_every_violation(result: Path) -> None:
    write_tracks(result / "res_track.txt", [Track(1, 0, 1, 0), Track(2, 0, 1, 0)])
    checked = CliRunner().invoke(app, ["validate", str(result), "--json"])
    assert checked.exit_code == 1
    report = json.loads(checked.stdout)
    assert (report["result"], report["valid"]) == (str(result), False)
    assert [(v["label"], v["rule"], v["severity"]) for v in report["violations"]] == [
        (2, "absent-object", "error"),
        (2, "absent-object", "error"),
    ]
    assert report["violations"][1]["file"] == str(result / "mask001.tif")
    assert "corrected" not in report


def test_fix_writes_a_valid_copy_and_exits_with_0(result: Path) -> None:
    write_tracks(result / "res_track.txt", [Track(1, 0, 1, 0), Track(2, 0, 1, 0)])
    copy = result.with_name("fixed")
    checked = CliRunner().invoke(app, ["validate", str(result), "--fix", str(copy)])
    assert checked.exit_code == 0, checked.output
    assert f"{result}: not valid; errors: 2" in checked.output
    assert f"corrected: {result / 'res_track.txt'}: track 2 is left out: no mask holds it" in checked.output
    assert checked.output.endswith(f"{copy}: valid; errors: 0, warnings: 0\n")
    assert CliRunner().invoke(app, ["validate", str(copy)]).exit_code == 0


def test_what_fix_cannot_mend_exits_with_1(result: Path) -> None:
    for frame in range(2):
        write_mask(result / f"mask{frame:03}.tif", np.zeros((8, 8), np.uint16))
    copy = result.with_name("fixed")
    checked = CliRunner().invoke(app, ["validate", str(result), "--fix", str(copy), "--json"])
    assert checked.exit_code == 1
    corrected = json.loads(checked.stdout)["corrected"]
    assert (corrected["result"], corrected["valid"]) == (str(copy), False)
    assert corrected["changes"] == [
        {"file": str(result / "res_track.txt"), "message": "track 1 is left out: no mask holds it"}
    ]
    assert "no-tracks" in {violation["rule"] for violation in corrected["violations"]}
