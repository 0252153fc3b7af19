"""Puts the checkout on the path, for `evaluation` is not in the installed package; a model to measure."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights, save_model_card
from cellseg.rshn import CARD, WEIGHTS, build_network, save_weights
from cellseg.simulate import preset, write_ctc

sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture
def small_dataset(tmp_path):
    """The options that name a simulated dataset: 18 frames, of which the last two are held out."""
    name = "DIC-C2DH-HeLa"
    write_ctc(
        replace(preset(name), diameter=30.0, density=0.4), tmp_path / "data", "01", 18, 1, shape=(80, 96)
    )
    config = {
        "dataset": name,
        "linker": {"border": 4},
        "blocks": {"01": {"training": [0, 6], "validation": [6, 8], "held_out": [16, 18]}},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    return ["--dataset", str(tmp_path / "config.yaml"), "--data", str(tmp_path / "data")]


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
