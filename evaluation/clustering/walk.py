"""Clusters pairs one after the other, as `infer` does, with some of the method's parts left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cellseg.meanshift import Clusters, Osop, Patience, cluster
from cellseg.meanshift.clustering import SAMPLE

from .pairs import PairVectors, load_pairs
from .wanted import missed

BANDWIDTH = 0.1


@dataclass(frozen=True)
class Step:
    """The method with more or fewer of its parts.

    Attributes
    ----------
    name : str
    osop : Osop
        What the first pair begins with; each hands its state to the next.
    patience : Patience
    sample, max_uncovered : int or None
        As `cluster` takes them.
    warm : bool
        Whether the modes of the pair before are places to climb from.
    """

    name: str
    osop: Osop
    patience: Patience
    sample: int | None
    max_uncovered: int | None
    warm: bool = False


def _steps() -> tuple[Step, ...]:
    fixed = Step("128 seeds on all points", Osop.fixed(128), Patience(early_stop=1.0), None, None)
    policy = replace(fixed, name="+ seed policy", osop=Osop())
    early = replace(policy, name="+ early stop", patience=Patience())
    residual = replace(early, name="+ residual rounds", max_uncovered=0)
    sample = replace(residual, name="+ sample", sample=SAMPLE)
    return fixed, policy, early, residual, sample, replace(sample, name="+ warm start", warm=True)


STEPS = _steps()
"""Each has a part more than the one before."""
OF_THE_PAPERS, BY_DEFAULT = STEPS[2], STEPS[4]
"""The papers' method, and ours as `cluster` is called by default."""


def walk(pairs: list[PairVectors], step: Step, seed: int = 0) -> list[Clusters]:
    """Cluster pairs one after the other.

    Parameters
    ----------
    pairs : list of PairVectors
    step : Step
    seed : int

    Returns
    -------
    list of Clusters
        One for each pair.
    """
    rng = np.random.default_rng(seed)
    osop, modes = step.osop, None
    walked = []
    for pair in pairs:
        found = cluster(
            pair.vectors,
            BANDWIDTH,
            osop=osop,
            rng=rng,
            foreground_ratio=pair.foreground_ratio,
            strata=pair.strata,
            initial_modes=modes,
            sample=step.sample,
            max_uncovered=step.max_uncovered,
            patience=step.patience,
        )
        osop, modes = found.osop, found.modes if step.warm else None
        walked.append(found)
    return walked


@dataclass(frozen=True)
class Walk:
    """One step on saved pairs (`process.Work`)."""

    folder: Path
    step: Step
    device: str

    def prepare(self) -> Callable[[], list[Clusters]]:
        """Load the pairs, and cluster the first."""
        pairs = load_pairs(self.folder, self.device)
        walk(pairs[:1], self.step)
        return partial(walk, pairs, self.step)

    def describe(self, result: list[Clusters]) -> dict[str, Any]:
        """Count modes found, wanted and missed in all pairs; average the rest over the pairs."""
        pairs = load_pairs(self.folder, self.device)
        return {
            "pairs": len(pairs),
            "modes": sum(len(found.modes) for found in result),
            "wanted": sum(len(pair.wanted) for pair in pairs),
            "missed": sum(
                missed(found.modes, pair.wanted, BANDWIDTH) for found, pair in zip(result, pairs, strict=True)
            ),
            "seeds": float(np.mean([found.foreground_seeds for found in result])),
            "iterations": float(np.mean([found.iterations for found in result])),
            "uncovered": float(np.mean([found.uncovered for found in result])),
        }
