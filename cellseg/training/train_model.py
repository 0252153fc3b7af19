"""One training from movies on disk to a model folder that `cellseg infer --model` takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from cellseg.config import DatasetConfig, Preparation
from cellseg.errors import CellsegError
from cellseg.rshn import load_network
from cellseg.simulate import PRESETS, preset, write_ctc
from cellseg.training.movies import Movie, read_movies, typical_diameter
from cellseg.training.product import Product, TrainedSequence
from cellseg.training.settings import TrainingSettings
from cellseg.training.trainer import Trainer

_FIRST_SIMULATED_SEED = 1000
_SIMULATED_FRAMES = 32


def train_model(
    sources: Sequence[tuple[DatasetConfig, Path]],
    settings: TrainingSettings,
    output: Path,
    device: torch.device,
    *,
    start: str | None = None,
    frames: tuple[int | None, int | None] | None = None,
    simulated: int = 0,
    report: Callable[[dict[str, float]], None] = lambda figures: None,
) -> Path:
    """Train a model, validating it by real inference as training goes on.

    Parameters
    ----------
    sources : sequence of (DatasetConfig, Path)
        Folders of frames with ground truth beside them. The configuration of its dataset gives the blocks of
        frames, the border of the field of interest and the settings of inference.
    settings : TrainingSettings
    output : Path
        Receives the model (weights.safetensors, model.yaml), log.jsonl and checkpoint.safetensors. A
        checkpoint that is there is continued.
    device : torch.device
    start : str, optional
        Model whose weights to start from.
    frames : pair of int or None, optional
        Frame numbers to train on instead of the configuration's block; there is no validation then.
    simulated : int
        Simulated movies to mix in for every dataset that there is a preset for; they are kept in
        `output/simulated`.
    report : callable
        Receives the figures of every step.

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
    _, card, first = (None, None, None) if start is None else load_network(start)
    if card is not None and card.architecture != settings.architecture:
        raise CellsegError(f"the model {start} has another architecture than the recipe")
    planned = [_plan(config, settings, folder, frames) for config, folder in sources]
    real = [movie for sequence in planned for movie in sequence.movies]
    product = Product(_with_scale(settings, planned), planned, output, None if card is None else card.terms)
    kinds = {sequence.config.dataset: sequence.preparation for sequence in planned}
    synthetic = [
        movie
        for dataset, preparation in kinds.items()
        if dataset in PRESETS or len(kinds) == 1
        for movie in _simulated_movies(dataset, preparation, output / "simulated", simulated)
    ]
    trainer = Trainer(
        settings,
        real,
        synthetic,
        output,
        device,
        start=first,
        validate=product.validate,
        origin={
            "data": [[str(sequence.folder), *sequence.numbers] for sequence in planned],
            "simulated": simulated,
            "start": None if card is None else card.weights.sha256,
        },
    )
    trainer.run(report)
    product.write(trainer.average, trainer.step)
    return output


def _plan(
    config: DatasetConfig,
    settings: TrainingSettings,
    folder: Path,
    frames: tuple[int | None, int | None] | None,
) -> TrainedSequence:
    """Decide which frames of a sequence are learnt from and which are scored, and read the former."""
    if not folder.is_dir():
        raise CellsegError(
            "there is no such sequence", path=folder, remedy="Check --data, --dataset and --sequence."
        )
    blocks = config.blocks.get(folder.name) if frames is None else None
    chosen = frames if blocks is None else blocks.training
    preparation = settings.preparation
    if settings.cell_diameter is not None:
        factor = typical_diameter(folder, chosen) / settings.cell_diameter
        found = {"cell_diameter_px": settings.cell_diameter}
        preparation = preparation.model_copy(update=found).scaled((factor, factor))
    movies = read_movies(folder, preparation, frames=chosen, border=config.linker.border)
    return TrainedSequence(folder, movies, None if blocks is None else blocks.validation, config, preparation)


def _with_scale(settings: TrainingSettings, sequences: Sequence[TrainedSequence]) -> TrainingSettings:
    """State the pixel size and the typical cell diameter the network is trained at, where nobody has."""
    preparation = settings.preparation
    y, x = preparation.input_px_per_network_px
    areas = [
        area
        for sequence in sequences
        for movie in sequence.movies
        for frame in movie.labels
        for area in np.unique(frame[frame > 0], return_counts=True)[1]
    ]
    measured = round(float(2 * np.sqrt(np.median(areas) * y * x / np.pi)), 1) if areas else None
    sizes = {sequence.config.pixel_size_um for sequence in sequences}
    found = {
        # Of several datasets, each at a scale of its own, only the size of the cells is known.
        "pixel_size_um": preparation.pixel_size_um
        or (sizes.pop() if len(sizes) == 1 and settings.cell_diameter is None else None),
        "cell_diameter_px": preparation.cell_diameter_px or settings.cell_diameter or measured,
    }
    return settings.model_copy(update={"preparation": preparation.model_copy(update=found)})


def _simulated_movies(dataset: str, preparation: Preparation, folder: Path, count: int) -> list[Movie]:
    """Simulate movies where they are not there yet, and read them."""
    movies = []
    for number in range(count):
        sequence = folder / dataset / f"{number + 1:02d}"
        if not sequence.exists():
            write_ctc(
                preset(dataset), folder, sequence.name, _SIMULATED_FRAMES, _FIRST_SIMULATED_SEED + number
            )
        movies += read_movies(sequence, preparation, frames=None, border=0)
    return movies
