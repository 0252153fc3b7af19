"""Which device and which precision to compute with."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import torch

from cellseg.errors import CellsegError

_UNKNOWN_MEMORY = 8 * 2**30


def choose_device(name: str = "auto") -> torch.device:
    """Choose the device to compute on.

    Parameters
    ----------
    name : str
        `auto` (CUDA, then MPS, then CPU), or a name torch knows, such as `cuda:1`.

    Returns
    -------
    torch.device

    Raises
    ------
    CellsegError
        There is no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda", "mps"):
            raise RuntimeError("only cpu, cuda and mps are used")
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise CellsegError(
            f"there is no device {name} here ({str(error).splitlines()[0]})",
            remedy="Use --device auto, or cpu.",
        ) from error
    return device


PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """Choose the type that inference computes convolutions in.

    Parameters
    ----------
    name : str
        `auto` (bfloat16 where the device multiplies it faster than float32, else float32), or one of
        `PRECISIONS`.
    device : torch.device

    Returns
    -------
    torch.dtype

    Raises
    ------
    CellsegError
        There is no such precision, or the device has no convolutions in it.
    """
    if name == "auto":
        return autocast_dtype(device) or torch.float32
    if name not in PRECISIONS:
        raise CellsegError(
            f"there is no precision {name}", remedy=f"Use --precision auto, {', '.join(PRECISIONS)}."
        )
    if name == "float16" and device.type == "cpu":
        raise CellsegError("a CPU does not convolve in float16", remedy="Use --precision auto, or bfloat16.")
    return PRECISIONS[name]


def autocast_dtype(device: torch.device) -> torch.dtype | None:
    """Choose the type convolutions may be computed in.

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    torch.dtype or None
        bfloat16 where the hardware multiplies it faster than float32; None elsewhere.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    if device.type == "cpu":
        # Some builds of torch, such as those for Apple's processors, have no such operations at all; and with
        # AVX-512 alone they are emulated, at less than half of the speed of float32.
        has_mkldnn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        return torch.bfloat16 if has_mkldnn and fast else None
    return None


def wait_for(device: torch.device) -> None:
    """Wait until a device has done what it was told, before a clock is read: a GPU works on by itself.

    Parameters
    ----------
    device : torch.device
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def usual_memory(device: torch.device) -> float:
    """Give half of the memory of a device: what a step of the network may take unless somebody says more.

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    float
        Bytes; of 8 GiB where the system does not tell.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[1] / 2
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN_MEMORY / 2
    with suppress(OSError, ValueError):  # a container may be given less
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return total / 2
