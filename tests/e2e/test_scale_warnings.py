"""A scale that the model is not meant for is warned of, wherever movies are segmented."""

import json

import pytest
from e2e.commands import command, here
from typer.testing import CliRunner

from cellseg.cli import app

SMALL = ("--set", "instances.min_area=20")
SAID = (
    "the movie is shrunk 3 times",
    "cells of 30 pixels across hardly fit into frames of 48 x 64",
    "but the model looked for cells of 30",
)


@pytest.mark.parametrize(("verb", "run"), [("infer", here), ("preview", command), ("batch", here)])
def test_warnings(movie, model, tmp_path, quick_workers, verb, run):
    done = run(verb, movie, "--model", model, "--output", tmp_path / "out", *SMALL, "--diameter", "30")
    lines = (done.stdout + done.stderr).splitlines()
    for words in SAID:
        assert any("warning: " in line for line in lines if words in line), words
    if verb == "batch":
        (row,) = json.loads((tmp_path / "out" / "batch.json").read_text())["movies"]
        assert sum(note.startswith("warning: ") for note in row["notes"]) == 3


def test_no_warning_where_all_is_well(movie, model, tmp_path):
    said = here("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    assert "warning: " not in said.stdout + said.stderr


def test_the_doctor_says_what_models_are_meant_for():
    assert "for cells of 14 to 224 pixels across" in CliRunner().invoke(app, ["doctor"]).stdout
