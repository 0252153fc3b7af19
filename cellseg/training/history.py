"""How good a network has been so far: which weights are the best, and when more steps are in vain."""

from __future__ import annotations

from collections.abc import Mapping

SCORES = ("SEG", "TRA")
"""What weights are chosen by."""


class History:
    """The validations of a training, in the order of their steps.

    Parameters
    ----------
    patience : int or None
        Validations in a row without a better score after which it has stalled; None never.

    Attributes
    ----------
    stalled : int or None
        Step of the validation at which the training stalled. A network that finds no cell has not begun to
        stall.
    """

    def __init__(self, patience: int | None) -> None:
        self._patience = patience
        self._best = 0.0
        self._in_vain = 0
        self._last = -1
        self.stalled: int | None = None

    def add(self, step: int, figures: Mapping[str, float]) -> bool:
        """Take note of a validation.

        Parameters
        ----------
        step : int
            Steps done; a step that was noted before is passed over.
        figures : mapping of str to float
            Scores; the mean of SEG and TRA, or the one of them that is defined, counts.

        Returns
        -------
        bool
            Whether these weights are to be kept: nothing before was better.
        """
        found = [figures[name] for name in SCORES if name in figures]
        score = sum(found) / len(found) if found else 0.0
        if step <= self._last:
            return False
        self._last = step
        if score > self._best:
            self._in_vain = 0
        elif self._best > 0:
            self._in_vain += 1
        if self._patience is not None and self._in_vain >= self._patience and self.stalled is None:
            self.stalled = step
        keep = score >= self._best
        self._best = max(self._best, score)
        return keep
