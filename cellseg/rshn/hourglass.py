"""One hourglass: down by max-pooling, a ConvGRU at every level, up by adding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cellseg.rshn.conv_gru import ConvGRU


class Hourglass(nn.Module):
    """The recurrent cell of the network, stepped over time (Payer et al. 2019).

    Parameters
    ----------
    in_channels : int
        Channels of the input.
    filters : int
        Channels of every inner layer, the same at every level.
    levels : int
        Number of resolutions; level l has 1 / 2**l of the input's size.
    embedding_size : int
        Channels of the output.
    """

    def __init__(self, in_channels: int, filters: int, levels: int, embedding_size: int) -> None:
        super().__init__()
        self.input = nn.Conv2d(in_channels, filters, 1)
        self.contracting = nn.ModuleList(nn.Conv2d(filters, filters, 3, padding=1) for _ in range(levels))
        self.parallel = nn.ModuleList(ConvGRU(filters) for _ in range(levels))
        self.expanding = nn.ModuleList(nn.Conv2d(filters, filters, 3, padding=1) for _ in range(levels))
        self.output = nn.Conv2d(filters, embedding_size, 1)

    def forward(self, x: Tensor, state: Sequence[Tensor | None]) -> tuple[Tensor, list[Tensor]]:
        """Step one frame.

        Parameters
        ----------
        x : Tensor, (B, C, Y, X)
            Y and X are multiples of 2**(levels - 1).
        state : sequence of `levels` Tensors (B, F, Y / 2**l, X / 2**l) or None
            Previous states, finest level first.

        Returns
        -------
        raw : Tensor, (B, D, Y, X)
            Embedding before normalisation.
        state : list of Tensors
            Next states.
        """
        x = torch.relu(self.input(x))
        next_state: list[Tensor] = []
        for level, (convolution, unit) in enumerate(zip(self.contracting, self.parallel, strict=True)):
            if level > 0:
                x = F.max_pool2d(x, 2)
            x = torch.relu(convolution(x))
            next_state.append(unit(x, state[level]))
        x = torch.relu(self.expanding[-1](next_state[-1]))
        for level in reversed(range(len(next_state) - 1)):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest") + next_state[level]
            x = torch.relu(self.expanding[level](x))
        return self.output(x), next_state
