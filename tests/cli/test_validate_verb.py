"""`cellseg validate` says what is wrong, and exits accordingly."""

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
