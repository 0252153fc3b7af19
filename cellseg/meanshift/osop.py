"""Online Seed Optimisation Policy (OSOP): how many seeds to draw (Zhao et al. 2021, eq. 12-21)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Self


@dataclass(frozen=True)
class Osop:
    """The seed policy: its settings and its state, N and I.

    The policy imagines N seeds that fall uniformly on an image of which a share r is foreground; a seed hits
    each of I equal instances with probability r / I. Only seeds on the foreground cost anything.

    `Osop()` is the cosine paper's policy, `Osop.euclidean()` the Euclidean paper's, and `Osop.fixed(N)` none.

    Attributes
    ----------
    seeds : int
        N, seeds on the whole image. Its first value is the paper's N0 = 128.
    instances : int or None
        I, instances seen before; None or 0 where nothing was: the clustering then finds I itself.
    probability : float
        P, wanted probability that every instance is hit (the paper's 0.99; the published code has 0.95).
    seed_surplus : float
        L = alpha / gamma: N doubles until it is at least L N_min (eq. 21).
    seed_excess : float
        H: above H N_min, the next clustering has N_min fewer.
    min_seeds : int
        N is not lowered below it (32, as in the published code).
    max_seeds : int
        Most seeds on the foreground. It bounds time, hence it does not count the seeds that miss.
    rule : str
        What N_min rests on: `coverage` (Zhao et al. 2021, eq. 19), `instances` (N_min = I; You et al. 2021),
        or `fixed` (0: N stays as it is).
    """

    seeds: int = 128
    instances: int | None = None
    probability: float = 0.99
    seed_surplus: float = 2.0
    seed_excess: float = 8.0
    min_seeds: int = 32
    max_seeds: int = 4096
    rule: Literal["coverage", "instances", "fixed"] = "coverage"

    @classmethod
    def euclidean(cls, **changes: int | float | None) -> Self:
        """Give the policy of You et al. 2021: N >= L I with L = 8; above H I with H = 32, I fewer next time.

        Their eq. 12 takes all shares of N seeds among I clusters for equally likely, and so promises less
        than such an N does: `coverage` tells how likely it hits every cluster.
        """
        settings = {"seed_surplus": 8.0, "seed_excess": 32.0, "rule": "instances", **changes}
        return cls(**settings)  # type: ignore[arg-type]

    @classmethod
    def fixed(cls, seeds: int) -> Self:
        """Give a policy that always draws the same number of seeds, or all of a smaller sample."""
        return cls(seeds=seeds, max_seeds=max(seeds, cls.max_seeds), rule="fixed")

    def __post_init__(self) -> None:
        if min(self.seeds, self.min_seeds, self.max_seeds) < 1:
            raise ValueError("seeds, min_seeds and max_seeds must be at least 1")
        if (self.instances or 0) < 0:
            raise ValueError(f"instances must not be negative, not {self.instances}")
        if not 0 < self.probability < 1:
            raise ValueError(f"probability must lie between 0 and 1, not {self.probability}")
        if self.rule not in ("coverage", "instances", "fixed"):
            raise ValueError(f"rule must be coverage, instances or fixed, not {self.rule!r}")
        if not 1 <= self.seed_surplus < self.seed_excess:
            raise ValueError("seed_surplus must be at least 1 and below seed_excess")

    def required(self, foreground_ratio: float, instances: int) -> int:
        """Count the seeds that are necessary: enough to hit every instance with the wanted probability.

        By the rule `coverage`, N_min = ln(1 - P^(1/I)) / ln(1 - r/I), rounded up (Zhao et al. 2021, eq. 19).
        The paper's eq. 15-18 set r = 1/2 on the way; eq. 19 has the measured r again, and is what is used.

        Parameters
        ----------
        foreground_ratio : float
            r, share of the image that is foreground, 0..1.
        instances : int
            I.

        Returns
        -------
        int
            N_min; 0 where there is nothing to hit (r = 0 or I = 0), 1 where no seed can miss (r = I = 1).
        """
        if foreground_ratio == 0 or instances == 0 or self.rule == "fixed":
            return 0
        if self.rule == "instances":
            return instances
        hit = foreground_ratio / instances
        if hit == 1:
            return 1
        # expm1 and log1p: both logarithms are of numbers that round to 1 when instances are many and small.
        log_any_missed = math.log(-math.expm1(math.log(self.probability) / instances))
        return math.ceil(log_any_missed / math.log1p(-hit))

    @staticmethod
    def coverage(seeds: int, foreground_ratio: float, instances: int) -> float:
        """Give the probability that N seeds hit all of I equal instances (Zhao et al. 2021, eq. 14).

        P = (1 - (1 - r/I)^N)^I, which takes the instances for independent.

        Parameters
        ----------
        seeds : int
            N.
        foreground_ratio : float
            r, 0..1.
        instances : int
            I, at least 1.

        Returns
        -------
        float
        """
        return (1 - (1 - foreground_ratio / instances) ** seeds) ** instances

    def grown(self, foreground_ratio: float, instances: int) -> Osop:
        """Double N until it is at least L N_min (Zhao et al. 2021, eq. 20-21).

        Parameters
        ----------
        foreground_ratio : float
            r, 0..1.
        instances : int
            I.

        Returns
        -------
        Osop
        """
        enough = self.seed_surplus * self.required(foreground_ratio, instances)
        seeds = self.seeds
        while seeds < enough:
            seeds *= 2
        return replace(self, seeds=seeds)

    def after(self, foreground_ratio: float, instances: int) -> Osop:
        """Give the state for the next clustering: N is N_min lower if it was above H N_min.

        Parameters
        ----------
        foreground_ratio : float
            r, 0..1.
        instances : int
            I that N was chosen for; it is remembered.

        Returns
        -------
        Osop
        """
        required = self.required(foreground_ratio, instances)
        seeds = self.seeds
        if seeds > self.seed_excess * required:
            seeds = min(seeds, max(self.min_seeds, seeds - required))
        return replace(self, seeds=seeds, instances=instances)
