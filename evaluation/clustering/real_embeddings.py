"""The embeddings that a trained model makes of a movie, pair by pair, as `infer` clusters them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from cellseg.config import load_dataset_config
from cellseg.meanshift import Clusters, Osop, Patience, cluster
from cellseg.pair_clusters import seed_squares
from cellseg.rshn import Model, embed_pairs
from cellseg.simulate import preset, write_ctc
from cellseg.video import open_video, prepare

from .pairs import PairVectors
from .plan import Plan
from .walk import BANDWIDTH

MODEL = "DIC-C2DH-HeLa"
"""Name of the model, of its dataset and its settings, and of the preset of the movie that is simulated."""
SEQUENCE = "01"
SEED = 1
"""Of the simulated movie: the demo's, which no training saw."""
RANDOM_SEEDS = 2000
"""Seeds of exact mean-shift where it does not start from every point."""


def movie(plan: Plan, folder: Path, frames: int) -> Path:
    """Find the movie in the data, or simulate one.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Where to simulate.
    frames : int
        Length of a simulated movie.

    Returns
    -------
    Path
        Folder of the frames; `<sequence>_GT` is beside it.
    """
    if plan.data is not None:
        return plan.data / MODEL / SEQUENCE
    return write_ctc(preset(MODEL), folder, SEQUENCE, frames, SEED)


def unseen(plan: Plan) -> tuple[int, int] | None:
    """Give the frames that the model never saw: the held-out block, or None, all of a simulated movie."""
    return None if plan.data is None else load_dataset_config(MODEL).blocks[SEQUENCE].held_out


def embeddings(
    path: Path, frames: tuple[int, int] | None, model: Model, count: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, float]]:
    """Run a model over a movie.

    Parameters
    ----------
    path : Path
        The movie.
    frames : tuple of int or None
        Block of its frames; None for all.
    model : Model
    count : int
        Most pairs wanted, from the first on.

    Yields
    ------
    points : torch.Tensor, (n, D)
        Foreground embeddings of frames t and t + 1, on the model's device.
    strata : torch.Tensor, (n,) int64
        Square of the image that each lies in.
    foreground_ratio : float
        r.
    """
    inference = model.card.inference
    with open_video(path, frames) as video:
        pairs = embed_pairs(
            model.network,
            lambda t: torch.from_numpy(prepare(video.frame(t), model.card.preparation)).to(model.device),
            len(video),
            window=inference.window if inference.state == "window" else None,
            warmup=inference.warmup,
            views=inference.views,
        )
        for pair in islice(pairs, count):
            halves = (pair.first, pair.second)
            points = torch.cat([half.vectors[:, half.foreground].T for half in halves]).contiguous().float()
            foreground = torch.stack([half.foreground for half in halves])
            yield points, seed_squares(foreground), len(points) / foreground.numel()


def real_pairs(path: Path, frames: tuple[int, int] | None, model: Model, count: int) -> list[PairVectors]:
    """Give the pairs of `embeddings`, with the modes that exact mean-shift from 2,000 seeds finds.

    Wanted is a mode with as many nearest pixels as `infer` asks of an instance.

    Parameters
    ----------
    path, frames, model, count
        As in `embeddings`.

    Returns
    -------
    list of PairVectors
    """
    min_area = load_dataset_config(MODEL).instances.min_area or 0
    least = 2 * min_area / np.prod(model.card.preparation.input_px_per_network_px)
    pairs = []
    for points, strata, ratio in embeddings(path, frames, model, count):
        found = exact(points, RANDOM_SEEDS, seed=0)
        sizes = torch.bincount(found.labels, minlength=len(found.modes))
        pairs.append(PairVectors(points, strata, ratio, found.modes[sizes >= least]))
    return pairs


def exact(points: torch.Tensor, seeds: int, seed: int) -> Clusters:
    """Cluster by mean-shift as it is defined: seeds climb on all points until each rests.

    Parameters
    ----------
    points : torch.Tensor, (n, D)
    seeds : int
        Drawn from the points; n takes every one.
    seed : int

    Returns
    -------
    Clusters
    """
    return cluster(
        points,
        BANDWIDTH,
        osop=Osop.fixed(seeds),
        rng=np.random.default_rng(seed),
        sample=None,
        max_uncovered=None,
        patience=Patience(early_stop=1.0),
    )
