"""Which device and which precision to compute with."""

from __future__ import annotations

import torch

from cellseg.errors import CellsegError


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
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise CellsegError(
            f"there is no device {name} here ({str(error).splitlines()[0]})",
            remedy="Use --device auto, or cpu.",
        ) from error
    return device


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
        # Some builds of torch, such as those for Apple's processors, have no such operations at all.
        has_mkldnn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        return torch.bfloat16 if has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported() else None
    return None
