"""A movie as one array (T, Y, X), of which only what is asked for is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class LazyFrames:
    """Frames that index like an ndarray and are read when they are meant.

    Parameters
    ----------
    read : callable
        Gives frame t, (Y, X), as an array of `dtype`.
    shape : tuple of int
        (T, Y, X).
    dtype : data-type

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    ndim : int
    """

    ndim = 3

    def __init__(
        self, read: Callable[[int], NDArray[Any]], shape: tuple[int, int, int], dtype: DTypeLike
    ) -> None:
        self._read = read
        self.shape = shape
        self.dtype = np.dtype(dtype)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> NDArray[Any]:
        """Index like an ndarray; frames that are not meant are not read.

        Parameters
        ----------
        index : int, slice, array of int or bool, or a tuple that begins with one of them

        Returns
        -------
        ndarray
        """
        frames, *inside = index if isinstance(index, tuple) else (index,)
        if frames is Ellipsis or frames is None:
            whole: NDArray[Any] = np.asarray(self)[index]
            return whole
        chosen = np.arange(len(self))[frames]
        if chosen.ndim == 0:
            one: NDArray[Any] = self._read(int(chosen))[tuple(inside)]
            return one
        images = [self._read(int(t)) for t in chosen.ravel()]
        stacked = np.stack(images) if images else np.zeros((0, *self.shape[1:]), self.dtype)
        several: NDArray[Any] = stacked[(slice(None), *inside)]
        return several

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all of it."""
        return np.stack([self._read(t) for t in range(len(self))]).astype(dtype or self.dtype)
