"""Model cards: written, read back, and refused by the name of the offending key."""

from __future__ import annotations

import copy

import pytest
import yaml
from pydantic import ValidationError

from cellseg.config import Architecture, Inference, Preparation, load_model_card, save_model_card
from cellseg.errors import CellsegError

CARD = {
    "format": 1,
    "architecture": {"filters": 32, "levels": 6, "embedding_size": 16},
    "preparation": {"input_px_per_network_px": [2.0, 1.5], "cell_diameter_px": 90},
    "inference": {"state": "stream"},
    "weights": {"sha256": "0" * 64, "dtype": "float16"},
    "training": {
        "data": ["DIC-C2DH-HeLa/01"],
        "frames": [[0, 40]],
        "seed": 0,
        "steps": 5000,
        "commit": "abc1234",
    },
    "terms": "Cell Tracking Challenge: conditions of use",
    "bandwidth": 0.3,
}


def changed(dotted_key, value):
    data = copy.deepcopy(CARD)
    *sections, name = dotted_key.split(".")
    group = data
    for section in sections:
        group = group[section]
    if value is None:
        del group[name]
    else:
        group[name] = value
    return data


def load(tmp_path, data):
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_model_card(path)


def test_published_defaults():
    assert Architecture() == Architecture(filters=64, levels=7, embedding_size=16)
    preparation = Preparation(input_px_per_network_px=(2, 2))
    assert preparation.smoothing_sigma == 1
    assert preparation.quantiles == (0.0005, 0.9995)
    assert preparation.pad_value is None
    assert Inference(state="window").window == 8


def test_reads_back_what_it_writes(tmp_path):
    card = load(tmp_path, CARD)
    save_model_card(card, tmp_path / "copy.yaml")
    assert load_model_card(tmp_path / "copy.yaml") == card
    assert list(yaml.safe_load((tmp_path / "copy.yaml").read_text(encoding="utf-8"))) == list(CARD)


def test_weights_made_elsewhere_may_have_an_unknown_past(tmp_path):
    data = copy.deepcopy(CARD)
    data["training"] |= {"frames": None, "seed": None, "steps": None, "commit": "unknown"}
    card = load(tmp_path, data)
    save_model_card(card, tmp_path / "copy.yaml")
    assert load_model_card(tmp_path / "copy.yaml") == card
    del data["training"]["frames"]
    with pytest.raises(CellsegError, match=r"training\.frames is missing"):
        load(tmp_path, data)


def test_where_the_weights_began_and_what_chose_them_may_be_told(tmp_path):
    assert load(tmp_path, CARD).training.start is None
    data = copy.deepcopy(CARD)
    data["training"] |= {
        "start": {"name": "generalist", "sha256": "1" * 64},
        "settings": {"learning_rate": 2e-4, "crop": [128, 128]},
        "validation": {"SEG": 0.8},
        "validated_on": ["lab/01, frames 7-9"],
    }
    card = load(tmp_path, data)
    save_model_card(card, tmp_path / "copy.yaml")
    assert load_model_card(tmp_path / "copy.yaml") == card
    data["training"]["start"] = {"name": "generalist"}
    with pytest.raises(CellsegError, match=r"training\.start\.sha256 is missing"):
        load(tmp_path, data)


def test_cards_cannot_be_changed(tmp_path):
    with pytest.raises(ValidationError, match="frozen"):
        load(tmp_path, CARD).preparation.smoothing_sigma = 2


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", 2, "format = 2 must be 1"),
        ("architecture.filters", 0, "architecture.filters = 0 must be at least 1"),
        ("architecture.levels", 20, "architecture.levels = 20 must be at least 1 and at most 12"),
        ("architecture.levels", 2.5, "architecture.levels = 2.5 must be"),
        ("preparation.smoothing_sigma", -1, "preparation.smoothing_sigma = -1 must be at least 0"),
        ("preparation.smoothing_sigma", float("nan"), "preparation.smoothing_sigma = nan must be"),
        ("preparation.quantiles", [0.9, 0.1], "two ascending shares"),
        (
            "preparation.quantiles",
            [0.1, 1.5],
            "preparation.quantiles.1 = 1.5 must be less than or equal to 1",
        ),
        (
            "preparation.input_px_per_network_px",
            [2, 0],
            "input_px_per_network_px.1 = 0 must be greater than 0",
        ),
        ("preparation.input_px_per_network_px", None, "preparation.input_px_per_network_px is missing"),
        ("preparation.sigma", 1, "preparation.sigma is not a known setting; the nearest is"),
        ("inference.state", "batch", "inference.state = 'batch' must be 'stream' or 'window'"),
        ("inference.window", 1, "inference.window = 1 must be at least 2"),
        ("inference.views", 3, "inference.views = 3 must be 1, 2, 4 or 8"),
        ("weights.sha256", "xyz", "weights.sha256 = 'xyz'"),
        ("training.frames", [], "frames must be one block for every entry of data"),
        ("terms", None, "terms is missing"),
        ("licence", "BSD", "licence is not a known setting"),
    ],
)
def test_refuses_by_name(tmp_path, key, value, message):
    with pytest.raises(CellsegError) as caught:
        load(tmp_path, changed(key, value))
    assert message in caught.value.reason
    assert caught.value.path == tmp_path / "model.yaml"


def test_names_everything_that_is_wrong(tmp_path):
    data = changed("architecture.filters", 0)
    data["inference"]["window"] = 0
    with pytest.raises(CellsegError, match=r"architecture\.filters.*inference\.window"):
        load(tmp_path, data)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1", "\x00"])
def test_refuses_files_without_keys(tmp_path, text):
    path = tmp_path / "model.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CellsegError) as caught:
        load_model_card(path)
    assert caught.value.path == path


def test_missing_file(tmp_path):
    with pytest.raises(CellsegError, match="cannot be read"):
        load_model_card(tmp_path / "model.yaml")


def test_larger_cells_need_a_larger_scale():
    preparation = Preparation(
        input_px_per_network_px=(2, 3), smoothing_sigma=1.5, cell_diameter_px=30, pixel_size_um=(0.2, 0.2)
    )
    scaled = preparation.scaled((2, 2))
    assert scaled.input_px_per_network_px == (4, 6)
    assert scaled.smoothing_sigma == 3
    assert scaled.cell_diameter_px == 60
    assert scaled.pixel_size_um is None
    assert scaled.quantiles == preparation.quantiles
