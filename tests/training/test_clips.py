"""Batches: the same whether they are made here or ahead of time by other processes."""

import numpy as np
import pytest
import torch

from cellseg.config import Preparation
from cellseg.training import Movie, TrainingSettings
from cellseg.training.clips import Clips
from cellseg.training.player import Player

SETTINGS = TrainingSettings(
    preparation=Preparation(input_px_per_network_px=(1, 1)), clip_frames=3, batch=2, reset_probability=0.5
)


def clips():
    rng = np.random.default_rng(3)
    movie = Movie(
        rng.normal(size=(7, 12, 12)).astype(np.float32), rng.integers(0, 4, (7, 12, 12)).astype(np.int32)
    )
    return Clips([Player([movie], [], SETTINGS, (8, 8), number) for number in range(2)])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_other_processes_make_the_same_batches():
    # On "meta" nothing is computed; like every device but the CPU it has its batches made ahead.
    here, ahead = (list(clips().play(range(4, 9), torch.device(kind))) for kind in ("cpu", "meta"))
    assert len(here) == len(ahead) == 5
    for one, other in zip(here, ahead, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_batch_holds_what_each_player_plays():
    whole = clips()
    images, labels, fresh = next(whole.play(range(6, 7), torch.device("cpu")))
    assert images.shape == labels.shape == (3, 2, 8, 8)
    for place, player in enumerate(whole.players):
        clip = player.clip(6)
        assert torch.equal(images[:, place], clip.images)
        assert torch.equal(labels[:, place], clip.labels)
        assert fresh[place] == clip.fresh
