"""One dataset: its model's embeddings of frames that it never saw, and what every method makes of them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cellseg.config import DatasetConfig
from cellseg.ctc import GroundTruth, evaluate
from cellseg.rshn import Model, Pair, embed_pairs
from cellseg.video import Video, open_video, prepare

from ..pipeline.stopwatch import Stopwatch
from .classical import classical
from .embedded import EVERY_PIXEL, OURS, SWAPPED, Labeller, every_pixel, so_many_seeds, swapped
from .result import Result
from .unseen import Unseen

CLASSICAL = "threshold and watershed"
SEEDS = (4, 8, 16, 32, 64, 128, 256, 512)
"""N of Fig. 9."""
BEFORE = 7
"""Frames ahead of those that count, as long as there are any: a window begins with a zero state."""


@dataclass(frozen=True)
class Movie:
    """What is scored.

    Attributes
    ----------
    config : DatasetConfig
    sequence : Path
        Folder of frames; the truth is beside it.
    frames : Unseen
    """

    config: DatasetConfig
    sequence: Path
    frames: Unseen

    def scores(self, result: Path) -> dict[str, Any]:
        """Score a result on the frames that count; SEG is against silver truth where there is some."""
        truth = self.sequence.with_name(f"{self.sequence.name}_GT")
        scores = evaluate(result, truth, frames=self.frames.scored).scores.as_dict()
        scores["SEG_gold"] = scores["SEG"]
        scores["SEG"] = scores.pop("SEG_silver", scores["SEG"])
        return scores

    def instances(self, numbers: tuple[int, int]) -> int:
        """Count the instances of the truth in two frames."""
        markers = GroundTruth(self.sequence.with_name(f"{self.sequence.name}_GT")).markers
        return len(np.unique([label for number in numbers for label in np.unique(markers[number])])) - 1


def score_movie(movie: Movie, model: Model, *, seeds: bool = True) -> list[dict[str, Any]]:
    """Run every method over one movie.

    Parameters
    ----------
    movie : Movie
    model : Model
    seeds : bool
        Whether Fig. 9 is measured, too.

    Returns
    -------
    list of dict
        A row for each method: `method`, scores, and `seconds` a frame by stage; `seeds` where N is fixed.
    """
    with open_video(movie.sequence, movie.frames.begun(BEFORE)) as video:
        rows = _embedded(movie, video, model, seeds)
        rows.insert(1, _classical(movie, video, model))
    return rows


def labeller_and_result(movie: Movie, video: Video, model: Model, **options: Any) -> tuple[Labeller, Result]:
    """Make what labels the pairs of a movie, and what takes the labels, at the settings of its dataset.

    Parameters
    ----------
    movie : Movie
    video : Video
        The part of it that is read.
    model : Model
    **options
        `run` or `change` of `Labeller`.

    Returns
    -------
    Labeller, Result
    """
    settings, card = movie.config.settings().for_model(model.card), model.card
    threshold, min_area = card.inference.foreground_threshold, settings.instances.min_area or 1
    min_pixels = max(1, round(2 * min_area / np.prod(card.preparation.input_px_per_network_px)))
    labeller = Labeller(settings.clustering, threshold, min_pixels, **options)
    return labeller, Result(video, settings, threshold, min_area)


def embed_video(video: Video, model: Model) -> Iterator[Pair]:
    """Embed all pairs of a video, as the model's card says."""
    card = model.card

    def frame(t: int) -> torch.Tensor:
        return torch.from_numpy(prepare(video.frame(t), card.preparation)).to(model.device)

    return embed_pairs(
        model.network,
        frame,
        len(video),
        window=card.inference.window if card.inference.state == "window" else None,
        warmup=card.inference.warmup,
        views=card.inference.views,
    )


def score_result(movie: Movie, result: Result) -> dict[str, Any]:
    """Link, write and score a result."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{movie.sequence.name}_RES"
        result.write(path, result.link())
        return movie.scores(path)


def _embedded(movie: Movie, video: Video, model: Model, seeds: bool) -> list[dict[str, Any]]:
    bandwidth = movie.config.settings().for_model(model.card).clustering.bandwidth
    runs = {OURS: None, EVERY_PIXEL: every_pixel(bandwidth)}
    runs |= {name: swapped(name, bandwidth) for name in SWAPPED}
    if seeds:
        runs |= {f"N = {count}": so_many_seeds(bandwidth, count) for count in SEEDS}
    methods = {name: labeller_and_result(movie, video, model, run=run) for name, run in runs.items()}
    watch = Stopwatch(model.device)
    pairs = embed_video(video, model)
    numbers = video.frame_numbers
    for _ in tqdm(range(len(video) - 1), desc=movie.config.dataset, unit="pair"):
        with watch("network"):
            pair = next(pairs)
        instances = movie.instances((numbers[pair.first.frame], numbers[pair.second.frame]))
        for name, (labeller, result) in methods.items():
            with watch(name):
                halves = labeller(pair, instances)
            result.add_pair(pair, halves)
    seconds, rows = watch.lap(), []
    for name, (_, result) in methods.items():
        spent = {"network": seconds["network"] / len(video), "clustering": seconds[name] / len(video)}
        rows.append({"method": name, "seconds": spent, **score_result(movie, result)})
    return rows


def _classical(movie: Movie, video: Video, model: Model) -> dict[str, Any]:
    settings = movie.config.settings()
    result = Result(video, settings, min_area=settings.instances.min_area or 1)
    diameter = model.card.preparation.cell_diameter_px
    assert diameter is not None  # a trained model states it
    fluorescent = movie.config.dataset.startswith("Fluo")
    begin = time.perf_counter()
    for t in range(len(video)):
        result.add_frame(classical(video.frame(t), diameter, fluorescent=fluorescent))
    spent = {"segmentation": (time.perf_counter() - begin) / len(video)}
    return {"method": CLASSICAL, "seconds": spent, **score_result(movie, result)}
