"""The outcome of a clustering."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cellseg.meanshift.osop import Osop


@dataclass(frozen=True)
class Clusters:
    """What `cluster` found. Tensors are on the device of the vectors.

    Attributes
    ----------
    labels : torch.Tensor, (n,) int32
        Index of the mode of every vector; -1 = uncovered.
    modes : torch.Tensor, (K, D) float32, or float64 where distances needed it
        In descending order of `counts`.
    counts : torch.Tensor, (K,) int64
        Vectors in the window of each mode.
    seeds : int
        N, seeds of the policy, those that miss the foreground included.
    foreground_seeds : int
        Seeds drawn from the vectors.
    converged : float
        Share of the seeds that converged; the others were dropped. 1 where none was drawn.
    iterations : int
        Mean-shift iterations: those of all batches of seeds, of the polish and of the residual rounds.
    foreground_ratio : float
        r, as given.
    instances : int
        I: as the policy was given it, or else K.
    required : int
        N_min for r and I.
    uncovered : int
        Vectors farther than h from every mode.
    rounds : int
        Residual rounds that looked for modes among these.
    covered : torch.Tensor, (n,) bool
        Whether each vector is within h of its mode.
    seed_indices : torch.Tensor, (foreground_seeds,) int64
        Which vectors the seeds of the policy were, in the order they were drawn.
    osop : Osop
        The policy's state for the next call. Its I is `instances`; replace it where you know better.
    """

    labels: Tensor
    modes: Tensor
    counts: Tensor
    seeds: int
    foreground_seeds: int
    converged: float
    iterations: int
    foreground_ratio: float
    instances: int
    required: int
    uncovered: int
    rounds: int
    covered: Tensor
    seed_indices: Tensor
    osop: Osop

    @property
    def trace(self) -> dict[str, int | float]:
        """What the policy saw and did, for a record of the run: r, I, N_min, N, seeds drawn, iterations."""
        return {
            "r": self.foreground_ratio,
            "I": self.instances,
            "N_min": self.required,
            "N": self.seeds,
            "seeds": self.foreground_seeds,
            "iterations": self.iterations,
        }
