"""What may happen to cells: one goes on as another object, or divides into two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices


@dataclass(frozen=True)
class Events:
    """Possible events and what each would gain.

    Attributes
    ----------
    source : numpy.ndarray, (n,) int64
        The node that goes on or divides.
    first, second : numpy.ndarray, (n,) int64
        What becomes of it; `second` is -1 unless it divides.
    gain : numpy.ndarray, (n,) float64
        Logarithm of how much likelier the event is than that the source disappears there and its targets
        appear, each for a reason of its own.
    """

    source: Indices
    first: Indices
    second: Indices
    gain: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.gain)

    @property
    def is_division(self) -> NDArray[np.bool_]:
        """Whether each event is a division, (n,)."""
        return np.asarray(self.second >= 0)

    def take(self, chosen: NDArray[np.bool_] | Indices) -> Events:
        """Give some of the events, in order."""
        return Events(self.source[chosen], self.first[chosen], self.second[chosen], self.gain[chosen])

    def without_hopeless(self, margin: float) -> Events:
        """Leave out events that gain far less than what they exclude.

        Parameters
        ----------
        margin : float
            How much less than the best other events of their source and targets together.

        Returns
        -------
        Events
        """
        count = int(max(self.source.max(initial=-1), self.first.max(initial=-1), self.second.max(initial=-1)))
        # One more place, for -1.
        future, origin = np.full((2, count + 2), -np.inf)
        np.maximum.at(future, self.source, self.gain)
        np.maximum.at(origin, self.first, self.gain)
        best = np.column_stack([future[self.source], origin[self.first], origin[self.second]])
        others = np.where(best > self.gain[:, None], best, 0).clip(min=0)
        return self.take(others.sum(axis=1) <= self.gain + margin)

    @staticmethod
    def join(parts: list[Events]) -> Events:
        """Give the events of several tables, one after the other."""
        fields = zip(*((part.source, part.first, part.second, part.gain) for part in parts), strict=True)
        return Events(*(np.concatenate(field) for field in fields))
