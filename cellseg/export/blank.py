"""Label images of frames in which nothing is known to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


class Blank(Mapping[int, NDArray[np.uint16]]):
    """An empty label image for every frame.

    Parameters
    ----------
    numbers : sequence of int
        Frame numbers.
    shape : tuple of int
        (Y, X).
    """

    def __init__(self, numbers: Sequence[int], shape: tuple[int, ...]) -> None:
        self._numbers, self._shape = dict.fromkeys(numbers), shape

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __getitem__(self, frame: int) -> NDArray[np.uint16]:
        if frame not in self._numbers:
            raise KeyError(frame)
        return np.zeros(self._shape, np.uint16)
