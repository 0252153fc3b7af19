"""The weights of the network under the names and in the layout of the authors' TensorFlow checkpoints.

Kernels there are (height, width, in, out), and the two gates of a GRU are convolutions of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.rshn.network import RSHN

SCOPE = "net/rnn"
"""What every name of the network begins with (Payer et al. 2019, released checkpoints)."""


def published_variables(network: RSHN) -> dict[str, NDArray[np.float32]]:
    """Give the weights of a network under their published names.

    Parameters
    ----------
    network : RSHN

    Returns
    -------
    dict of str to ndarray float32
        Kernels (height, width, in, out) and biases (out,); 148 of them at the published size.
    """
    weights = {name: value.detach().float().cpu() for name, value in network.state_dict().items()}
    variables = {}
    for layer, names in _layers(network.levels):
        kernels = weights[f"{layer}.weight"].chunk(len(names))
        biases = weights[f"{layer}.bias"].chunk(len(names))
        for name, kernel, bias in zip(names, kernels, biases, strict=True):
            variables[f"{name}/kernel"] = kernel.permute(2, 3, 1, 0).numpy()
            variables[f"{name}/bias"] = bias.numpy()
    return variables


def load_published_variables(network: RSHN, variables: Mapping[str, NDArray[np.float32]]) -> None:
    """Put weights that go by their published names into a network.

    Parameters
    ----------
    network : RSHN
        Its own precision and device stay.
    variables : mapping of str to ndarray float32
        Of the names and shapes that `published_variables` gives for this network.
    """
    weights: dict[str, Tensor] = {}
    for layer, names in _layers(network.levels):
        kernels = [torch.tensor(variables[f"{name}/kernel"]).permute(3, 2, 0, 1) for name in names]
        weights[f"{layer}.weight"] = torch.cat(kernels)
        weights[f"{layer}.bias"] = torch.cat([torch.tensor(variables[f"{name}/bias"]) for name in names])
    network.load_state_dict(weights)


def _layers(levels: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Convolutions of an `RSHN`, and the published ones that each holds, one after the other."""
    for k in range(2):
        ours, theirs = f"hourglasses.{k}", f"{SCOPE}/unet_{k}_cell"
        yield f"{ours}.input", (f"{theirs}/input",)
        for level in range(levels):
            unit = f"{theirs}/parallel/level{level}/gru0"
            yield f"{ours}.contracting.{level}", (f"{theirs}/contracting/level{level}/conv0",)
            yield f"{ours}.parallel.{level}.gates", (f"{unit}/gates/r", f"{unit}/gates/u")
            yield f"{ours}.parallel.{level}.candidate", (f"{unit}/candidate/y",)
            yield f"{ours}.expanding.{level}", (f"{theirs}/expanding/level{level}/conv0",)
        yield f"{ours}.output", (f"{theirs}/output",)
