"""btrack: Kalman filters make tracklets, a global choice of hypotheses joins them (Ulicna et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from evaluation.linkers.linked import Linked, from_links
from evaluation.linkers.linker import REACH
from evaluation.linkers.movie import Masks


@dataclass(frozen=True)
class Btrack:
    """By the centroids of the objects, with the configuration for cells of btrack's makers.

    Attributes
    ----------
    configuration : Path or None
        Their `cell_config.json`, which does not come with the package.
    """

    configuration: Path | None = None
    name: str = "btrack"
    settings: str = (
        f"centroids; its makers' `cell_config.json`; a cell is sought within {REACH:g} x the median "
        "diameter; tracks are optimised"
    )
    by_tables: bool = True

    def absent(self) -> str | None:
        """Say why it cannot run here."""
        if not find_spec("btrack"):
            return "not installed"
        return None if self.configuration else "no configuration given (--btrack cell_config.json)"

    def load(self) -> None:
        """Import it."""
        import btrack  # noqa: F401

    def link(self, masks: Masks) -> Linked:
        """Track and optimise."""
        import btrack
        from btrack.btypes import PyTrackObject

        (height, width), objects = masks.shape, masks.objects
        points = [
            PyTrackObject.from_dict({"ID": row, "t": t, "x": x, "y": y, "z": 0.0})
            for row, (t, (y, x)) in enumerate(zip(objects["frame"], objects["centroid"], strict=True))
        ]
        with btrack.BayesianTracker(verbose=False) as tracker:
            tracker.configure(str(self.configuration))
            tracker.max_search_radius = REACH * masks.diameter
            tracker.append(points)
            tracker.volume = ((0, width), (0, height))
            tracker.track(step_size=100)
            tracker.optimise(options={"tm_lim": 60_000, "msg_lev": "GLP_MSG_OFF"})
            return from_links(masks, _links(tracker.tracks))


def _links(tracks: list[Any]) -> list[tuple[int, int]]:
    """Links between the objects of tracks, over the dummies that fill gaps, and from mothers to daughters."""
    seen = {
        track.ID: [row for row, is_dummy in zip(track.refs, track.dummy, strict=True) if not is_dummy]
        for track in tracks
    }
    links = [link for rows in seen.values() for link in pairwise(rows)]
    for track in tracks:
        parent = track.parent
        if parent not in (None, 0, track.ID) and seen.get(parent) and seen[track.ID]:
            links.append((seen[parent][-1], seen[track.ID][0]))
    return links
