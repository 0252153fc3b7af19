"""A trained model: the network with its weights, and the card that says how to use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from cellseg import resources
from cellseg.config import Architecture, ModelCard, load_model_card
from cellseg.errors import CellsegError
from cellseg.rshn.network import RSHN, State
from cellseg.rshn.published_names import published_variables
from cellseg.rshn.tensorflow_twin import TensorFlowRSHN
from cellseg.rshn.weights import load_weights

WEIGHTS = "weights.safetensors"
CARD = "model.yaml"
BACKENDS = ("torch", "tensorflow")


class Network(Protocol):
    """What embeds one frame after the other: `RSHN`, or another program's version of it."""

    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Embed a frame (Y, X), as `RSHN.step` does."""


@dataclass(frozen=True)
class Model:
    """A network ready to run.

    Attributes
    ----------
    name : str
        Name of its folder.
    card : ModelCard
    network : Network
    device : torch.device
        Where its frames must be.
    precision : torch.dtype
        What it computes in.
    backend : {"torch", "tensorflow"}
        What it computes with.
    """

    name: str
    card: ModelCard
    network: Network
    device: torch.device
    precision: torch.dtype
    backend: str = "torch"


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


def load_model(
    name: str | Path,
    device: torch.device,
    precision: torch.dtype = torch.float32,
    backend: str = "torch",
) -> Model:
    """Load a model by name or path.

    Parameters
    ----------
    name : str or Path
        As `cellseg.resources.find` takes it.
    device : torch.device
    precision : torch.dtype
        What the network computes in (`cellseg.device.choose_precision`).
    backend : {"torch", "tensorflow"}
        What the network computes with. TensorFlow, an optional extra, does so in float32 on the CPU alone.

    Returns
    -------
    Model

    Raises
    ------
    CellsegError
        There is no such model, its files are damaged, or the backend is missing or cannot do what is asked.
    """
    if backend not in BACKENDS:
        raise CellsegError(f"there is no backend {backend}", remedy=f"Use --backend {' or '.join(BACKENDS)}.")
    if backend == "tensorflow":
        _check_tensorflow_can(device, precision)
    folder, card, trained = load_network(name)
    network: Network = trained.to(device, precision).eval()
    if backend == "tensorflow":
        network = TensorFlowRSHN(published_variables(trained), card.preparation.pad_value)
    return Model(folder.resolve().name, card, network, device, precision, backend)


def load_network(name: str | Path) -> tuple[Path, ModelCard, RSHN]:
    """Load the network of a model, in float32 on the CPU.

    Parameters
    ----------
    name : str or Path
        As `cellseg.resources.find` takes it.

    Returns
    -------
    folder : Path
        Of the model.
    card : ModelCard
    network : RSHN

    Raises
    ------
    CellsegError
        There is no such model, or its files are damaged.
    """
    folder = resources.find("models", name)
    card = load_model_card(folder / CARD)
    network = build_network(card.architecture, card.preparation.pad_value)
    load_weights(network, folder / WEIGHTS, card.weights.sha256)
    return folder, card, network


def _check_tensorflow_can(device: torch.device, precision: torch.dtype) -> None:
    """Refuse what only torch does."""
    if device.type != "cpu":
        raise CellsegError(
            f"the TensorFlow backend runs on the CPU, not on {device}",
            remedy="Use --device auto or cpu, or --backend torch.",
        )
    if precision != torch.float32:
        asked = str(precision).removeprefix("torch.")
        raise CellsegError(
            f"the TensorFlow backend computes in float32, not in {asked}",
            remedy="Use --precision auto or float32, or --backend torch.",
        )
