"""What is on disk is a complete Cell Tracking Challenge sequence, and the truth of the frames beside it."""

import numpy as np
import pytest
import tifffile
import typer
from typer.testing import CliRunner

from cellseg.cli.simulate import simulate as command
from cellseg.errors import CellsegError
from cellseg.simulate import Simulation, preset, write_ctc

DIC = preset("DIC-C2DH-HeLa")


def test_the_layout_is_complete(tmp_path):
    ticks = []
    folder = write_ctc(DIC, tmp_path, "01", 3, 7, (200, 180), progress=lambda: ticks.append(1))
    assert folder == tmp_path / "DIC-C2DH-HeLa" / "01"
    assert len(ticks) == 3
    files = sorted(path.relative_to(folder.parent).as_posix() for path in folder.parent.rglob("*.*"))
    assert files == sorted(
        [f"01/t{t:03d}.tif" for t in range(3)]
        + [f"01_GT/SEG/man_seg{t:03d}.tif" for t in range(3)]
        + [f"01_GT/TRA/man_track{t:03d}.tif" for t in range(3)]
        + ["01_GT/TRA/man_track.txt"]
    )


def test_files_hold_the_simulation(tmp_path):
    folder = write_ctc(DIC, tmp_path, "02", 3, 7, (200, 180))
    truth = folder.with_name("02_GT")
    simulation = Simulation(DIC, 3, 7, (200, 180))
    for t, frame in enumerate(simulation.frames()):
        np.testing.assert_array_equal(tifffile.imread(folder / f"t{t:03d}.tif"), frame.image)
        for name in (f"SEG/man_seg{t:03d}.tif", f"TRA/man_track{t:03d}.tif"):
            with tifffile.TiffFile(truth / name) as mask:
                assert mask.pages[0].compression.name == "ADOBE_DEFLATE"
                np.testing.assert_array_equal(mask.asarray(), frame.labels)
                assert mask.asarray().dtype == np.uint16
    lines = (truth / "TRA" / "man_track.txt").read_text(encoding="ascii").splitlines()
    assert [tuple(map(int, line.split())) for line in lines] == simulation.tracks


def test_an_existing_target_is_left_alone(tmp_path):
    folder = write_ctc(DIC, tmp_path, "01", 1, 1, (64, 64))
    before = (folder / "t000.tif").read_bytes()
    with pytest.raises(CellsegError, match="not empty"):
        write_ctc(DIC, tmp_path, "01", 1, 2, (64, 64))
    assert (folder / "t000.tif").read_bytes() == before


def test_the_command_writes_and_says_where(tmp_path):
    app = typer.Typer()
    app.command()(command)
    options = ["--preset", "Fluo-N2DH-SIM+", "--output", str(tmp_path), "--frames", "2", "--seed", "3"]
    result = CliRunner().invoke(app, [*options, "--sequence", "05", "--size", "96", "128"])
    assert result.exit_code == 0, result.output
    folder = tmp_path / "Fluo-N2DH-SIM+" / "05"
    assert str(folder) in result.output
    assert tifffile.imread(folder / "t001.tif").shape == (96, 128)
