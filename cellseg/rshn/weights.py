"""Weights on disk: safetensors, float16 when shipped. Nothing is ever unpickled."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from cellseg.errors import CellsegError
from cellseg.rshn.network import RSHN


def save_weights(network: RSHN, path: Path, dtype: torch.dtype = torch.float16) -> str:
    """Write the weights of a network.

    Parameters
    ----------
    network : RSHN
    path : Path
        A `.safetensors` file; its folder exists.
    dtype : torch.dtype
        Type on disk.

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal.
    """
    tensors = {name: value.to("cpu", dtype).contiguous() for name, value in network.state_dict().items()}
    # Not safetensors' own save_file, which makes files that only their owner may read.
    data = save(tensors)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    partial.replace(path)
    return hashlib.sha256(data).hexdigest()


def load_weights(network: RSHN, path: Path, sha256: str | None = None) -> None:
    """Read weights into a network of the same architecture.

    Parameters
    ----------
    network : RSHN
        Its own precision and device stay.
    path : Path
        A `.safetensors` file.
    sha256 : str, optional
        What the file must hash to.

    Raises
    ------
    CellsegError
        The file is missing, damaged, not the expected one, or of another architecture.
    """
    if not path.is_file():
        raise CellsegError("the weights are missing", path=path, remedy="Copy the model folder again.")
    if sha256 is not None and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise CellsegError(
            "the weights are not those that model.yaml names",
            path=path,
            remedy="Copy the model folder again.",
        )
    try:
        network.load_state_dict(load_file(path))
    except SafetensorError as error:
        raise CellsegError(
            f"is damaged ({error})", path=path, remedy="Copy the model folder again."
        ) from error
    except RuntimeError as error:
        raise CellsegError(
            "the weights are of another architecture than model.yaml says", path=path
        ) from error
