"""The network once more, in TensorFlow: written apart from the torch one, which is held against it.

It runs on the variables of the authors' checkpoints as they are, in float32 on the CPU. Inside, maps are
(B, Y, X, C); what goes in and comes out are torch tensors in the layout of `RSHN`, states included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.rshn.network import State
from cellseg.rshn.published_names import SCOPE
from cellseg.rshn.require_tensorflow import require_tensorflow

_CPU = "/CPU:0"


class TensorFlowRSHN:
    """Two recurrent hourglasses in series (Payer et al. 2019); a `cellseg.rshn.Network`.

    Parameters
    ----------
    variables : mapping of str to ndarray float32
        By their published names (`cellseg.rshn.published_names`): kernels (height, width, in, out), biases.
    pad_value : float or None
        Value of the pixels added below and to the right when a frame is no multiple of 2**(levels - 1); None
        mirrors the frame.

    Raises
    ------
    CellsegError
        TensorFlow is not installed.
    """

    def __init__(self, variables: Mapping[str, NDArray[np.float32]], pad_value: float | None = None) -> None:
        self._tf = require_tensorflow()
        with self._tf.device(_CPU):
            self.variables = {name: self._tf.constant(value) for name, value in variables.items()}
        kernels = [name for name in variables if name.endswith("/kernel")]
        self.levels = sum(name.startswith(f"{SCOPE}/unet_0_cell/expanding/") for name in kernels)
        self.pad_value = pad_value

    def forward(self, image: Tensor, state: State | None) -> tuple[Tensor, Tensor, State]:
        """Step a batch of aligned frames.

        Parameters
        ----------
        image : Tensor, (B, 1, Y, X) float
            Prepared frames on the CPU; Y and X are multiples of 2**(levels - 1).
        state : State or None
            What the previous frame left behind, a `RSHN`'s too; None is the zero state.

        Returns
        -------
        first, second : Tensor, (B, D, Y, X) float32
            Raw embeddings of the two hourglasses.
        state : State
            For the next frame.
        """
        with self._tf.device(_CPU):
            first, second, maps = self._both_hourglasses(self._channels_last(image), self._maps(state))
            return _channels_first(first), _channels_first(second), [_channels_first(each) for each in maps]

    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Embed one frame (or a batch of frames) of any size.

        Parameters
        ----------
        frame : Tensor, (Y, X) or (B, Y, X) float
            Prepared frame at network scale, on the CPU.
        state : State or None
            What the previous frame left behind, a `RSHN`'s too; None at the start of a sequence or window.

        Returns
        -------
        vectors : Tensor, (D, Y, X) or (B, D, Y, X) float32
            Unit embeddings.
        foreground : Tensor, (Y, X) or (B, Y, X) bool
            Pixels whose squared e0 component is below 0.5.
        state : State
            For the next frame; its maps cover the padded frame.
        """
        tf = self._tf
        height, width = frame.shape[-2:]
        with tf.device(_CPU):
            image = self._channels_last(frame.reshape(-1, 1, height, width))
            _, raw, maps = self._both_hourglasses(self._padded(image), self._maps(state))
            raw = raw[:, :height, :width]
            background = tf.one_hot(0, raw.shape[-1])
            raw = tf.where(tf.reduce_any(raw != 0, axis=-1, keepdims=True), raw, background)
            # The smallest norm that is brought to 1 is 1e-12.
            vectors = tf.math.l2_normalize(raw, axis=-1, epsilon=1e-24)
            foreground = torch.from_numpy((tf.square(vectors[..., 0]) < 0.5).numpy())
            embedding = _channels_first(vectors)
            after = [_channels_first(each) for each in maps]
        if frame.ndim == 2:
            return embedding[0], foreground[0], after
        return embedding, foreground, after

    def _both_hourglasses(self, image: Any, maps: list[Any]) -> tuple[Any, Any, list[Any]]:
        """Raw embeddings of both hourglasses (B, Y, X, D), and the maps for the next frame."""
        first, maps_0 = self._hourglass(0, image, maps[: self.levels])
        # Epsilon is the published one: vectors shorter than 0.01 stay shorter than 1.
        hint = self._tf.math.l2_normalize(first, axis=-1, epsilon=1e-4)
        seen = self._tf.concat([image, hint], axis=-1)
        second, maps_1 = self._hourglass(1, seen, maps[self.levels :])
        return first, second, maps_0 + maps_1

    def _hourglass(self, k: int, x: Any, maps: list[Any]) -> tuple[Any, list[Any]]:
        """Down, across through the recurrent units, and up again."""
        tf, scope = self._tf, f"{SCOPE}/unet_{k}_cell"
        x = tf.nn.relu(self._convolve(f"{scope}/input", x))
        skips = []
        for level in range(self.levels):
            x = tf.nn.relu(self._convolve(f"{scope}/contracting/level{level}/conv0", x))
            skips.append(self._recur(f"{scope}/parallel/level{level}/gru0", x, maps[level]))
            if level + 1 < self.levels:
                x = tf.nn.max_pool2d(x, ksize=2, strides=2, padding="VALID")
        up = None
        for level in reversed(range(self.levels)):
            x = skips[level] if up is None else skips[level] + tf.repeat(tf.repeat(up, 2, axis=1), 2, axis=2)
            up = tf.nn.relu(self._convolve(f"{scope}/expanding/level{level}/conv0", x))
        return self._convolve(f"{scope}/output", up), skips

    def _recur(self, scope: str, x: Any, h: Any | None) -> Any:
        """One step of the convolutional gated recurrent unit, from state h to the next."""
        tf = self._tf
        h = tf.zeros_like(x) if h is None else h
        both = tf.concat([x, h], axis=-1)
        reset = tf.sigmoid(self._convolve(f"{scope}/gates/r", both))
        keep = tf.sigmoid(self._convolve(f"{scope}/gates/u", both))
        new = tf.nn.relu(self._convolve(f"{scope}/candidate/y", tf.concat([x, reset * h], axis=-1)))
        return keep * h + (1 - keep) * new

    def _convolve(self, name: str, x: Any) -> Any:
        kernel, bias = self.variables[f"{name}/kernel"], self.variables[f"{name}/bias"]
        return self._tf.nn.bias_add(self._tf.nn.conv2d(x, kernel, strides=1, padding="SAME"), bias)

    def _padded(self, image: Any) -> Any:
        """Make (B, Y, X, 1) a multiple of the coarsest pixel."""
        multiple = 2 ** (self.levels - 1)
        for axis in (1, 2):
            size = image.shape[axis]
            wanted = -(-size // multiple) * multiple
            if self.pad_value is None:
                while image.shape[axis] < wanted:
                    image = self._tf.concat([image, self._tf.reverse(image, [axis])], axis)
                image = image[:, :wanted] if axis == 1 else image[:, :, :wanted]
            else:
                margins = [[0, wanted - size if each == axis else 0] for each in range(4)]
                image = self._tf.pad(image, margins, constant_values=self.pad_value)
        return image

    def _maps(self, state: State | None) -> list[Any]:
        if state is None:
            return [None] * (2 * self.levels)
        return [self._channels_last(maps) for maps in state]

    def _channels_last(self, maps: Tensor) -> Any:
        return self._tf.constant(maps.float().permute(0, 2, 3, 1).numpy())


def _channels_first(maps: Any) -> Tensor:
    return torch.from_numpy(maps.numpy()).permute(0, 3, 1, 2)
