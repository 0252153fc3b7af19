"""Puts the checkout on the path, for `evaluation` is not in the installed package; a model to measure."""

import sys
from pathlib import Path

import pytest

from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights, save_model_card
from cellseg.rshn import CARD, WEIGHTS, build_network, save_weights

sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture
def random_model(tmp_path):
    """A model with random weights."""
    architecture = Architecture(filters=2, levels=2, embedding_size=4)
    folder = tmp_path / "start"
    folder.mkdir()
    card = ModelCard(
        format=1,
        architecture=architecture,
        preparation=Preparation(input_px_per_network_px=(4, 4), cell_diameter_px=48),
        inference=Inference(state="window"),
        weights=Weights(
            sha256=save_weights(build_network(architecture, None), folder / WEIGHTS), dtype="float16"
        ),
        training=Training(data=("none",), frames=None, seed=None, steps=None, commit="none"),
        terms="none",
    )
    save_model_card(card, folder / CARD)
    return folder
