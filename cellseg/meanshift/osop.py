"""Online Seed Optimisation Policy (OSOP): how many seeds to draw (Zhao et al. 2021, eq. 12-21)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Osop:
    """The seed policy: its settings and its state, N and I.

    The policy imagines N seeds that fall uniformly on an image of which a share r is foreground; a seed hits
    each of I equal instances with probability r / I. Only seeds on the foreground cost anything.

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
    """

    seeds: int = 128
    instances: int | None = None
    probability: float = 0.99
    seed_surplus: float = 2.0
    seed_excess: float = 8.0
    min_seeds: int = 32
    max_seeds: int = 4096

    def __post_init__(self) -> None:
        if min(self.seeds, self.min_seeds, self.max_seeds) < 1:
            raise ValueError("seeds, min_seeds and max_seeds must be at least 1")
        if (self.instances or 0) < 0:
            raise ValueError(f"instances must not be negative, not {self.instances}")
        if not 0 < self.probability < 1:
            raise ValueError(f"probability must lie between 0 and 1, not {self.probability}")
        if not 1 <= self.seed_surplus < self.seed_excess:
            raise ValueError("seed_surplus must be at least 1 and below seed_excess")

    def required(self, foreground_ratio: float, instances: int) -> int:
        """Count the seeds that hit every instance with the wanted probability.

        N_min = ln(1 - P^(1/I)) / ln(1 - r/I), rounded up (Zhao et al. 2021, eq. 19). The paper's eq. 15-18
        set r = 1/2 on the way; eq. 19 has the measured r again, and is what is used.

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
        if foreground_ratio == 0 or instances == 0:
            return 0
        hit = foreground_ratio / instances
        if hit == 1:
            return 1
        # expm1 and log1p: both logarithms are of numbers that round to 1 when instances are many and small.
        log_any_missed = math.log(-math.expm1(math.log(self.probability) / instances))
        return math.ceil(log_any_missed / math.log1p(-hit))

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
