"""What each choice in a training is worth: one network after the other, all for the same time.

    python evaluation/training_choices.py --data data --minutes 10

Trains on the training block of a dataset from random weights: by `configs/training/small.yaml`, with one of
its settings changed at a time (another seed tells what chance does), and by the papers' recipe. Scored are
the frames between training and held-out block, clustered and linked as `infer` does at the settings of the
dataset's configuration. One more row clusters the first network's embeddings with coordinates beside them, as
published, the whole frame being the tile; what follows the clustering knows of no coordinates. Writes
`evaluation/results/training_choices-<dataset>.json` after each row; rows that are there stay, so that
`--choice` may make them one by one. Nothing else should run meanwhile: time is what the rows have in common.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import DatasetConfig, load_dataset_config, override
from cellseg.device import choose_device, choose_precision
from cellseg.published import COORDINATE_FACTOR
from cellseg.rshn import Model, Pair, load_model
from cellseg.training import DatasetSequence, load_recipe, train_model
from cellseg.types import Embedding
from cellseg.video import open_video
from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.tables import table
from evaluation.scoring.run import Movie, embed_video, labeller_and_result, score_result
from evaluation.scoring.unseen import Unseen

USUAL = "the recipe"
COORDINATES = "coordinates beside the embeddings"
CHOICES: dict[str, tuple[str, list[str]]] = {
    USUAL: ("small", []),
    "another seed": ("small", ["seed=1"]),
    "state handed on (stream)": ("small", ["reset_probability=0.3"]),
    "pull by 1 - cos^2": ("small", ["squared_pull=true"]),
    "all instances repel": ("small", ["repulsion_radius=1e9"]),
    "no simulated movies": ("small", ["simulated_share=0"]),
    "the papers' recipe": ("published", []),
}
"""Recipe and changes to it."""
SIMULATED = 10
"""Simulated movies, where a share of the passes plays some."""


def main(command: Sequence[str] | None = None, results: Path = RESULTS) -> None:
    """Parse, train, score, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", default="DIC-C2DH-HeLa", help="name, or a configuration")
    parser.add_argument("--data", type=Path, required=True, help="folder of CTC datasets")
    parser.add_argument("--minutes", type=float, default=10, help="of each training")
    parser.add_argument("--choice", action="append", choices=CHOICES, help="may be given several times")
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE in all recipes")
    arguments = parser.parse_args(command)

    config = load_dataset_config(arguments.dataset)
    path = results / f"training_choices-{config.dataset}.json"
    for choice in arguments.choice or CHOICES:
        for name, row in measure(
            config, arguments.data, choice, [f"minutes={arguments.minutes}", *arguments.set]
        ).items():
            rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else {}
            made = {"minutes": arguments.minutes, "set": arguments.set}
            rows[name] = {**row, **made, "machine": conditions(choose_device().type)}
            record = {"dataset": config.dataset, "rows": rows}
            results.mkdir(exist_ok=True)
            path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(show(json.loads(path.read_text(encoding="utf-8"))["rows"]))


def measure(config: DatasetConfig, data: Path, choice: str, changes: list[str]) -> dict[str, dict[str, Any]]:
    """Train by one choice, and score.

    Parameters
    ----------
    config : DatasetConfig
    data : Path
        Folder of datasets.
    choice : str
        One of `CHOICES`.
    changes : list of str
        KEY=VALUE, to all recipes.

    Returns
    -------
    dict of str to dict
        Steps, and scores, by the name of the row.
    """
    recipe, own = CHOICES[choice]
    settings = override(load_recipe(recipe), ["steps=1000000", "validate_every=1000000", *changes, *own])
    name, blocks = next((n, b) for n, b in config.blocks.items() if (data / config.dataset / n).is_dir())
    sequence = data / config.dataset / name
    frames = blocks.validation[0], blocks.held_out[0]
    movie = Movie(config, sequence, Unseen(frames, frames))
    device = choose_device()
    with tempfile.TemporaryDirectory() as folder:
        model = load_model(
            train_model(
                [DatasetSequence(config, sequence)],
                settings,
                Path(folder) / "model",
                device,
                simulated=SIMULATED if settings.simulated_share else 0,
                say=print,
            ),
            device,
            choose_precision("auto", device),
        )
        training = model.card.training
        rows = {choice: {"steps": training.steps, **score(model, movie)}}
        if choice == USUAL:
            rows[COORDINATES] = {"steps": training.steps, **score(model, movie, with_coordinates)}
    return rows


def score(model: Model, movie: Movie, change: Callable[[Pair], Pair] = lambda pair: pair) -> dict[str, Any]:
    """Score what a model makes of the frames that count, what is clustered being changed before."""
    with open_video(movie.sequence, movie.frames.movie) as video:
        labeller, result = labeller_and_result(movie, video, model, change=change)
        for pair in embed_video(video, model):
            result.add_pair(pair, labeller(pair, 0))
        return score_result(movie, result)


def with_coordinates(pair: Pair) -> Pair:
    """Append y and x to the vectors, as the published clustering does."""

    def longer(half: Embedding) -> Embedding:
        _, height, width = half.vectors.shape
        device = half.vectors.device
        sides = torch.arange(height, device=device), torch.arange(width, device=device)
        grid = COORDINATE_FACTOR * torch.stack(torch.meshgrid(*sides, indexing="ij"))
        return replace(half, vectors=torch.cat([half.vectors, grid]))

    return replace(pair, first=longer(pair.first), second=longer(pair.second))


def show(rows: dict[str, dict[str, Any]]) -> str:
    """Make the table."""
    shown = ("SEG", "DET", "TRA", "LNK")
    return table(
        ["", "steps", *shown],
        [[name, row["steps"], *(f"{row[measure]:.3f}" for measure in shown)] for name, row in rows.items()],
    )


if __name__ == "__main__":
    main()
