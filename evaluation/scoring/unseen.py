"""Which frames of a sequence are scored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cellseg.config import Blocks
from cellseg.video import blocks_without_gaps


@dataclass(frozen=True)
class Unseen:
    """Half-open blocks of frame numbers.

    Attributes
    ----------
    movie : tuple of int
        The part without gaps that is read.
    scored : tuple of int
        The held-out part of it.
    """

    movie: tuple[int, int]
    scored: tuple[int, int]

    def begun(self, before: int) -> tuple[int, int]:
        """Give the scored frames and at most `before` of the movie's frames before them."""
        return max(self.movie[0], self.scored[0] - before), self.scored[1]


def unseen(sequence: Path, blocks: Blocks) -> Unseen:
    """Find the longest run of consecutive frames in the held-out block.

    Parameters
    ----------
    sequence : Path
        Folder of frames.
    blocks : Blocks
        Of the dataset's configuration.

    Returns
    -------
    Unseen
        Of equal runs the first; all of the block where the numbering has no gap.
    """
    begin, end = blocks.held_out
    pieces = [
        Unseen((first, last), (max(first, begin), min(last, end)))
        for first, last in blocks_without_gaps(sequence)
    ]
    return max(pieces, key=lambda piece: piece.scored[1] - piece.scored[0])
