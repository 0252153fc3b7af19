"""`cellseg evaluate`: a result with known errors, its table of errors, and the challenge's programs."""

import csv
import json
import sys

import numpy as np
import pytest
from e2e.commands import command, here
from tifffile import imread, imwrite


def evaluate(*arguments, check=0):
    return here("evaluate", *arguments, check=check)


@pytest.fixture
def scored(movie, tmp_path):
    """The truth, but cell 1 is lost in the last frame, and cell 3 has another name from frame 5 on."""
    truth, result = movie.with_name("01_GT"), tmp_path / "01_RES"
    result.mkdir()
    for t in range(8):
        labels = imread(truth / "TRA" / f"man_track{t:03d}.tif")
        if t >= 5:
            labels = np.where(labels == 3, 4, labels)
        if t == 7:
            labels = np.where(labels == 1, 0, labels)
        imwrite(result / f"mask{t:03d}.tif", labels.astype(np.uint16))
    (result / "res_track.txt").write_text("1 0 6 0\n2 0 7 0\n3 3 4 0\n4 5 7 0\n")
    return result, truth


def test_scores_and_errors(scored, tmp_path):
    tables = ("--details", tmp_path / "errors.csv", "--json", tmp_path / "scores.json")
    said = command("evaluate", *scored, *tables)
    with (tmp_path / "errors.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["frame"], row["kind"], row["truth"], row["result"], row["cost"]) for row in rows] == [
        ("5", "missing link", "3", "4", "1.5"),
        ("7", "missed", "1", "", "10"),
        ("7", "missing link", "1", "", "1.5"),
    ]
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["operations"] == {"NS": 0, "FN": 1, "FP": 0, "ED": 0, "EA": 2, "EC": 0}
    # 21 objects, 18 links: 8, 8 and 5 frames
    assert scores["TRA"] == pytest.approx(1 - sum(float(row["cost"]) for row in rows) / (10 * 21 + 1.5 * 18))
    assert scores["CT"] == pytest.approx(2 * 1 / (3 + 4))
    assert scores["TF"] == pytest.approx((7 / 8 + 1 + 3 / 5) / 3)
    assert scores["BC(3)"] is None and scores["undefined"]["BC(3)"] == "the ground truth has no division"
    assert scores["BIO(0)"] == pytest.approx((scores["CT"] + scores["TF"]) / 2)
    assert "n/a  the ground truth has no division" in said.stdout


def test_a_block_leaves_the_errors_outside_it_alone(scored, tmp_path):
    evaluate(*scored, "--frames", "0:5", "--details", tmp_path / "errors.csv")
    assert (tmp_path / "errors.csv").read_text().count("\n") == 1
    evaluate(*scored, "--frames", "5:7", "--details", tmp_path / "errors.csv")
    assert (tmp_path / "errors.csv").read_text().count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are scripts")
def test_the_official_programs_beside_ours(scored, tmp_path):
    software = tmp_path / "programs"
    software.mkdir()
    for measure, value in {"SEG": "0.952381", "DET": "0.952381", "TRA": "0.900000"}.items():
        program = software / f"{measure}Measure"
        program.write_text(
            f"#!/bin/sh\ntest -e $1/$2_GT/TRA/man_track000.tif && echo '{measure} measure: {value}'\n"
        )
        program.chmod(0o755)
    said = evaluate(*scored, "--engine", "official", software, "--json", tmp_path / "scores.json").stdout
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines()[-3:]}
    assert lines["DET"] == ["0.952381", "0.952381", "0.000000"]
    assert lines["TRA"] == ["0.945148", "0.900000", "0.045148"]
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["official"] == {"SEG": 0.952381, "DET": 0.952381, "TRA": 0.9}

    (software / "TRAMeasure").unlink()
    assert "holds no TRAMeasure" in evaluate(*scored, "--engine", "official", software, check=1).stderr
    assert (
        "whole sequences"
        in evaluate(*scored, "--engine", "official", software, "--frames", "0:4", check=2).stderr
    )
    assert "'python' is not 'official'" in evaluate(*scored, "--engine", "python", software, check=2).stderr
