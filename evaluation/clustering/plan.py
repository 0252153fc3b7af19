"""How much is measured: three sizes of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Plan:
    """What a measurement may cost, and what it runs on.

    Attributes
    ----------
    name : str
    cap : float
        Seconds that one run of a method may take.
    peer_cap : float
        The same for the peers of `reach`, whose ratios rest on them.
    repeats : int
        Runs of a method, where they fit under the cap.
    sizes : tuple of int
        Points of the data sets that methods race on.
    images : int
        How many of the two sizes of images: 1 takes the smaller.
    lengths : tuple of int
        Points of the data sets that show how time grows.
    trials : int
        Random clusterings for each share of failures.
    pairs : int
        Pairs of frames of a movie that are clustered.
    frames : int
        Frames of the movie that is segmented and tracked.
    every_point : bool
        Whether exact mean-shift starts from every point, or from 2,000 random ones.
    device : str
        `cpu` or `cuda`.
    data : Path or None
        Folder with the dataset of the trained model, in the layout of the Cell Tracking Challenge; None
        simulates a movie.
    methods : tuple of str
        Keys of `METHODS` that race; all where there is none.
    results : Path
        Where records and pictures go.
    """

    name: str
    cap: float
    peer_cap: float
    repeats: int
    sizes: tuple[int, ...]
    images: int
    lengths: tuple[int, ...]
    trials: int
    pairs: int
    frames: int
    every_point: bool
    device: str = "cpu"
    data: Path | None = None
    methods: tuple[str, ...] = ()
    results: Path = RESULTS


QUICK = Plan(
    name="quick",
    cap=2,
    peer_cap=10,
    repeats=1,
    sizes=(1_000, 20_000),
    images=1,
    lengths=(100_000, 1_000_000),
    trials=50,
    pairs=2,
    frames=6,
    every_point=False,
)
"""Some minutes on two cores."""
USUAL = Plan(
    name="usual",
    cap=4,
    peer_cap=30,
    repeats=3,
    sizes=(1_000, 20_000, 200_000),
    images=2,
    lengths=(100_000, 1_000_000),
    trials=200,
    pairs=4,
    frames=10,
    every_point=False,
)
"""About ten minutes on two cores."""
FULL = Plan(
    name="full",
    cap=600,
    peer_cap=3600,
    repeats=5,
    sizes=(1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000, 200_000),
    images=2,
    lengths=(100_000, 1_000_000, 10_000_000),
    trials=1000,
    pairs=10,
    frames=30,
    every_point=True,
)
"""Hours: the sizes and the five runs of the papers."""
