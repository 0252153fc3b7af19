"""Bends of a frame, and the motion that makes a clip of a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

_CONTROL_POINTS = 6
"""Per axis, of the elastic deformation (Payer et al. 2019)."""
NODES = 2 * _CONTROL_POINTS**2
"""Numbers that an elastic deformation is made of."""
_PERIODS = (8, 24)
"""Frames in which what moves in a still swings to and fro."""


@dataclass(frozen=True)
class Motion:
    """How a still moves through a pass: its place, its turn and its bends swing, each in a time of its own.

    Attributes
    ----------
    amplitudes, periods, phases : ndarray, (3 + NODES,) float64
        Of the shift along y and x, the turn, and the control points of the bend; in pixels (the turn: in
        radians), in frames, and as shares of a period.
    """

    amplitudes: NDArray[np.float64]
    periods: NDArray[np.float64]
    phases: NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator, crop: tuple[int, int], largest: float) -> Motion:
        """Draw a motion.

        Parameters
        ----------
        rng : numpy.random.Generator
        crop : tuple of int
            Size (Y, X) of the frames.
        largest : float
            Farthest that the shift, or at the rim of the crop the turn, takes a pixel; the bend half as far.
        """
        most = np.array([largest, largest, 2 * largest / max(crop), *[largest / 2] * NODES])
        return cls(
            amplitudes=most * rng.uniform(0.2, 1, len(most)),
            periods=rng.uniform(*_PERIODS, len(most)),
            phases=rng.uniform(0, 1, len(most)),
        )

    def apply(self, offsets: Tensor, times: NDArray[np.int64]) -> Tensor:
        """Move places.

        Parameters
        ----------
        offsets : Tensor, (Y, X, 2) float32
            Places (y, x), 0 in the middle of the crop.
        times : ndarray, (T,) int
            Frames of the pass.

        Returns
        -------
        Tensor, (T, Y, X, 2) float32
            Where they are taken from in each frame.
        """
        swing = np.sin(2 * np.pi * (times[:, None] / self.periods + self.phases)) * self.amplitudes
        shift, angle, nodes = np.split(swing, [2, 3], axis=1)
        turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], -1)
        turned = torch.einsum("tij,yxj->tyxi", torch.from_numpy(turn.reshape(-1, 2, 2)).float(), offsets)
        bend = between_nodes(nodes, (offsets.shape[0], offsets.shape[1]))
        return turned + bend + torch.from_numpy(shift).float()[:, None, None]


def between_nodes(nodes: NDArray[np.float64], crop: tuple[int, int]) -> Tensor:
    """Interpolate the displacements of control points.

    Parameters
    ----------
    nodes : ndarray, (T, NODES) float64
        Displacements along y, then along x, of the control points of each frame, row by row.
    crop : tuple of int
        Size (Y, X).

    Returns
    -------
    Tensor, (T, Y, X, 2) float32
    """
    square = torch.from_numpy(nodes).float().reshape(-1, 2, _CONTROL_POINTS, _CONTROL_POINTS)
    return F.interpolate(square, crop, mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
