"""The recurrent stacked hourglass network (RSHN) and its one front door, `RSHN.step`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cellseg.rshn.hourglass import Hourglass
from cellseg.rshn.initialisation import initialise

State = list[Tensor]
"""Hidden maps of both hourglasses, first hourglass first, finest level first."""


class RSHN(nn.Module):
    """Two recurrent hourglasses in series; the second also sees the embedding of the first.

    The published size (Payer et al. 2019) is the default: 4,136,608 parameters.

    Parameters
    ----------
    filters : int
        Channels of every inner layer.
    levels : int
        Resolutions of each hourglass.
    embedding_size : int
        Length D of a pixel's embedding.
    pad_value : float or None
        Value of the pixels added below and to the right when a frame is no multiple of 2**(levels - 1). None
        mirrors the frame, as its surroundings are in training: a band of one value would be a cell's edge.
    """

    def __init__(
        self,
        filters: int = 64,
        levels: int = 7,
        embedding_size: int = 16,
        pad_value: float | None = None,
    ) -> None:
        super().__init__()
        self.levels = levels
        self.embedding_size = embedding_size
        self.pad_value = pad_value
        self.hourglasses = nn.ModuleList(
            Hourglass(channels, filters, levels, embedding_size) for channels in (1, 1 + embedding_size)
        )
        initialise(self)
        # The layout of fast convolutions, which torch's type stubs do not know of.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor, state: State | None) -> tuple[Tensor, Tensor, State]:
        """Step a batch of aligned frames.

        Parameters
        ----------
        image : Tensor, (B, 1, Y, X)
            Prepared frames; Y and X are multiples of 2**(levels - 1).
        state : State or None
            What the previous frame left behind; None is the zero state.

        Returns
        -------
        first, second : Tensor, (B, D, Y, X)
            Raw embeddings of the two hourglasses.
        state : State
            For the next frame.
        """
        previous: list[Tensor | None] = [None] * (2 * self.levels) if state is None else list(state)
        first, state_1 = self.hourglasses[0](image, previous[: self.levels])
        # In float32: a square of a float16 may be infinite.
        wide = first.float()
        hint = wide * torch.rsqrt(wide.square().sum(1, keepdim=True).clamp_min(1e-4))
        second, state_2 = self.hourglasses[1](
            torch.cat([image, hint.to(image.dtype)], 1), previous[self.levels :]
        )
        return first, second, state_1 + state_2

    @torch.inference_mode()
    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Embed one frame (or a batch of frames) of any size.

        Parameters
        ----------
        frame : Tensor, (Y, X) or (B, Y, X) float
            Prepared frame at network scale, on the network's device. Computed in the type of the weights.
        state : State or None
            What the previous frame left behind; None at the start of a sequence or window.

        Returns
        -------
        vectors : Tensor, (D, Y, X) or (B, D, Y, X) float32
            Unit embeddings.
        foreground : Tensor, (Y, X) or (B, Y, X) bool
            Pixels whose squared e0 component is below 0.5.
        state : State
            For the next frame; its maps cover the padded frame.
        """
        # One layout, also of a state that comes from a file: convolutions of another one round differently.
        image = self.padded(frame).contiguous(memory_format=torch.channels_last)
        if state is not None:
            state = [maps.contiguous(memory_format=torch.channels_last) for maps in state]
        _, raw, state = self(image, state)
        vectors, foreground = self.finished(raw[..., : frame.shape[-2], : frame.shape[-1]].float())
        if frame.ndim == 2:
            return vectors[0], foreground[0], state
        return vectors, foreground, state

    @property
    def multiple(self) -> int:
        """Network pixels that the sides of a frame must be multiples of: 2**(levels - 1)."""
        return 1 << (self.levels - 1)

    def padded(self, frame: Tensor) -> Tensor:
        """Continue frames below and to the right until the network can divide them.

        Parameters
        ----------
        frame : Tensor, (Y, X) or (B, Y, X) float

        Returns
        -------
        Tensor, (B, 1, Y', X')
            In the type of the weights.
        """
        height, width = frame.shape[-2:]
        image = frame.reshape(-1, 1, height, width).to(next(self.parameters()).dtype)
        below, right = -height % self.multiple, -width % self.multiple
        if self.pad_value is not None:
            return F.pad(image, (0, right, 0, below), value=self.pad_value)
        image = image[..., _mirrored(height, below, frame.device), :]
        return image[..., _mirrored(width, right, frame.device)]

    @staticmethod
    def finished(raw: Tensor) -> tuple[Tensor, Tensor]:
        """Turn raw embeddings into unit embeddings and foreground.

        Parameters
        ----------
        raw : Tensor, (B, D, Y, X) float32
            Written to.

        Returns
        -------
        vectors : Tensor, (B, D, Y, X) float32
        foreground : Tensor, (B, Y, X) bool
        """
        # Where every filter is silent there is no direction: that is background, e0.
        raw[:, 0] += (raw == 0).all(1)
        raw /= torch.linalg.vector_norm(raw, dim=1, keepdim=True).clamp_min(1e-12)
        return raw, raw[:, 0].square() < 0.5


def _mirrored(size: int, more: int, device: torch.device) -> Tensor:
    """Places 0, 1, ... of an axis and `more` of them beyond its end, to and fro, (size + more,) int64."""
    place = torch.arange(size + more, device=device) % (2 * size)
    return torch.minimum(place, 2 * size - 1 - place)
