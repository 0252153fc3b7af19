"""Pairs of frames to cluster one after the other: their vectors, and the modes that should be found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize


@dataclass(frozen=True)
class PairVectors:
    """The foreground of two consecutive frames.

    Attributes
    ----------
    vectors : torch.Tensor, (n, D) float32
    strata : torch.Tensor, (n,) int64, or None
        Square of the image that each vector lies in; None where there is no image.
    foreground_ratio : float
        r, share of both images that the vectors make up.
    wanted : torch.Tensor, (M, D)
        Modes that should be found.
    """

    vectors: Tensor
    strata: Tensor | None
    foreground_ratio: float
    wanted: Tensor


def save_pairs(pairs: Iterable[PairVectors], folder: Path) -> None:
    """Write pairs to a folder, an .npz file each."""
    for number, pair in enumerate(pairs):
        tensors = {"vectors": pair.vectors, "wanted": pair.wanted}
        if pair.strata is not None:
            tensors["strata"] = pair.strata
        arrays = {name: tensor.cpu().numpy() for name, tensor in tensors.items()}
        arrays["foreground_ratio"] = np.array(pair.foreground_ratio)
        np.savez(folder / f"{number:04d}.npz", allow_pickle=False, **arrays)


def load_pairs(folder: Path, device: str) -> list[PairVectors]:
    """Read the pairs of a folder, in order, to a device."""
    pairs = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            tensors = {
                name: torch.from_numpy(file[name]).to(device)
                for name in ("vectors", "wanted", "strata")
                if name in file
            }
            ratio = float(file["foreground_ratio"])
        pairs.append(PairVectors(tensors["vectors"], tensors.get("strata"), ratio, tensors["wanted"]))
    return pairs


def drifting_pairs(count: int, points: int = 30_000, instances: int = 20, seed: int = 0) -> list[PairVectors]:
    """Simulate embeddings whose directions drift from pair to pair: unequal sizes, one very small.

    Sizes are log-normal (sd 0.3) around the same median, but for one that is 20 times smaller. Directions are
    random, at least 0.4 (cosine distance) apart; noise has sd 0.03 a component.

    Parameters
    ----------
    count : int
        Pairs.
    points : int
        About n of each.
    instances : int
        I.
    seed : int

    Returns
    -------
    list of PairVectors
        16-D; the foreground is half of the image, and there are no strata.
    """
    rng = np.random.default_rng(seed)
    centres = np.empty((0, 16))
    while len(centres) < instances:
        centre = rng.normal(size=16)
        centre /= np.linalg.norm(centre)
        if (centres @ centre <= 0.6).all():
            centres = np.vstack([centres, centre])
    shares = np.exp(rng.normal(0, 0.3, instances))
    shares[0] = 1 / 20
    sizes = np.maximum(1, np.round(points * shares / shares.sum()).astype(int))
    truth = np.repeat(np.arange(instances), sizes)
    pairs = []
    for _ in range(count):
        scattered = centres[truth] + rng.normal(0, 0.03, (len(truth), 16))
        vectors = torch.from_numpy(rng.permutation(scattered).astype(np.float32))
        wanted = torch.from_numpy(centres.astype(np.float32))
        pairs.append(PairVectors(normalize(vectors, dim=1), None, 0.5, wanted))
        centres = centres + rng.normal(0, 0.02, centres.shape)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return pairs
