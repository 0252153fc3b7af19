"""What is scored on held-out frames never saw them."""

from pathlib import Path

import pytest
import torch

from cellseg.config import load_dataset_config, load_model_card
from cellseg.config.dataset import HELD_OUT_GAP
from cellseg.errors import CellsegError
from evaluation.accuracy import DATASETS
from evaluation.blind import BLIND_MODELS, MODELS, load_blind_model, refuse_seen


def card_of(name):
    return load_blind_model(name, torch.device("cpu"), torch.float32).card


@pytest.mark.parametrize("name", [*DATASETS, "generalist"])
def test_a_scored_model_learnt_from_no_held_out_frame(name):
    training = card_of(name).training
    assert training.frames is not None
    for sequence, (_, end) in zip(training.data, training.frames, strict=True):
        dataset, number = sequence.split("/")
        assert end + HELD_OUT_GAP <= load_dataset_config(dataset).blocks[number].held_out[0]


@pytest.mark.parametrize("card", sorted(BLIND_MODELS.glob("*/model.yaml")), ids=lambda path: path.parent.name)
def test_a_model_that_users_get_began_with_the_one_that_is_scored(card):
    blind, offered = load_model_card(card), load_model_card(MODELS / card.parent.name / "model.yaml")
    assert offered.training.start is not None
    assert offered.training.start.sha256 == blind.weights.sha256
    assert (offered.architecture, offered.inference) == (blind.architecture, blind.inference)
    assert offered.bandwidth == blind.bandwidth


@pytest.mark.parametrize("folder", sorted(BLIND_MODELS.glob("*/")), ids=lambda path: path.name)
def test_an_offered_model_is_not_scored_by_its_path_either(folder):
    assert card_of(MODELS / folder.name) == card_of(folder.name) == card_of(folder)


def test_other_models_are_those_that_users_get(random_model):
    for name in ("generalist", "Fluo-N2DH-SIM+"):
        assert card_of(name) == load_model_card(MODELS / name / "model.yaml")
    assert card_of(random_model) == load_model_card(random_model / "model.yaml")
    with pytest.raises(CellsegError, match="no model named"):
        load_blind_model("none-such", torch.device("cpu"), torch.float32)


@pytest.mark.parametrize(("scored", "refused"), [((40, 56), False), ((39, 41), True), ((0, 1), True)])
def test_frames_that_a_model_learnt_from_are_not_scored(scored, refused):
    card = card_of("generalist")  # frames 0-39
    sequence = Path("data") / "DIC-C2DH-HeLa" / "01"
    if not refused:
        refuse_seen(card, sequence, scored)
        return
    with pytest.raises(CellsegError, match="frames 0-39"):
        refuse_seen(card, sequence, scored)


def test_nothing_is_refused_on_another_sequence():
    refuse_seen(card_of("generalist"), Path("data") / "DIC-C2DH-HeLa" / "02", (0, 10))
