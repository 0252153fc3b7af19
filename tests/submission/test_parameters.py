"""The parameter sheet explains every setting there is."""

import pytest

from cellseg.config import Inference, Settings, load_dataset_config, load_model_card
from cellseg.config.base import keys
from cellseg.resources import available, find
from cellseg.submission import Entry
from cellseg.submission.parameters import parameter_sheet, settings_as_run


def rows(sheet):
    """Value and meaning by section and parameter."""
    found, section = {}, ""
    for line in sheet.splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| ") and not line.startswith(("| parameter", "| ---")):
            name, value, meaning = (cell.strip() for cell in line.strip("|").split(" | ", 2))
            found[f"{section}.{name}"] = value.strip("`"), meaning
    return found


@pytest.mark.parametrize("dataset", available("configs"))
def test_every_setting_has_its_value_and_a_meaning(dataset):
    config = load_dataset_config(dataset)
    card = load_model_card(find("models", "DIC-C2DH-HeLa") / "model.yaml")
    found = rows(parameter_sheet(Entry(dataset), config, card, {}))
    settings = settings_as_run(config, card).model_dump()
    expected = [key for key in keys(Settings) if "." in key]
    expected += [f"preparation.{name}" for name in card.preparation.model_dump()]
    assert set(expected) <= set(found)
    assert all(meaning for _, meaning in found.values())
    for section in ("clustering", "instances", "linker", "inference"):
        for key, value in settings[section].items():
            assert found[f"{section}.{key}"][0] == ("not set" if value is None else str(value))


def test_meanings_are_those_of_the_settings():
    card = load_model_card(find("models", "DIC-C2DH-HeLa") / "model.yaml")
    config = load_dataset_config("DIC-C2DH-HeLa")
    found = rows(parameter_sheet(Entry("DIC-C2DH-HeLa"), config, card, {}))
    assert found["linker.max_gap"][1] == "Most frames that a cell may be missing and still be known again."
    assert found["clustering.min_seeds"][1] == found["clustering.max_seeds"][1]


def test_settings_say_how_the_state_lives_or_else_the_model():
    card = load_model_card(find("models", "DIC-C2DH-HeLa") / "model.yaml")
    config = load_dataset_config("DIC-C2DH-HeLa")
    assert settings_as_run(config, card).inference == card.inference
    mine = Inference(state="stream")
    assert settings_as_run(config.model_copy(update={"inference": mine}), card).inference == mine
