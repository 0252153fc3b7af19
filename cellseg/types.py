"""The plain types that rooms hand to each other. Nothing here computes.

Every size and coordinate is (y, x), pixel centres at integers, frames counted from 0 within a sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch

CHAIN = 0
"""`Overlaps` kind: the same frame, seen by two neighbouring pairs."""
NEXT = 1
"""`Overlaps` kind: frame t (id_a) against frame t + 1 (id_b)."""

OVERLAP_DTYPE = np.dtype([("frame", "i4"), ("id_a", "u4"), ("id_b", "u4"), ("kind", "u1"), ("pixels", "i8")])
"""One row of `Overlaps`: a cell of the joint histogram of two label images, background (id 0) included."""


def object_dtype(embedding_size: int) -> np.dtype[np.void]:
    """Row type of `Objects`: one instance in one frame, in original pixels.

    Parameters
    ----------
    embedding_size : int
        Length D of the mean embedding.

    Returns
    -------
    numpy.dtype
        Structured: frame, id, area (pixels), centroid (y, x), bbox (y0, x0, y1, x1; upper ends excluded),
        embedding (D; mean unit embedding), touches_border.
    """
    return np.dtype(
        [
            ("frame", "i4"),
            ("id", "u4"),
            ("area", "i8"),
            ("centroid", "f4", (2,)),
            ("bbox", "i4", (4,)),
            ("embedding", "f4", (embedding_size,)),
            ("touches_border", "?"),
        ]
    )


class Track(NamedTuple):
    """One line `L B E P` of a Cell Tracking Challenge track file.

    `begin` and `end` are the first and the last frame, both included; `parent` is 0 for none.
    """

    label: int
    begin: int
    end: int
    parent: int


@dataclass(frozen=True)
class Embedding:
    """What the network says about one frame, at network scale.

    Attributes
    ----------
    vectors : torch.Tensor, (D, Y, X) float
        Unit embedding of every pixel; background is parallel to the first axis e0.
    foreground : torch.Tensor, (Y, X) bool
        Pixels of cells: the squared e0 component is below 0.5.
    frame : int
        Frame index within the sequence.
    """

    vectors: torch.Tensor
    foreground: torch.Tensor
    frame: int
