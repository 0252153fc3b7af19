"""The loop: it learns, and an interruption costs nothing."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch

from cellseg.config import Architecture, Preparation
from cellseg.training import Movie, Trainer, TrainingSettings

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


@pytest.fixture(scope="module")
def movie():
    """Two bright discs of different brightness on a dark ground, drifting."""
    y, x = np.mgrid[:16, :16]
    images, labels = np.full((6, 16, 16), -1, np.float32), np.zeros((6, 16, 16), np.int32)
    for t in range(6):
        for label, (v, u, bright) in enumerate([(4, 4 + t * 0.5, 1.0), (11, 10, 0.2)], start=1):
            disc = np.hypot(y - v, x - u) < 3.5
            images[t][disc], labels[t][disc] = bright, label
    return Movie(images, labels)


def train(movie, folder, settings, **kwargs):
    folder.mkdir(exist_ok=True)
    figures = []
    trainer = Trainer(settings, [movie], [], folder, torch.device("cpu"), **kwargs)
    trainer.run(figures.append)
    return trainer, figures


def test_the_loss_falls(movie, tmp_path):
    _, figures = train(movie, tmp_path, SETTINGS.model_copy(update={"steps": 120}))
    begin, end = (np.mean([f["loss"] for f in part]) for part in (figures[:10], figures[-10:]))
    assert end < 0.5 * begin
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert log == figures
    assert log[-1]["step"] == 120


def test_an_interrupted_training_ends_like_an_undisturbed_one(movie, tmp_path):
    whole, _ = train(movie, tmp_path / "whole", SETTINGS)

    class Stop(Exception):
        pass

    def stop_at_7(figures):
        if figures["step"] == 7:
            raise Stop

    (tmp_path / "cut").mkdir()
    with pytest.raises(Stop):
        Trainer(SETTINGS, [movie], [], tmp_path / "cut", torch.device("cpu")).run(stop_at_7)
    resumed, figures = train(movie, tmp_path / "cut", SETTINGS)
    assert figures[0]["step"] == 8
    for name in ("network", "average"):
        pairs = zip(getattr(whole, name).parameters(), getattr(resumed, name).parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def test_validation_sees_the_averaged_network(movie, tmp_path):
    seen = []

    def validate(network, step):
        seen.append(network)
        return {"SEG": 0.5}

    trainer, figures = train(
        movie, tmp_path, SETTINGS.model_copy(update={"validate_every": 5}), validate=validate
    )
    assert [f["step"] for f in figures if "SEG" in f] == [5, 10, 12]
    assert all(network is trainer.average for network in seen)
    assert not any(parameter.requires_grad for parameter in trainer.average.parameters())


def test_the_learning_rate_rises_and_falls(movie, tmp_path):
    trainer = Trainer(SETTINGS, [movie], [], tmp_path, torch.device("cpu"))
    shares = [trainer._schedule(step) for step in range(13)]
    assert shares[:3] == [0.5, 1.0, 1.0]
    assert all(a > b for a, b in pairwise(shares[2:]))
    assert shares[12] == pytest.approx(0)
