"""How much is measured: three sizes of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..clustering.plan import RESULTS

TABLE_II = ("DIC-C2DH-HeLa", "Fluo-N2DH-GOWT1", "Fluo-N2DH-SIM+", "PhC-C2DH-U373")
"""The datasets of the paper's table."""


@dataclass(frozen=True)
class Plan:
    """What a measurement may cost, and what it runs on.

    Attributes
    ----------
    name : str
    datasets : tuple of str
        Whose geometries are measured.
    pairs : int
        Pairs of frames in steady state that a row of the published schedule with untrained weights is
        averaged over.
    frames : int
        Frames that are scored, and least length of the movie of the untrained network.
    budget : float
        Seconds after which a row of the published schedule takes no further pair.
    cap : float
        Seconds after which it is ended.
    device : str
        `cpu` or `cuda`.
    data : Path or None
        Folder with the dataset of the trained model, in the layout of the Cell Tracking Challenge; None
        simulates a movie.
    results : Path
        Where the record and the picture go.
    """

    name: str
    datasets: tuple[str, ...]
    pairs: int
    frames: int
    budget: float
    cap: float
    device: str = "cpu"
    data: Path | None = None
    results: Path = RESULTS


QUICK = Plan("quick", datasets=TABLE_II[:1], pairs=1, frames=10, budget=6, cap=20)
"""Under five minutes on two cores."""
USUAL = Plan("usual", datasets=TABLE_II, pairs=1, frames=16, budget=60, cap=300)
"""About half an hour on two cores, most of it the published schedule."""
FULL = Plan("full", datasets=(*TABLE_II, "Fluo-N2DL-HeLa"), pairs=3, frames=28, budget=600, cap=3600)
"""Hours on two cores; made for a GPU."""
