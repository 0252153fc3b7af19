"""The least movie that there is something to learn from, and settings to learn it by."""

import numpy as np

from cellseg.config import Architecture, Preparation
from cellseg.training import Movie, TrainingSettings

SETTINGS = TrainingSettings(
    architecture=Architecture(filters=8, levels=2, embedding_size=4),
    preparation=Preparation(input_px_per_network_px=(1, 1)),
    clip_frames=2,
    batch=2,
    steps=12,
    warmup_steps=2,
    learning_rate=1e-2,
    checkpoint_every=5,
    reset_probability=0.3,
)


def two_discs():
    """Two bright discs of different brightness on a dark ground, drifting."""
    y, x = np.mgrid[:16, :16]
    images, labels = np.full((6, 16, 16), -1, np.float32), np.zeros((6, 16, 16), np.int32)
    for t in range(6):
        for label, (v, u, bright) in enumerate([(4, 4 + t * 0.5, 1.0), (11, 10, 0.2)], start=1):
            disc = np.hypot(y - v, x - u) < 3.5
            images[t][disc], labels[t][disc] = bright, label
    return Movie(images, labels)
