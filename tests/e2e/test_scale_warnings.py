"""The installed command warns of a scale that the model is not meant for, wherever movies are segmented."""

import json
import subprocess
import sys

import pytest

SMALL = ("--set", "instances.min_area=20")
SAID = (
    "the movie is shrunk 3 times",
    "cells of 30 pixels across hardly fit into frames of 48 x 64",
    "but the model looked for cells of 30",
)


def cellseg(*arguments):
    """Run the command as a user does; return what it printed."""
    words = [sys.executable, "-m", "cellseg", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("verb", ["infer", "preview", "batch"])
def test_warnings(movie, model, tmp_path, verb):
    command = (verb, movie, "--model", model, "--output", tmp_path / "out", *SMALL)
    lines = cellseg(*command, "--diameter", "30").splitlines()
    for words in SAID:
        assert any("warning: " in line for line in lines if words in line), words
    if verb == "batch":
        (row,) = json.loads((tmp_path / "out" / "batch.json").read_text())["movies"]
        assert sum(note.startswith("warning: ") for note in row["notes"]) == 3


def test_no_warning_where_all_is_well(movie, model, tmp_path):
    assert "warning: " not in cellseg("infer", movie, "--model", model, "--output", tmp_path, *SMALL)


def test_the_doctor_says_what_models_are_meant_for():
    words = [sys.executable, "-m", "cellseg", "doctor"]
    shown = subprocess.run(words, capture_output=True, text=True, timeout=300).stdout
    assert "for cells of 14 to 224 pixels across" in shown
