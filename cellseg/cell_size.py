"""How large the cells of a movie are, as the model itself sees them: for movies of which nobody says it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.config import Preparation, Settings
from cellseg.pair_clusters import cluster_pair, seed_policy
from cellseg.pair_instances import pair_instances
from cellseg.rshn import Model, embed_pairs
from cellseg.video import Video, prepare

_FRAMES = 3
_MIDDLE = 512
"""Network pixels along each axis, around the middle of a frame, that are looked at."""
_ROUNDS = 8
_SETTLED = 1.05
"""Diameters that differ by less are the same."""
_LARGEST_STEP = 3.0
_DEBRIS = 0.05
"""Share of the area of the model's typical cell: smaller instances are debris."""


def estimate_diameter(video: Video, model: Model, settings: Settings) -> float | None:
    """Estimate the typical diameter of the cells in the first frames of a movie.

    The model, which knows cells of one size, segments the frames; the size it finds tells at which scale to
    look again, until that changes no more. Seen much too large, a cell falls into parts, but into the fewer
    the nearer the scale comes; so the search begins with large cells.

    Parameters
    ----------
    video : Video
    model : Model
        States the diameter it was trained at.
    settings : Settings
        Of clustering and seeds.

    Returns
    -------
    float or None
        In original pixels; None where no cell is found.
    """
    trained = model.card.preparation
    settings = settings.for_model(model.card)
    assert trained.cell_diameter_px is not None
    diameter = trained.cell_diameter_px
    for _ in range(_ROUNDS):
        factor = diameter / trained.cell_diameter_px
        seen = _seen(video, model, settings, trained.scaled((factor, factor)))
        if seen is None:
            return None
        settled = max(seen, diameter) < _SETTLED * min(seen, diameter)
        # One step never goes so far that no cell is left to measure.
        diameter *= min(max(seen / diameter, 1 / _LARGEST_STEP), _LARGEST_STEP)
        if settled:
            break
    return diameter


def _seen(video: Video, model: Model, settings: Settings, preparation: Preparation) -> float | None:
    """Measure the cells at one scale: the diameter, in original pixels, that an average pixel's cell has."""

    def frame(t: int) -> Tensor:
        image = prepare(video.frame(t), preparation)
        y, x = (slice(max(0, (side - _MIDDLE) // 2), (side + _MIDDLE) // 2) for side in image.shape)
        return torch.from_numpy(np.ascontiguousarray(image[y, x])).to(model.device)

    *_, pair = embed_pairs(model.network, frame, min(_FRAMES, len(video)), window=None)
    clusters, foreground = cluster_pair(
        pair,
        settings.clustering,
        (settings.inference or model.card.inference).foreground_threshold,
        seed_policy(settings.clustering),
        np.random.default_rng(settings.seed),
    )
    across = np.prod(preparation.input_px_per_network_px) ** 0.5
    assert preparation.cell_diameter_px is not None
    debris = _DEBRIS * np.pi / 4 * (preparation.cell_diameter_px / across) ** 2
    labels = pair_instances(
        pair,
        clusters.labels.cpu().numpy(),
        foreground.cpu().numpy(),
        settings.clustering,
        max(1, round(2 * debris)),
    )
    diameter = typical_diameter(np.bincount(labels[1].ravel())[1:])
    return None if diameter is None else float(across * diameter)


def typical_diameter(areas: NDArray[np.integer]) -> float | None:
    """Give the diameter of the cell that an average pixel belongs to.

    Every pixel has a vote: a cell in many parts counts by its large ones.

    Parameters
    ----------
    areas : numpy.ndarray, (n,) int
        In pixels.

    Returns
    -------
    float or None
        Of a disc of the same area, in pixels; None where there is no cell.
    """
    total = areas.sum(dtype=float)
    return float(2 * np.sqrt((areas.astype(float) ** 2).sum() / total / np.pi)) if total else None
