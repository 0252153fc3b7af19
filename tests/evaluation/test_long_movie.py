"""A movie repeated to a length: what the record said of it, once for each length and precision."""

import json

import pytest

from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights, save_model_card
from cellseg.rshn import CARD, WEIGHTS, build_network, save_weights
from cellseg.simulate import preset, write_ctc
from evaluation.long_movie import main


@pytest.fixture
def model(tmp_path):
    architecture = Architecture(filters=2, levels=2, embedding_size=4)
    folder = tmp_path / "model"
    folder.mkdir()
    card = ModelCard(
        format=1,
        architecture=architecture,
        preparation=Preparation(input_px_per_network_px=(4, 4)),
        inference=Inference(state="window"),
        weights=Weights(
            sha256=save_weights(build_network(architecture, None), folder / WEIGHTS), dtype="float16"
        ),
        training=Training(data=("none",), frames=None, seed=None, steps=None, commit="none"),
        terms="none",
    )
    save_model_card(card, folder / CARD)
    return folder


def test_every_length_has_one_row(model, tmp_path, capsys):
    movie = write_ctc(preset("Fluo-N2DH-SIM+"), tmp_path / "data", "01", 2, 1, (64, 64))
    command = [str(movie), "--model", str(model), "--precision", "float32"]
    main([*command, "--frames", "3", "--frames", "5"], tmp_path)
    main([*command, "--frames", "3"], tmp_path)
    rows = json.loads((tmp_path / "long_movie.json").read_text())
    assert sorted(row["frames"] for row in rows) == [3, 5]
    for row in rows:
        assert row["size"] == [64, 64]
        assert row["movie"].endswith("/01")
        assert row["precision"] == "float32"
        assert row["minutes"] >= 0
        assert row["peak MiB"] > 50
    assert "| 5 |" in capsys.readouterr().out
