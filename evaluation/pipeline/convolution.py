"""How fast one large convolution is here: a network made of such convolutions cannot be faster."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import conv2d

from cellseg.config import Architecture
from cellseg.device import wait_for
from cellseg.rshn import RSHN, flops_per_frame

CHANNELS, SIDE = 128, 256
RUNS = 10
LEAST = 0.05
"""Seconds that a run is made long by repeating: a GPU is done with one convolution before it can be timed."""


def convolution_gflops(device: torch.device, precision: torch.dtype) -> float:
    """Measure the rate of one 128 -> 128 convolution, 3 x 3, on 256 x 256 pixels.

    Parameters
    ----------
    device : torch.device
    precision : torch.dtype

    Returns
    -------
    float
        10^9 operations a second, two for each multiplication; of the fastest of some runs.
    """
    image = torch.ones((1, CHANNELS, SIDE, SIDE), device=device, dtype=precision)
    kernel = torch.full((CHANNELS, CHANNELS, 3, 3), 1e-3, device=device, dtype=precision)
    image, kernel = (each.contiguous(memory_format=torch.channels_last) for each in (image, kernel))
    seconds = _fastest(lambda: conv2d(image, kernel, padding=1), device)
    return 2 * 9 * CHANNELS**2 * SIDE**2 / seconds / 1e9


def network_step(device: torch.device, precision: torch.dtype) -> dict[str, Any]:
    """Measure one step of the published network, 64 filters and 7 levels, on 256 x 256 pixels.

    Parameters
    ----------
    device : torch.device
    precision : torch.dtype

    Returns
    -------
    dict
        `seconds` and `gflops` of the fastest of some steps, `convolution_gflops` measured just before, and
        their ratio, `share`.
    """
    rate = convolution_gflops(device, precision)
    network = RSHN().to(device, precision).eval()
    frame = torch.zeros((SIDE, SIDE), device=device)
    _, _, state = network.step(frame)
    seconds = _fastest(lambda: network.step(frame, state), device)
    gflops = flops_per_frame(Architecture(), (SIDE, SIDE)) / seconds / 1e9
    return {
        "precision": str(precision).removeprefix("torch."),
        "seconds": seconds,
        "gflops": gflops,
        "convolution_gflops": rate,
        "share": gflops / rate,
    }


@torch.inference_mode()
def _fastest(run: Callable[[], Any], device: torch.device) -> float:
    """Seconds of one run: the least over some series of them."""
    repeats = 1
    while _series(run, repeats, device) < LEAST:
        repeats *= 2
    return min(_series(run, repeats, device) for _ in range(RUNS)) / repeats


def _series(run: Callable[[], Any], repeats: int, device: torch.device) -> float:
    begin = time.perf_counter()
    for _ in range(repeats):
        run()
    wait_for(device)
    return time.perf_counter() - begin
