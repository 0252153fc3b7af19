"""Accuracy against the number of corrected frames, at a toy size."""

import json

import yaml

from evaluation.few_frames import main, spread

RECIPE = {
    "preparation": {"input_px_per_network_px": [1, 1]},
    "cell_diameter": 12,
    "crop": [16, 16],
    "clip_frames": 2,
    "validate_every": 100,
}


def test_frames_that_were_corrected_make_a_row(small_dataset, random_model, tmp_path):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))
    options = ("--from", random_model, "--recipe", tmp_path / "recipe.yaml", "--steps", 1)
    counts = ("--frames", 0, "--frames", 3)
    main([str(word) for word in (*small_dataset, *options, *counts)], tmp_path)
    record = json.loads((tmp_path / "few_frames-DIC-C2DH-HeLa-start.json").read_text())
    assert [row["frames"] for row in record["rows"]] == [[], [0, 4, 7]]
    assert all(0 <= row["SEG"] <= 1 for row in record["rows"])
    assert all(row["counts"]["frames"] == 2 for row in record["rows"])
    assert record["rows"][1]["steps"] in (0, 1)
    assert record["settings"]["steps"] == 1


def test_frames_are_spread_evenly():
    assert spread(range(41), 5, pairs=False) == [0, 10, 20, 30, 40]
    assert spread(range(42), 6, pairs=True) == [0, 1, 20, 21, 40, 41]
    assert spread(range(42), 5, pairs=True) == [0, 1, 20, 21, 40]
    assert spread(range(42), 0, pairs=False) == []
