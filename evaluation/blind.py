"""Models as they were before they saw the frames that they are scored on."""

from __future__ import annotations

from pathlib import Path

import torch

from cellseg.rshn import Model, load_model

BLIND_MODELS = Path(__file__).parent / "models"
"""Models that `models/` has with weights that learnt from all frames: here are those that did not."""


def load_blind_model(name: str | Path, device: torch.device, precision: torch.dtype) -> Model:
    """Load a model that did not see the held-out frames of its dataset.

    Parameters
    ----------
    name : str or path
        A model's name, or a folder.
    device : torch.device
    precision : torch.dtype

    Returns
    -------
    Model
        That of `evaluation/models` where there is one of this name; else the one that users get.
    """
    blind = BLIND_MODELS / name
    return load_model(blind if (blind / "model.yaml").exists() else name, device, precision)
