"""What the network costs, counted and not timed."""

from __future__ import annotations

from cellseg.rshn.network import RSHN


def flops_per_frame(network: RSHN, shape: tuple[int, int]) -> int:
    """Floating-point operations of one step, two per multiplication with addition, convolutions alone.

    Parameters
    ----------
    network : RSHN
    shape : tuple of int
        Size (Y, X) of the frame at network scale; the padding is counted too.

    Returns
    -------
    int
        103.5e9 for the published network on 256 x 256 pixels.
    """
    multiple = 2 ** (network.levels - 1)
    height, width = (-(-size // multiple) * multiple for size in shape)
    total = 0
    for name, parameter in network.named_parameters():
        if parameter.ndim == 4:
            # hourglasses.K.contracting.LEVEL.weight and the like; input and output are at the finest level.
            level = int(next((part for part in name.split(".")[3:] if part.isdecimal()), 0))
            total += parameter.numel() * (height >> level) * (width >> level)
    return 2 * total
