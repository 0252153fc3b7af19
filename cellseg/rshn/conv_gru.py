"""The convolutional gated recurrent unit on every skip path of an hourglass."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvGRU(nn.Module):
    """A GRU whose matrix products are 3x3 convolutions and whose candidate is rectified.

    With x the input and h the previous state (Payer et al. 2019; concatenation order [x, h])::

        r = sigmoid(conv_r([x, h]))        u = sigmoid(conv_u([x, h]))
        y = relu(conv_y([x, r * h]))
        h' = u * h + (1 - u) * y

    The gates r and u are one convolution, r in its first `filters` output channels.

    Parameters
    ----------
    filters : int
        Channels of the input, of the state and of the output.
    """

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.gates = nn.Conv2d(2 * filters, 2 * filters, 3, padding=1)
        self.candidate = nn.Conv2d(2 * filters, filters, 3, padding=1)

    def forward(self, x: Tensor, h: Tensor | None) -> Tensor:
        """Return the next state, which is also the output.

        Parameters
        ----------
        x : Tensor, (B, F, Y, X)
            Input.
        h : Tensor, (B, F, Y, X), or None
            Previous state; None is the zero state.

        Returns
        -------
        Tensor, (B, F, Y, X)
        """
        # A state may have been saved where convolutions have another precision: on a CPU, say.
        h = torch.zeros_like(x) if h is None else h.to(x.dtype)
        r, u = torch.sigmoid(self.gates(torch.cat([x, h], 1))).chunk(2, 1)
        y = torch.relu(self.candidate(torch.cat([x, r * h], 1)))
        return torch.lerp(y, h, u)
