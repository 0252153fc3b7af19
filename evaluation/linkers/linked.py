"""What a linker gives: tracks, and the masks with their labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cellseg.metrics import TrackingScorer, score_tracking
from cellseg.types import Track
from evaluation.linkers.movie import Masks, Movie

MEASURES = ("LNK", "TRA", "BC(1)", "CT", "TF")


@dataclass(frozen=True)
class Linked:
    """A lineage and its masks.

    Attributes
    ----------
    tracks : tuple of Track
    frame : callable
        Gives the label image (Y, X) of a frame, in which labels are those of tracks.
    """

    tracks: tuple[Track, ...]
    frame: Callable[[int], NDArray[Any]]

    def scores(self, movie: Movie) -> dict[str, float | None]:
        """Score it against the truth; None for what is not defined."""
        scorer = TrackingScorer()
        for t, markers in enumerate(movie.markers):
            scorer.add(t, markers, self.frame(t))
        score = score_tracking(scorer.compare(movie.tracks, self.tracks))
        biology = score.biology
        found = (score.LNK, score.TRA, biology.BC(1), biology.CT, biology.TF)
        return {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(MEASURES, found, strict=True)
        }


def from_links(masks: Masks, links: Sequence[tuple[int, int]] | NDArray[np.int64]) -> Linked:
    """Turn links between objects into tracks, as the challenge wants them.

    An object that has one link, to the next frame, goes on in the same track. Over a gap, and to several
    objects, the track ends and those after it are its children.

    Parameters
    ----------
    masks : Masks
    links : (n, 2) int
        Rows of `masks.objects`: earlier and later object. None has two origins.

    Returns
    -------
    Linked
    """
    objects = masks.objects
    source, target = np.asarray(links, np.int64).reshape(-1, 2).T
    frame, count = objects["frame"].astype(np.int64), len(objects)
    follows = (np.bincount(source, minlength=count)[source] == 1) & (frame[target] == frame[source] + 1)
    joined = coo_array((np.ones(follows.sum()), (source[follows], target[follows])), (count, count))
    label = connected_components(joined, directed=False)[1] + 1
    begin, end = np.full(label.max(initial=0) + 1, len(masks)), np.full(label.max(initial=0) + 1, -1)
    np.minimum.at(begin, label, frame)
    np.maximum.at(end, label, frame)
    parent = np.zeros_like(begin)
    parent[label[target[~follows]]] = label[source[~follows]]
    tracks = [
        Track(*map(int, line))
        for line in zip(range(1, len(begin)), begin[1:], end[1:], parent[1:], strict=True)
    ]

    def final(t: int) -> NDArray[np.int64]:
        rows = slice(*np.searchsorted(frame, [t, t + 1]))
        lookup = np.zeros(int(masks.labels[t].max()) + 1, np.int64)
        lookup[objects["id"][rows]] = label[rows]
        labels: NDArray[np.int64] = lookup[masks.labels[t]]
        return labels

    return Linked(tuple(tracks), final)
