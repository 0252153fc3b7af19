"""One random change of geometry and of intensity per pass, the same for every frame of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from cellseg.config import Preparation
from cellseg.training.labels import IGNORED
from cellseg.training.motion import NODES, Motion, between_nodes
from cellseg.training.settings import TrainingSettings
from cellseg.video import scale_intensities


@dataclass(frozen=True)
class Geometry:
    """Where every pixel of a training frame is taken from.

    Attributes
    ----------
    grid : Tensor, (1 or T, Y, X, 2) float32
        Sampling positions (x, y) as `torch.nn.functional.grid_sample` reads them, -1 to 1 over the movie; the
        same for all frames, or those of each.
    """

    grid: Tensor

    @classmethod
    def draw(
        cls,
        rng: np.random.Generator,
        movie: tuple[int, int],
        crop: tuple[int, int],
        settings: TrainingSettings,
        focus: tuple[int, int] | None = None,
        times: NDArray[np.int64] | None = None,
    ) -> Geometry:
        """Draw flips, rotation, scale, place and an elastic deformation.

        Parameters
        ----------
        rng : numpy.random.Generator
        movie, crop : tuple of int
            Sizes (Y, X) of the movie's frames and of the training frames, in network pixels.
        settings : TrainingSettings
        focus : tuple of int, optional
            Place (y, x) in the movie that the crop must lie around; anywhere without it.
        times : ndarray, (T,) int, optional
            Frames of the pass, of a still that is to move; a movie moves by itself.

        Returns
        -------
        Geometry
        """
        angle = math.radians(rng.uniform(-settings.rotation, settings.rotation))
        scale = 1 + rng.uniform(-settings.scale, settings.scale)
        stretch = 1 + rng.uniform(-settings.scale / 2, settings.scale / 2, 2)
        flip = rng.choice([-1.0, 1.0], 2) if settings.rotation == 180 else np.ones(2)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        matrix = turn @ np.diag(flip / (scale * stretch))
        # The crop may lie anywhere inside the movie, and up to a sixth of it outside.
        middle = np.array([(m - 1) / 2 for m in movie])
        slack = np.array([max(m - c, 0) / 2 + c / 6 for m, c in zip(movie, crop, strict=True)])
        if focus is None:
            centre = middle + rng.uniform(-slack, slack)
        else:
            # So little beside it that the place is seen even in the smallest crop, however it is turned.
            centre = focus + rng.uniform(-1, 1, 2) * np.array(crop) / 5
            centre = np.clip(centre, middle - slack, middle + slack)
        y, x = (torch.arange(size, dtype=torch.float32) - (size - 1) / 2 for size in crop)
        offsets = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1)
        nodes = rng.normal(0, settings.elastic_px * max(crop) / 256, (1, NODES))
        bend = between_nodes(nodes, crop)
        if times is not None:
            offsets = Motion.draw(rng, crop, settings.motion_px).apply(offsets, times)
        places = (offsets + bend) @ torch.from_numpy(matrix).float().T + torch.from_numpy(centre).float()
        size = torch.tensor(movie, dtype=torch.float32)
        return cls(((2 * places + 1) / size - 1).flip(-1))

    def apply(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sample frames; what lies outside the movie is mirrored, and ignored by the loss.

        Parameters
        ----------
        images : Tensor, (T, Y, X) float32
        labels : Tensor, (T, Y, X) int32

        Returns
        -------
        images, labels : Tensor, (T, Y', X')
            Bilinear and nearest.
        """
        grid = self.grid.expand(len(images), -1, -1, -1)
        warped = F.grid_sample(images[:, None], grid, padding_mode="reflection", align_corners=False)
        # Labels below 2**24 survive float32; the shift makes the zeros of the padding mean IGNORED.
        shifted = (labels - IGNORED)[:, None].float()
        nearest = F.grid_sample(shifted, grid, mode="nearest", padding_mode="zeros", align_corners=False)
        return warped[:, 0], nearest[:, 0].int() + IGNORED


@dataclass(frozen=True)
class Intensity:
    """Gamma, shift and contrast of a pass, with a little of each frame's own, and noise.

    Ranges are those of Payer et al. 2019: gamma 0.6 to 1.4; shift and contrast 0.65 per pass, 0.1 per frame.
    """

    gamma: float
    shift: float
    contrast: float
    per_frame: float
    noise: float

    @classmethod
    def draw(cls, rng: np.random.Generator, strength: float) -> Intensity:
        """Draw a pass's intensity change; `strength` 1 draws from the whole ranges."""
        return cls(
            gamma=1 + strength * rng.uniform(-0.4, 0.4),
            shift=strength * rng.uniform(-0.65, 0.65),
            contrast=1 + strength * rng.uniform(-0.65, 0.65),
            per_frame=0.1 * strength,
            noise=strength * rng.uniform(0, 0.1),
        )

    def apply(self, images: Tensor, rng: np.random.Generator) -> Tensor:
        """Change frames.

        Parameters
        ----------
        images : Tensor, (T, Y, X) float32
            About -1 to 1.
        rng : numpy.random.Generator
            For each frame's own part and the noise.

        Returns
        -------
        Tensor, (T, Y, X) float32
        """
        share = (images + 1) / 2
        images = 2 * share.abs().pow(self.gamma) * share.sign() - 1
        images = (images + self.shift) * self.contrast
        own = self.per_frame * torch.from_numpy(rng.uniform(-1, 1, (2, len(images), 1, 1))).float()
        noise = torch.from_numpy(rng.standard_normal(tuple(images.shape), dtype=np.float32))
        return (images + own[0]) * (1 + own[1]) + self.noise * noise


def rescaled(images: Tensor, preparation: Preparation) -> Tensor:
    """Scale each frame by its own intensities, as if there were nothing around it.

    Parameters
    ----------
    images : Tensor, (T, Y, X) float32
        Cut out of prepared frames.
    preparation : Preparation
        Theirs.

    Returns
    -------
    Tensor, (T, Y, X) float32
    """
    frames = images.numpy()
    if preparation.intensity == "asinh":
        frames = np.sinh(frames)
    return torch.from_numpy(np.stack([scale_intensities(frame.copy(), preparation) for frame in frames]))
