"""One training from movies on disk to a model folder that `cellseg infer --model` takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cellseg.config import Preparation
from cellseg.errors import CellsegError
from cellseg.rshn import load_network
from cellseg.simulate import PRESETS, preset, write_ctc
from cellseg.training.material import Material, Source, at_scale
from cellseg.training.movies import Movie, read_movies
from cellseg.training.product import Product
from cellseg.training.settings import TrainingSettings
from cellseg.training.trainer import Trainer

_FIRST_SIMULATED_SEED = 1000
_SIMULATED_FRAMES = 32
_UNLIKE = 1.3
"""Diameters that differ by more are said to differ."""


def train_model(
    sources: Sequence[Source],
    settings: TrainingSettings,
    output: Path,
    device: torch.device,
    *,
    start: str | None = None,
    simulated: int = 0,
    report: Callable[[dict[str, float]], None] = lambda figures: None,
    say: Callable[[str], Any] = lambda message: None,
) -> Path:
    """Train a model, validating it by real inference as training goes on.

    Parameters
    ----------
    sources : sequence of Source
        `DatasetSequence`, `OwnMovie` or `OwnStills`.
    settings : TrainingSettings
    output : Path
        Receives the model (weights.safetensors, model.yaml, README.md), log.jsonl, checkpoint.safetensors and
        pictures of what is scored. A checkpoint that is there is continued.
    device : torch.device
    start : str, optional
        Model whose weights to start from.
    simulated : int
        Simulated movies to mix in for every dataset that there is a preset for; they are kept in
        `output/simulated`.
    report : callable
        Receives the figures of every step.
    say : callable
        Told what was found and decided.

    Returns
    -------
    Path
        The model folder, `output`.

    Raises
    ------
    CellsegError
        Data is missing, the model to start from has another architecture, or the checkpoint is of another
        training.
    """
    output.mkdir(parents=True, exist_ok=True)
    begun = None if start is None else load_network(start)
    if begun is not None and begun[1].architecture != settings.architecture:
        raise CellsegError(f"the model {start} has another architecture than the recipe")
    materials = [source.material(settings, say) for source in sources]
    real = [movie for material in materials for movie in material.movies]
    product = Product(
        settings,
        _preparation(settings, materials, say),
        materials,
        output,
        None if begun is None else (begun[0].resolve().name, begun[1]),
    )
    if not product.validations:
        say("nothing is scored as training goes on: the weights of the last step are kept")
    if settings.crowded_share > 0 and not any(movie.bright for movie in real):
        say("nowhere are cells bright on dark ground: crowded_share changes nothing")
    trainer = Trainer(
        settings,
        real,
        _simulated_movies(settings, materials, output / "simulated", simulated),
        output,
        device,
        start=None if begun is None else begun[2],
        validate=product.validate if product.validations else None,
        keep=product.write,
        say=say,
        origin={
            "data": [material.origin for material in materials],
            "simulated": simulated,
            "start": None if begun is None else begun[1].weights.sha256,
        },
    )
    trainer.run(report)
    if not product.validations:
        product.write(trainer.average, trainer.step, {})
    return output


def _preparation(
    settings: TrainingSettings, materials: Sequence[Material], say: Callable[[str], Any]
) -> Preparation:
    """State how a user's frames are prepared: at which scale, for cells of which diameter."""
    learnt = [material for material in materials if material.movies]
    sizes = {material.pixel_size_um for material in learnt}
    pixel_size = sizes.pop() if len(sizes) == 1 else None
    diameters = [material.diameter for material in learnt if material.diameter is not None]
    if diameters and len({material.dataset for material in learnt}) == 1:
        preparation = at_scale(settings, float(np.median(diameters)))
        y, x = preparation.input_px_per_network_px
        assert preparation.cell_diameter_px is not None
        across = preparation.cell_diameter_px / (y * x) ** 0.5
        say(f"scale: {y:.3g} pixels are one of the network's, for which a cell is {across:.3g} pixels across")
        if max(diameters) > _UNLIKE * min(diameters):
            say("the cells of these sources differ in size: tell cellseg infer the --diameter of a movie")
        return preparation.model_copy(update={"pixel_size_um": pixel_size})
    # Of several datasets, each at a scale of its own, only the size of the cells is known.
    given = settings.preparation
    return given.model_copy(
        update={
            "pixel_size_um": given.pixel_size_um or (pixel_size if settings.cell_diameter is None else None),
            "cell_diameter_px": given.cell_diameter_px
            or settings.cell_diameter
            or _measured(settings, learnt),
            "any_size": settings.cell_diameter is not None,
        }
    )


def _measured(settings: TrainingSettings, materials: Sequence[Material]) -> float | None:
    """Typical diameter of the cells that are learnt from, in original pixels."""
    y, x = settings.preparation.input_px_per_network_px
    areas = [
        area
        for material in materials
        for movie in material.movies
        for frame in movie.labels
        for area in np.unique(frame[frame > 0], return_counts=True)[1]
    ]
    return round(float(2 * np.sqrt(np.median(areas) * y * x / np.pi)), 1) if areas else None


def _simulated_movies(
    settings: TrainingSettings, materials: Sequence[Material], folder: Path, count: int
) -> list[Movie]:
    """Simulate movies of the datasets where they are not there yet, and read them."""
    kinds = {material.dataset: material for material in materials if material.dataset is not None}
    movies = []
    for dataset, material in kinds.items():
        if dataset not in PRESETS and len(kinds) > 1:
            continue
        for number in range(count):
            sequence = folder / dataset / f"{number + 1:02d}"
            if not sequence.exists():
                write_ctc(
                    preset(dataset), folder, sequence.name, _SIMULATED_FRAMES, _FIRST_SIMULATED_SEED + number
                )
            movies += read_movies(sequence, material.preparation or settings.preparation, dataset=dataset)
    return movies
