"""Models as they were before they saw the frames that they are scored on."""

from __future__ import annotations

from pathlib import Path

import torch

from cellseg.config import ModelCard
from cellseg.errors import CellsegError
from cellseg.resources import find
from cellseg.rshn import Model, load_model

MODELS = Path(__file__).parents[1] / "models"
BLIND_MODELS = Path(__file__).parent / "models"
"""Models that `models/` has with weights that learnt from all frames: here are those that did not."""


def load_blind_model(name: str | Path, device: torch.device, precision: torch.dtype) -> Model:
    """Load a model as it was before it saw the held-out frames of its dataset.

    Parameters
    ----------
    name : str or path
        A model's name, or a folder.
    device : torch.device
    precision : torch.dtype

    Returns
    -------
    Model
        That of `evaluation/models` where the name, or the folder, is that of an offered model that is there,
        too; else the model itself.
    """
    folder = find("models", name).resolve()
    blind = BLIND_MODELS / folder.name
    offered = folder.parent == MODELS and (blind / "model.yaml").exists()
    return load_model(blind if offered else folder, device, precision)


def refuse_seen(card: ModelCard, sequence: Path, scored: tuple[int, int]) -> None:
    """Refuse to score a model on frames that it learnt from.

    Parameters
    ----------
    card : ModelCard
    sequence : Path
        Folder of frames, in that of its dataset.
    scored : tuple of int
        Half-open block of frames.

    Raises
    ------
    CellsegError
        The model's record has some of these frames.
    """
    name = f"{sequence.parent.name}/{sequence.name}"
    frames = card.training.frames or ((0, scored[1]),) * len(card.training.data)
    for data, (begin, end) in zip(card.training.data, frames, strict=True):
        if data == name and begin < scored[1] and scored[0] < end:
            raise CellsegError(
                f"the model learnt from {data}, frames {begin}-{end - 1}: it cannot be scored on {scored[0]}-"
                f"{scored[1] - 1}",
                remedy="Score a model that did not; evaluation/models has those of the models offered.",
            )
