"""`cellseg models` lists and shows what lies in the folder CELLSEG_MODELS."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cellseg.cli import app
from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights, save_model_card
from cellseg.errors import CellsegError

CARD = ModelCard(
    format=1,
    architecture=Architecture(filters=4, levels=2, embedding_size=4),
    preparation=Preparation(input_px_per_network_px=(2.0, 2.0)),
    inference=Inference(state="stream"),
    weights=Weights(sha256="0" * 64, dtype="float16"),
    training=Training(data=("Simulated/07",), frames=((0, 10),), seed=1, steps=5, commit="unknown"),
    terms="BSD-3-Clause",
)


@pytest.fixture(autouse=True)
def tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    save_model_card(CARD, folder / "model.yaml")
    monkeypatch.setenv("CELLSEG_MODELS", str(tmp_path))
    return folder


def test_list_names_the_training_data_of_a_model_without_a_page() -> None:
    listed = CliRunner().invoke(app, ["models", "list"])
    assert listed.exit_code == 0, listed.output
    assert "\ntiny\n  trained on Simulated/07\n" in listed.output


def test_list_tells_what_a_model_is_for(tiny_model: Path) -> None:
    page = "# tiny\n\n**For** discs in bright\nfield, about 9.5 pixels across; 2 x 2 pixels are one.\n"
    (tiny_model / "README.md").write_text(page, encoding="utf-8")
    shown = CliRunner().invoke(app, ["models", "list"]).stdout.splitlines()
    at = shown.index("tiny")
    assert shown[at + 1 : at + 3] == [
        "  for discs in bright field, about 9.5 pixels across",
        "  trained on Simulated/07",
    ]
    # Every model that comes with the program says it, too.
    assert sum(line.startswith("  for ") for line in shown) == sum(line[0] != " " for line in shown)


def test_show_gives_the_folder_and_the_card(tiny_model: Path) -> None:
    shown = CliRunner().invoke(app, ["models", "show", "tiny"])
    assert shown.exit_code == 0, shown.output
    assert str(tiny_model) in shown.output
    assert (tiny_model / "model.yaml").read_text(encoding="utf-8") in shown.output


def test_show_refuses_an_unknown_name() -> None:
    shown = CliRunner().invoke(app, ["models", "show", "no-such-model"])
    assert isinstance(shown.exception, CellsegError)
