"""What each choice in a training is worth, at a toy size."""

import json
from dataclasses import replace

import torch

from cellseg.rshn import Pair
from cellseg.types import Embedding
from evaluation.training_choices import COORDINATES, USUAL, main, with_coordinates

TINY = [
    "architecture.filters=4",
    "architecture.levels=2",
    "crop=[16,16]",
    "clip_frames=2",
    "simulated_share=0",
    "preparation.input_px_per_network_px=[4,4]",
]


def test_choices_are_made_one_by_one(small_dataset, tmp_path):
    options = [*small_dataset, "--minutes", "0.001", *(word for change in TINY for word in ("--set", change))]
    for choice in (USUAL, "the papers' recipe"):
        main([*options, "--choice", choice], tmp_path)
    rows = json.loads((tmp_path / "training_choices-DIC-C2DH-HeLa.json").read_text())["rows"]
    assert list(rows) == [USUAL, COORDINATES, "the papers' recipe"]
    for row in rows.values():
        assert row["counts"]["frames"] == 10  # 6 to 15: from validation to the held-out block
        assert row["steps"] > 0
        assert row["minutes"] == 0.001


def test_coordinates_stand_behind_the_embedding():
    half = Embedding(torch.full((2, 2, 3), 0.5), torch.ones(2, 3, dtype=torch.bool), 3)
    pair = with_coordinates(Pair(half, replace(half, frame=4), None))
    expected = [[[0.5] * 3] * 2] * 2 + [[[0, 0, 0], [0.005] * 3], [[0, 0.005, 0.01]] * 2]
    torch.testing.assert_close(pair.second.vectors, torch.tensor(expected))
