"""One training from movies on disk to a model folder that `cellseg infer --model` takes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from cellseg.config import (
    DatasetConfig,
    Inference,
    ModelCard,
    Training,
    Weights,
    save_model_card,
)
from cellseg.ctc import evaluate
from cellseg.errors import CellsegError
from cellseg.pipeline import infer
from cellseg.rshn import CARD, RSHN, WEIGHTS, Model, build_network, load_model, save_weights
from cellseg.simulate import preset, write_ctc
from cellseg.training.movies import Movie, read_movies
from cellseg.training.settings import TrainingSettings
from cellseg.training.trainer import Trainer
from cellseg.video import open_video

_FIRST_SIMULATED_SEED = 1000
_SIMULATED_FRAMES = 32
_TERMS = "Trained on Cell Tracking Challenge data: see models/LICENSE."


@dataclass(frozen=True)
class _Sequence:
    """A sequence and its blocks of frame numbers."""

    folder: Path
    training: tuple[int | None, int | None] | None
    validation: tuple[int, int] | None


def train_model(
    config: DatasetConfig,
    settings: TrainingSettings,
    sequences: Sequence[Path],
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
    config : DatasetConfig
        Gives the blocks of frames, the border of the field of interest and the settings of inference.
    settings : TrainingSettings
    sequences : sequence of Path
        Folders of frames with ground truth beside them.
    output : Path
        Receives the model (weights.safetensors, model.yaml), log.jsonl and checkpoint.safetensors. A
        checkpoint that is there is continued.
    device : torch.device
    start : str, optional
        Model whose weights to start from.
    frames : pair of int or None, optional
        Frame numbers to train on instead of the configuration's block; there is no validation then.
    simulated : int
        Simulated movies of the dataset's kind to mix in; they are kept in `output/simulated`.
    report : callable
        Receives the figures of every step.

    Returns
    -------
    Path
        The model folder, `output`.

    Raises
    ------
    CellsegError
        Data is missing, or the model to start from has another architecture.
    """
    output.mkdir(parents=True, exist_ok=True)
    planned = [_plan(config, folder, frames) for folder in sequences]
    border = config.linker.border
    real = [
        movie
        for sequence in planned
        for movie in read_movies(
            sequence.folder, settings.preparation, frames=sequence.training, border=border
        )
    ]
    # A training that starts from a model may read float16 weights; it goes on in float32 all the same.
    first = None if start is None else load_model(start, torch.device("cpu")).network
    if first is not None and _shapes(first) != _shapes(build_network(settings.architecture, 0.0)):
        raise CellsegError(f"the model {start} has another architecture than the recipe")
    trainer = Trainer(
        settings,
        real,
        _simulated_movies(config.dataset, settings, output / "simulated", simulated),
        output,
        device,
        start=first,
        validate=lambda network: _validate(network, trainer.step, config, settings, planned, output),
    )
    trainer.run(report)
    _write_model(trainer.average, trainer.step, settings, planned, output)
    return output


def _plan(config: DatasetConfig, folder: Path, frames: tuple[int | None, int | None] | None) -> _Sequence:
    """Decide which frames of a sequence are learnt from and which are scored."""
    blocks = config.blocks.get(folder.name)
    if frames is not None or blocks is None:
        return _Sequence(folder, frames, None)
    return _Sequence(folder, blocks.training, blocks.validation)


def _simulated_movies(dataset: str, settings: TrainingSettings, folder: Path, count: int) -> list[Movie]:
    """Simulate movies where they are not there yet, and read them."""
    movies = []
    for number in range(count):
        sequence = folder / dataset / f"{number + 1:02d}"
        if not sequence.exists():
            write_ctc(
                preset(dataset), folder, sequence.name, _SIMULATED_FRAMES, _FIRST_SIMULATED_SEED + number
            )
        movies += read_movies(sequence, settings.preparation, frames=None, border=0)
    return movies


def _validate(
    network: RSHN,
    step: int,
    config: DatasetConfig,
    settings: TrainingSettings,
    sequences: Sequence[_Sequence],
    output: Path,
) -> dict[str, float]:
    """Score the network as a user would see it, averaged over the validation blocks.

    Inference begins at the first frame of the sequence, so that a stream's state is as old as in use.
    """
    card = _write_model(network, step, settings, sequences, output)
    model = Model(output.name, card, network)
    scores: dict[str, list[float]] = {"SEG": [], "DET": [], "TRA": [], "LNK": []}
    for sequence in sequences:
        if sequence.validation is None:
            continue
        result = output / "validation" / f"{sequence.folder.name}_RES"
        with open_video(sequence.folder, (None, sequence.validation[1])) as video:
            infer(video, model, config.settings(), result, overwrite=True)
        ground_truth = sequence.folder.with_name(sequence.folder.name + "_GT")
        found = evaluate(result, ground_truth, frames=sequence.validation).scores.as_dict()
        for name, values in scores.items():
            values.append(float(found.get("SEG_silver" if name == "SEG" else name) or found[name]))
        shutil.rmtree(result)
    return {name: sum(values) / len(values) for name, values in scores.items() if values}


def _write_model(
    network: RSHN, step: int, settings: TrainingSettings, sequences: Sequence[_Sequence], output: Path
) -> ModelCard:
    """Write weights and card, so that there is a model to try from the first validation on."""
    sha256 = save_weights(network, output / WEIGHTS)
    streams = settings.reset_probability < 1
    card = ModelCard(
        format=1,
        architecture=settings.architecture,
        preparation=settings.preparation,
        inference=Inference(state="stream" if streams else "window"),
        weights=Weights(sha256=sha256, dtype="float16"),
        training=Training(
            data=tuple(f"{s.folder.parent.name}/{s.folder.name}" for s in sequences),
            frames=tuple(_numbers(s) for s in sequences),
            seed=settings.seed,
            steps=step,
            commit=_commit(),
        ),
        terms=_TERMS,
    )
    save_model_card(card, output / CARD)
    return card


def _numbers(sequence: _Sequence) -> tuple[int, int]:
    """First and one past the last frame number learnt from."""
    with open_video(sequence.folder, sequence.training) as video:
        return video.frame_numbers[0], video.frame_numbers[-1] + 1


def _shapes(network: RSHN) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in network.state_dict().items()}


def _commit() -> str:
    """Git commit of the code, `unknown` outside of a checkout."""
    run = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or "unknown"
