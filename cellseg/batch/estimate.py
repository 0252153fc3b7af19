"""How long a batch will take and how much disk, before it begins."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cellseg.batch.plan import Planned, State
from cellseg.errors import CellsegError
from cellseg.video import open_video

_BYTES_PER_PIXEL = 0.03
"""Of finished masks: 263,230 bytes for 40 frames of 512 x 512 pixels of DIC-C2DH-HeLa, cells side by side."""
_OVER_NETWORK = 1.25
"""The whole flow takes so much longer than its network, of which most of the rest runs beside it."""
_TRIAL = 256
"""Network pixels along each axis of the frames that a new model is timed on."""


@dataclass(frozen=True)
class Size:
    """What is known of a movie without reading a frame of it.

    Attributes
    ----------
    frames : int
    pixels : int
        Of one frame.
    """

    frames: int
    pixels: int


def measure(entry: Planned) -> Size | CellsegError:
    """Find out how long and large a movie is.

    Parameters
    ----------
    entry : Planned

    Returns
    -------
    Size or CellsegError
        The error where it cannot be opened: whoever works on it will say so, too.
    """
    try:
        with open_video(entry.movie.path, selection=entry.selection) as video:
            return Size(len(video), video.shape[1] * video.shape[2])
    except CellsegError as error:
        return error
    except OSError as error:
        return CellsegError(error.strerror or str(error), path=entry.movie.path)


def estimate_seconds(
    todo: list[tuple[Planned, Size]], planned: Iterable[Planned], device: str, precision: str
) -> float:
    """Estimate how long one process needs for movies.

    Parameters
    ----------
    todo : list of tuple
        The movies with their sizes.
    planned : iterable of Planned
        All movies of the batch: finished ones tell how fast it went.
    device, precision : str
        As `--device` and `--precision` take them: a model without a finished movie is timed there.

    Returns
    -------
    float
        Seconds.
    """
    rates: dict[str, list[float]] = {}
    for entry in planned:
        if entry.state is State.DONE and entry.record is not None:
            frames, *side = entry.record["input"]["shape"]
            model = entry.record["model"]
            seen = frames * side[0] * side[1] / _area(model["preparation"]) * _views(model["inference"])
            if elapsed := entry.record["seconds"].get("elapsed"):
                rates.setdefault(entry.model, []).append(elapsed / seen)
    seconds = 0.0
    for entry, size in todo:
        if entry.model not in rates:
            rates[entry.model] = [_time_network(entry.model, device, precision)]
        rate = sorted(rates[entry.model])[len(rates[entry.model]) // 2]
        preparation = entry.request["model"]["preparation"]
        area = _area(preparation)
        if entry.request["scale"]["diameter"] and preparation["cell_diameter_px"]:
            area *= (entry.request["scale"]["diameter"] / preparation["cell_diameter_px"]) ** 2
        views = _views(entry.request["settings"]["inference"])
        seconds += rate * views * size.frames * size.pixels / area
    return seconds


def estimate_disk(sizes: Iterable[Size]) -> float:
    """Estimate how large results become.

    Parameters
    ----------
    sizes : iterable of Size
        Of the movies.

    Returns
    -------
    float
        Bytes.
    """
    return sum(size.frames * size.pixels * _BYTES_PER_PIXEL for size in sizes)


def _area(preparation: dict[str, list[float]]) -> float:
    """Original pixels in one network pixel."""
    y, x = preparation["input_px_per_network_px"]
    return y * x


def _views(inference: dict[str, Any]) -> int:
    """How often a frame is embedded; records from before there were views know of none."""
    return inference.get("views", 1) if inference["schedule"] == "single-pass" else 1


def _time_network(model: str, device: str, precision: str) -> float:
    """Time a model on this computer: seconds per network pixel."""
    import torch

    from cellseg.device import choose_device, choose_precision
    from cellseg.rshn import load_model

    where = choose_device(device)
    network = load_model(model, where, choose_precision(precision, where)).network
    frame = torch.zeros((_TRIAL, _TRIAL), device=where)
    state, begin = None, 0.0
    with torch.inference_mode():
        for step in range(3):
            if step == 1:  # the first one warms up
                begin = time.perf_counter()
            _, foreground, state = network.step(frame, state)
            foreground.cpu()  # waits for the device
    return _OVER_NETWORK * (time.perf_counter() - begin) / 2 / _TRIAL**2
