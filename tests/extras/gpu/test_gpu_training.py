"""Training on a GPU: it learns, and goes on where it was stopped."""

import numpy as np
import pytest
import torch
from training.two_discs import SETTINGS, two_discs

from cellseg.training import Trainer


@pytest.fixture(scope="module")
def movie():
    return two_discs()


def train(movie, folder, settings, device, report=lambda figures: None):
    folder.mkdir(exist_ok=True)
    trainer = Trainer(settings, [movie], [], folder, device)
    trainer.run(report)
    return trainer


def test_the_loss_falls(movie, tmp_path, device):
    figures = []
    trainer = train(movie, tmp_path, SETTINGS.model_copy(update={"steps": 120}), device, figures.append)
    begin, end = (np.mean([f["loss"] for f in part]) for part in (figures[:10], figures[-10:]))
    assert end < 0.5 * begin
    for network in (trainer.network, trainer.average):
        assert {parameter.device.type for parameter in network.parameters()} == {device.type}


def test_an_interrupted_training_goes_on(movie, tmp_path, device):
    class Stop(Exception):
        pass

    def stop_at_7(figures):
        if figures["step"] == 7:
            raise Stop

    whole, rest = [], []
    train(movie, tmp_path / "whole", SETTINGS, device, whole.append)
    with pytest.raises(Stop):
        train(movie, tmp_path / "cut", SETTINGS, device, stop_at_7)
    train(movie, tmp_path / "cut", SETTINGS, device, rest.append)
    assert [figures["step"] for figures in rest] == [8, 9, 10, 11, 12]
    # Gradients are summed in no fixed order.
    expected = [figures["loss"] for figures in whole[7:]]
    assert [figures["loss"] for figures in rest] == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("batch", [1, 2])
def test_what_a_gpu_began_the_cpu_goes_on_with(movie, tmp_path, device, batch):
    settings = SETTINGS.model_copy(update={"steps": 5, "batch": batch})
    train(movie, tmp_path, settings, device)
    steps = []
    settings = settings.model_copy(update={"steps": 8})
    for where in (torch.device("cpu"), device):
        train(movie, tmp_path, settings, where, lambda figures: steps.append(figures["step"]))
        settings = settings.model_copy(update={"steps": 11})
    assert steps == [6, 7, 8, 9, 10, 11]


def test_steps_are_those_of_the_cpu(movie, tmp_path, device):
    losses = {}
    for where in {torch.device("cpu"), device}:
        losses[where.type] = []
        settings = SETTINGS.model_copy(update={"steps": 3})
        train(
            movie,
            tmp_path / where.type,
            settings,
            where,
            lambda f, where=where: losses[where.type].append(f["loss"]),
        )
    assert losses[device.type] == pytest.approx(losses["cpu"], rel=0.05)
