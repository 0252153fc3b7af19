"""A trained model: the network with its weights, and the card that says how to use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from cellseg import resources
from cellseg.config import Architecture, ModelCard, load_model_card
from cellseg.rshn.network import RSHN
from cellseg.rshn.weights import load_weights

WEIGHTS = "weights.safetensors"
CARD = "model.yaml"


@dataclass(frozen=True)
class Model:
    """A network ready to run.

    Attributes
    ----------
    name : str
        Name of its folder.
    card : ModelCard
    network : RSHN
        On its device, in evaluation mode.
    """

    name: str
    card: ModelCard
    network: RSHN


def build_network(architecture: Architecture, pad_value: float | None) -> RSHN:
    """Build an untrained network.

    Parameters
    ----------
    architecture : Architecture
    pad_value : float or None
        What the network sees outside the frame; None mirrors it.

    Returns
    -------
    RSHN
    """
    return RSHN(architecture.filters, architecture.levels, architecture.embedding_size, pad_value)


def load_model(name: str | Path, device: torch.device, precision: torch.dtype = torch.float32) -> Model:
    """Load a model by name or path.

    Parameters
    ----------
    name : str or Path
        As `cellseg.resources.find` takes it.
    device : torch.device
    precision : torch.dtype
        What the network computes in (`cellseg.device.choose_precision`).

    Returns
    -------
    Model

    Raises
    ------
    CellsegError
        There is no such model, or its files are damaged.
    """
    folder = resources.find("models", name)
    card = load_model_card(folder / CARD)
    network = build_network(card.architecture, card.preparation.pad_value)
    load_weights(network, folder / WEIGHTS, card.weights.sha256)
    network.to(device, precision).eval()
    return Model(folder.resolve().name, card, network)
