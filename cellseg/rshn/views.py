"""Test-time augmentation: the embeddings of a frame, and of it mirrored and transposed, are concatenated."""

from __future__ import annotations

import torch
from scipy.linalg import hadamard
from torch import Tensor

from cellseg.rshn.model import Network
from cellseg.rshn.network import State

_SIDES = [(transposed, axes) for transposed in (False, True) for axes in ((), (-2, -1), (-1,), (-2,))]
"""Of each view: whether the frame is transposed, and along which axes it is mirrored then."""


class Views:
    """A network that sees every frame as it is, mirrored and transposed.

    A pixel's embedding is that of all V views, concatenated: the cosine of two pixels is the mean of their
    cosines in the views, so that the others may still tell apart what one view takes for one cell.
    Background, which is e0 in every view, is e0 of the whole: a Hadamard matrix mixes the e0 components, and
    no angle changes. Each view has a state of its own.

    Parameters
    ----------
    network : Network
        Its embeddings have D components.
    count : {1, 2, 4, 8}
        Number V of views: the frame itself; turned by 180 degrees; mirrored along x; along y; all these
        transposed.
    """

    def __init__(self, network: Network, count: int) -> None:
        self._network, self._sides = network, _SIDES[:count]
        self._mix = torch.from_numpy(hadamard(count, dtype=float)).float() / count**0.5

    @torch.inference_mode()
    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Embed one frame.

        Parameters
        ----------
        frame : Tensor, (Y, X) float
        state : State or None
            What the previous frame left behind.

        Returns
        -------
        vectors : Tensor, (V D, Y, X) float32
            Unit embeddings.
        foreground : Tensor, (Y, X) bool
            Pixels whose squared e0 component is below 0.5.
        state : State
            For the next frame: that of the first view, then of the others.
        """
        count = len(self._sides)
        own = len(state or []) // count
        whole, after = torch.empty(0), []
        for index, (transposed, axes) in enumerate(self._sides):
            seen = (frame.mT if transposed else frame).flip(axes).contiguous()
            before = state and state[index * own : (index + 1) * own]
            vectors, _, left = self._network.step(seen, before)
            if index == 0:
                whole = vectors.new_empty((count, len(vectors), *frame.shape))
            vectors = vectors.flip(axes)
            torch.div(vectors.mT if transposed else vectors, count**0.5, out=whole[index])
            after += left
        whole[:, 0] = torch.einsum("vw,wyx->vyx", self._mix.to(whole.device), whole[:, 0])
        return whole.flatten(0, 1), whole[0, 0].square() < 0.5, after
