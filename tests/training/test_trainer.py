"""The loop: it learns, and an interruption costs nothing."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from training.two_discs import SETTINGS, two_discs

from cellseg.training import Trainer


@pytest.fixture(scope="module")
def movie():
    return two_discs()


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


def test_when_its_time_is_up_training_ends(movie, tmp_path):
    validated = []

    def validate(network, step):
        validated.append(step)
        return {"SEG": 0.5}

    hurried = SETTINGS.model_copy(update={"minutes": 1e-9})
    trainer, figures = train(movie, tmp_path, hurried, validate=validate)
    assert [row["step"] for row in figures] == validated == [1]
    assert trainer._schedule(5) == pytest.approx(0)
    # Time that was spent before an interruption counts: nothing is left.
    assert train(movie, tmp_path, hurried, validate=validate)[1] == []
    more, figures = train(movie, tmp_path, SETTINGS.model_copy(update={"minutes": 1e9}), validate=validate)
    assert more.step == figures[-1]["step"] == SETTINGS.steps


def test_the_rate_falls_with_whichever_ends_first(movie, tmp_path):
    trainer = Trainer(
        SETTINGS.model_copy(update={"minutes": 2.0}), [movie], [], tmp_path, torch.device("cpu")
    )
    steps_alone = [trainer._schedule(step) for step in range(13)]
    trainer._seconds = 60
    assert [trainer._schedule(step) for step in range(2)] == steps_alone[:2]
    assert [trainer._schedule(step) for step in (2, 7)] == pytest.approx([0.5, 0.5])
    assert [trainer._schedule(step) for step in range(8, 13)] == steps_alone[8:]


STALLING = SETTINGS.model_copy(update={"steps": 30, "validate_every": 2, "patience": 2, "warmup_steps": 0})
SCORES = {0: 0.2, 2: 0.3, 4: 0.5, 6: 0.4, 8: 0.5, 10: 0.45, 12: 0.9}
"""By step; the second validation in vain is that of step 8, so that step 10 is the last."""


def scored(network, step):
    return {"SEG": SCORES[step], "TRA": SCORES[step]}


def test_a_training_that_gets_no_better_comes_to_rest_and_stops(movie, tmp_path):
    kept, said = [], []
    trainer, figures = train(
        movie,
        tmp_path,
        STALLING,
        validate=scored,
        keep=lambda network, step, scores: kept.append((network, step, scores)),
        say=said.append,
    )
    assert figures[-1]["step"] == trainer.step == 10
    assert [step for _, step, _ in kept] == [2, 4, 8]
    assert all(network is trainer.average for network, _, _ in kept)
    assert kept[-1][2] == {"SEG": 0.5, "TRA": 0.5}
    assert said == [
        "no better score in 2 validations: the learning rate falls to zero until step 10, the last"
    ]
    shares = [trainer._schedule(step) for step in range(11)]
    assert all(a > b for a, b in pairwise(shares))
    assert shares[8] > 0.8
    assert shares[9] == pytest.approx(shares[8] / 2)
    assert shares[10] == pytest.approx(0)


@pytest.mark.parametrize("moment", ["after step 5", "in the validation of step 8", "after step 9"])
def test_stopping_early_is_the_same_however_often_it_was_interrupted(movie, tmp_path, moment):
    whole, _ = train(movie, tmp_path / "whole", STALLING, validate=scored)

    class Stop(Exception):
        pass

    def interrupted(network, step):
        if moment.endswith(f"validation of step {step}"):
            raise Stop
        return scored(network, step)

    def report(figures):
        if moment.endswith(f"after step {figures['step']}"):
            raise Stop

    (tmp_path / "cut").mkdir()
    with pytest.raises(Stop):
        Trainer(STALLING, [movie], [], tmp_path / "cut", torch.device("cpu"), validate=interrupted).run(
            report
        )
    kept = []
    resumed, _ = train(
        movie,
        tmp_path / "cut",
        STALLING,
        validate=scored,
        keep=lambda network, step, scores: kept.append(step),
    )
    assert resumed.step == 10
    assert kept == ([] if moment == "after step 9" else [8])
    pairs = zip(whole.average.parameters(), resumed.average.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_more_patience_takes_it_up_again(movie, tmp_path):
    train(movie, tmp_path, STALLING, validate=scored)
    more = STALLING.model_copy(update={"patience": 3, "steps": 12})
    trainer, figures = train(movie, tmp_path, more, validate=scored)
    assert [row["step"] for row in figures] == [11, 12]
    assert trainer.step == 12


def test_weights_to_start_from_are_scored_first(movie, tmp_path):
    start = Trainer(SETTINGS, [movie], [], tmp_path, torch.device("cpu")).network
    kept = []
    settings = STALLING.model_copy(update={"steps": 2})
    _, figures = train(
        movie,
        tmp_path,
        settings,
        start=start,
        validate=scored,
        keep=lambda network, step, scores: kept.append(step),
    )
    assert figures[0] == {"step": 0, "SEG": 0.2, "TRA": 0.2}
    assert kept == [0, 2]
    _, figures = train(movie, tmp_path, settings, start=start, validate=scored)
    assert figures == []


def test_the_log_of_a_training_that_was_thrown_away_goes_with_it(movie, tmp_path):
    train(movie, tmp_path, STALLING, validate=scored)
    (tmp_path / "checkpoint.safetensors").unlink()
    _, figures = train(movie, tmp_path, STALLING.model_copy(update={"steps": 2}), validate=scored)
    assert [row["step"] for row in figures] == [1, 2]
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
