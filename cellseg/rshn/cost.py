"""What a frame costs."""

from __future__ import annotations

from cellseg.config import Architecture


def flops_per_frame(architecture: Architecture, shape: tuple[int, int]) -> int:
    """Count the floating point operations of the convolutions of one step, two for each multiplication.

    Parameters
    ----------
    architecture : Architecture
    shape : tuple of int
        Size (Y, X) of the frame at network scale; the padding is counted too.

    Returns
    -------
    int
        103.5e9 for the published network on 256 x 256 pixels.
    """
    filters, levels, size = architecture.filters, architecture.levels, architecture.embedding_size
    multiple = 1 << (levels - 1)
    height, width = (-(-side // multiple) * multiple for side in shape)
    # Of each level and hourglass: contracting and expanding convolution, both gates on [x, h], the candidate.
    kernels = 9 * filters**2 * (1 + 1 + 4 + 2)
    inner = 2 * sum(kernels * (height >> level) * (width >> level) for level in range(levels))
    ends = (1 + (1 + size) + 2 * size) * filters * height * width
    return 2 * (inner + ends)
