"""The machine that measures, and how fast it is just now."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

CALIBRATION_SIDE = 1024
CALIBRATION_RUNS = 20


def conditions(device: str) -> dict[str, Any]:
    """Describe the machine, and calibrate it.

    Parameters
    ----------
    device : str
        `cpu` or `cuda`.

    Returns
    -------
    dict
        Device, processor where the system tells, cores, threads of torch, load average where the system
        tells, `gflops` of a float32 matrix product of 1024^3, and versions.
    """
    return {
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "gflops": _gflops(torch.device(device)),
        "versions": {name: version(name) for name in ("torch", "numpy", "scikit-learn")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _gflops(device: torch.device) -> float:
    """Rate of the fastest of some float32 matrix products."""
    table = torch.ones((CALIBRATION_SIDE, CALIBRATION_SIDE), device=device)
    seconds = []
    for _ in range(CALIBRATION_RUNS):
        begin = time.perf_counter()
        float((table @ table)[0, 0])  # on a GPU, reading a number waits for the product
        seconds.append(time.perf_counter() - begin)
    return 2 * CALIBRATION_SIDE**3 / min(seconds) / 1e9
