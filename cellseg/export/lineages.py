"""Who descends from whom: lineages, daughters and divisions of a list of tracks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise

from cellseg.types import Track


class Lineages:
    """The family trees of a result.

    Parameters
    ----------
    tracks : iterable of Track

    Attributes
    ----------
    tracks : dict of int to Track
        By label, ascending.
    daughters : dict of int to list of int
        Labels of the tracks that follow each track: one after a gap, two or more after a division.
    root : dict of int to int
        Label of the first track of the lineage of each track.
    tracklet : dict of int to int
        Label of the first of the tracks that follow each other without a division.
    """

    def __init__(self, tracks: Iterable[Track]) -> None:
        self.tracks = {track.label: track for track in sorted(tracks)}
        self.daughters: dict[int, list[int]] = {label: [] for label in self.tracks}
        for track in self.tracks.values():
            if track.parent in self.daughters:
                self.daughters[track.parent].append(track.label)
        self.root: dict[int, int] = {}
        self.tracklet: dict[int, int] = {}
        for track in sorted(self.tracks.values(), key=lambda track: track.begin):
            parent = track.parent
            self.root[track.label] = self.root.get(parent, track.label)
            continues = parent in self.tracklet and len(self.daughters[parent]) == 1
            self.tracklet[track.label] = self.tracklet[parent] if continues else track.label

    def division_frame(self, label: int) -> int | None:
        """First frame in which the daughters of a track are seen; None if it does not divide."""
        daughters = self.daughters[label]
        return min(self.tracks[child].begin for child in daughters) if len(daughters) > 1 else None

    def node(self, label: int, frame: int) -> int:
        """Give the number of an object, from 1 on: the same for every export."""
        return self._first_node[label] + frame - self.tracks[label].begin

    @cached_property
    def _first_node(self) -> dict[int, int]:
        lengths = [track.end - track.begin + 1 for track in self.tracks.values()]
        return dict(zip(self.tracks, accumulate(lengths, initial=1), strict=False))

    def links(self, frames: Sequence[int], label: int) -> Iterator[tuple[int, int]]:
        """List the links that end in an object of a track.

        Parameters
        ----------
        frames : sequence of int
            All frame numbers, ascending.
        label : int

        Yields
        ------
        pair of int
            Numbers of the earlier and of the later object; the link to the parent comes first.
        """
        track = self.tracks[label]
        if track.parent in self.tracks:
            parent = self.tracks[track.parent]
            yield self.node(parent.label, parent.end), self.node(label, track.begin)
        inside = frames[bisect_left(frames, track.begin) : bisect_right(frames, track.end)]
        for before, after in pairwise(inside):
            yield self.node(label, before), self.node(label, after)
