"""laptrack: linear assignment of points between frames, then of track segments (Jaqaman et al. 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from evaluation.linkers.linked import Linked, from_links
from evaluation.linkers.linker import REACH
from evaluation.linkers.movie import Masks


@dataclass(frozen=True)
class Laptrack:
    """By the centroids of the objects."""

    name: str = "laptrack"
    settings: str = (
        "centroids; a cell, a cell after a gap of up to 2 frames and a daughter are sought within "
        f"{REACH:g} x the median diameter; the costs of ends and starts as it estimates them"
    )
    by_tables: bool = True

    def absent(self) -> str | None:
        """Say why it cannot run here."""
        return None if find_spec("laptrack") else "not installed"

    def load(self) -> None:
        """Import it."""
        import laptrack  # noqa: F401

    def link(self, masks: Masks) -> Linked:
        """Link centroids."""
        from laptrack import LapTrack

        objects, cutoff = masks.objects, (REACH * masks.diameter) ** 2
        starts = np.searchsorted(objects["frame"], np.arange(len(masks) + 1))
        centroids = objects["centroid"].astype(float)
        tracker = LapTrack(
            cutoff=cutoff,
            gap_closing_cutoff=cutoff,
            gap_closing_max_frame_count=3,  # counts steps: 3 steps over 2 missing frames
            splitting_cutoff=cutoff,
        )
        tree = tracker.predict([centroids[a:b] for a, b in pairwise(starts)])
        links = [(starts[t] + i, starts[u] + j) for (t, i), (u, j) in tree.edges]
        return from_links(masks, links)
