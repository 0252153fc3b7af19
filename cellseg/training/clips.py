"""The clips of a whole batch, step by step, made ahead of time where something else computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from cellseg.cores import usable_cores
from cellseg.training.player import Player

Batch = tuple[Tensor, Tensor, Tensor]
"""Images (T, B, Y, X) float32, labels (T, B, Y, X) int32, and whether a new pass begins, (B,) bool."""

_MOST_WORKERS = 16


class Clips(Dataset[Batch]):
    """What the players of a batch play at each step.

    Parameters
    ----------
    players : sequence of Player
    """

    def __init__(self, players: Sequence[Player]) -> None:
        self.players = players

    def __getitem__(self, step: int) -> Batch:
        clips = [player.clip(step) for player in self.players]
        return (
            torch.stack([clip.images for clip in clips], 1),
            torch.stack([clip.labels for clip in clips], 1),
            torch.tensor([clip.fresh for clip in clips]),
        )

    def play(self, steps: range, device: torch.device) -> Iterator[Batch]:
        """Give the batches of some steps, which other processes make while a GPU is busy with those before.

        Parameters
        ----------
        steps : range
        device : torch.device
            That will learn from them.

        Returns
        -------
        iterator of Batch
            On the CPU.
        """
        ahead = device.type != "cpu"
        return iter(
            DataLoader(
                self,
                batch_size=None,
                sampler=steps,
                num_workers=min(usable_cores(), _MOST_WORKERS) if ahead else 0,
                pin_memory=device.type == "cuda",
            )
        )
