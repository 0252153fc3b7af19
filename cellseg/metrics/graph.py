"""A lineage as the graph that is scored: a vertex is an object in a frame, an edge is a link in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.types import Track

TRACK_LINK = 0
"""Edge semantics: the same track in two consecutive frames."""
PARENT_LINK = 1
"""Edge semantics: the mother's last vertex to the daughter's first."""


@dataclass(frozen=True)
class TrackGraph:
    """Vertices in order of frame, then label; edges between their indices; tracks in order of label.

    Attributes
    ----------
    vertices : numpy.ndarray, (n, 2) int64
        Frame number and label of every object in the masks.
    edges : numpy.ndarray, (e, 3) int64
        Source vertex, target vertex, and TRACK_LINK or PARENT_LINK.
    track : numpy.ndarray, (n,) int64
        Row in `tracks` of the track that each vertex belongs to, -1 for none.
    tracks : numpy.ndarray, (k, 3) int64
        First vertex, last vertex, and the parent's row, -1 for none. Only tracks of which an object is seen.
    """

    vertices: NDArray[np.int64]
    edges: NDArray[np.int64]
    track: NDArray[np.int64]
    tracks: NDArray[np.int64]

    @classmethod
    def build(
        cls, frames: Sequence[int], labels: Sequence[NDArray[np.int64]], tracks: Sequence[Track]
    ) -> TrackGraph:
        """Join the objects seen in the masks by what the track table says.

        Consecutive frames are neighbours in `frames`: a hole in the numbering does not cut a track. An object
        missing from a frame within its track does: no edge leads over it, as none leads to it. Objects
        outside their track's frames, or of no track, are vertices without track links.

        Parameters
        ----------
        frames : sequence of int
            Frame numbers, ascending.
        labels : sequence of (n,) int64
            Labels present in each of these frames, ascending.
        tracks : sequence of Track

        Returns
        -------
        TrackGraph

        Raises
        ------
        ValueError
            Two tracks have the same label.
        """
        position = np.repeat(np.arange(len(frames)), [len(present) for present in labels])
        label = np.concatenate([np.zeros(0, np.int64), *labels])
        frame = np.asarray(frames, np.int64)[position]
        vertices = np.column_stack([frame, label])

        table = np.array(sorted(tracks), np.int64).reshape(-1, 4)
        if len(np.unique(table[:, 0])) < len(table):
            raise ValueError("two tracks have the same label")
        begin, end = (_look_up(table[:, 0], table[:, column], label) for column in (1, 2))

        of_track = np.flatnonzero((begin <= frame) & (frame <= end))
        of_track = of_track[np.lexsort((position[of_track], label[of_track]))]
        source, target = of_track[:-1], of_track[1:]
        linked = (label[source] == label[target]) & (position[source] + 1 == position[target])
        track_links = np.column_stack([source[linked], target[linked]])

        seen, first, row, objects = np.unique(
            label[of_track], return_index=True, return_inverse=True, return_counts=True
        )
        track = np.full(len(vertices), -1, np.int64)
        track[of_track] = row
        parent = _look_up(seen, np.arange(len(seen)), _look_up(table[:, 0], table[:, 3], seen))
        parent[parent == np.arange(len(seen))] = -1
        seen_tracks = np.column_stack([of_track[first], of_track[first + objects - 1], parent])

        daughters = np.flatnonzero(parent >= 0)
        parent_links = np.column_stack([seen_tracks[parent[daughters], 1], seen_tracks[daughters, 0]])
        semantics = np.repeat([TRACK_LINK, PARENT_LINK], [len(track_links), len(parent_links)])
        edges = np.column_stack([np.concatenate([track_links, parent_links]), semantics])
        return cls(vertices, edges, track, seen_tracks)

    @property
    def lives(self) -> NDArray[np.int64]:
        """First and last frame in which each track is seen, (k, 2) int64."""
        lives: NDArray[np.int64] = self.vertices[self.tracks[:, :2], 0]
        return lives


def _look_up(
    keys: NDArray[np.int64], values: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Value of each wanted key, or -1; `keys` ascend."""
    if len(keys) == 0:
        return np.full(len(wanted), -1, np.int64)
    row = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[row] == wanted, values[row], -1)
