"""Everything a training needs to go on from the step at which it was stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from cellseg.errors import CellsegError
from cellseg.rshn import RSHN, State


def save_checkpoint(
    path: Path,
    origin: Mapping[str, Any],
    step: int,
    network: RSHN,
    average: RSHN,
    optimiser: torch.optim.Optimizer,
    state: list[State] | None,
) -> None:
    """Write a checkpoint; the previous one stands until the new one is complete.

    Parameters
    ----------
    path : Path
        A `.safetensors` file.
    origin : mapping
        What the training is made from, as JSON values.
    step : int
        Steps done.
    network, average : RSHN
        The trained weights and their moving average.
    optimiser : torch.optim.Optimizer
    state : list of State, or None
        What the last clips left behind, for each share of the batch.
    """
    tensors: dict[str, Tensor] = {}
    for prefix, module in (("network", network), ("average", average)):
        tensors |= {f"{prefix}/{name}": value for name, value in module.state_dict().items()}
    moments = optimiser.state_dict()["state"]
    for index, values in moments.items():
        tensors |= {f"optimiser/{index}/{name}": value for name, value in values.items()}
    for share, values in enumerate(state or []):
        tensors |= {f"state/{share}/{index}": value for index, value in enumerate(values)}
    partial = path.with_name(path.name + ".partial")
    try:
        save_file(
            {name: value.detach().cpu().contiguous() for name, value in tensors.items()},
            partial,
            metadata={"step": json.dumps(step), "origin": json.dumps(origin)},
        )
    except SafetensorError as error:  # what the system said is in its text alone
        raise OSError(None, str(error), str(partial)) from error
    partial.replace(path)


def load_checkpoint(
    path: Path, origin: Mapping[str, Any], network: RSHN, average: RSHN, optimiser: torch.optim.Optimizer
) -> tuple[int, list[State] | None]:
    """Read a checkpoint back.

    Parameters
    ----------
    path : Path
    origin : mapping
        What the training to continue is made from.
    network, average, optimiser
        Filled with what was saved.

    Returns
    -------
    step : int
        Steps done.
    state : list of State, or None
        What the last clips left behind, for each share of the batch.

    Raises
    ------
    CellsegError
        The file is damaged, or of a training of another origin.
    """
    try:
        with safe_open(path, framework="pt") as file:
            step, saved = (json.loads(file.metadata()[name]) for name in ("step", "origin"))
        tensors = load_file(path)
    except SafetensorError as error:
        raise CellsegError(f"is damaged ({error})", path=path, remedy="Remove it to start anew.") from error
    other = _differences(saved, origin)
    if other:
        raise CellsegError(
            f"the training that stopped here had another {', '.join(other)}",
            path=path,
            remedy="Choose another --output, or remove the checkpoint to start anew.",
        )

    def part(prefix: str) -> dict[str, Tensor]:
        start = prefix + "/"
        return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}

    network.load_state_dict(part("network"))
    average.load_state_dict(part("average"))
    # Moments and state get back the layout in memory that they had: that of another one rounds differently.
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in part("optimiser").items():
        index, key = name.split("/")
        like = parameters[int(index)]
        moments.setdefault(int(index), {})[key] = torch.empty_like(like).copy_(value) if value.ndim else value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
    device = next(network.parameters()).device
    shares: dict[int, dict[int, Tensor]] = {}
    for name, value in part("state").items():
        share, place = map(int, name.split("/"))
        shares.setdefault(share, {})[place] = value.to(device, memory_format=torch.channels_last)
    return step, [[maps[i] for i in sorted(maps)] for _, maps in sorted(shares.items())] or None


def _differences(saved: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Dotted names of what differs between two origins."""
    names = []
    for name in {**saved, **wanted}:
        before, now = saved.get(name), wanted.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            names += [f"{name}.{inner}" for inner in _differences(before, now)]
        elif before != now:
            names.append(name)
    return names
