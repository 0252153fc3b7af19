"""The dataset configurations that come with the program: complete, sourced, and consistent."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from cellseg import resources
from cellseg.config import Settings, load_dataset_config
from cellseg.errors import CellsegError

FOLDER = Path(__file__).resolve().parents[2] / "configs"
DATASETS = [
    "DIC-C2DH-HeLa",
    "Fluo-C2DL-MSC",
    "Fluo-N2DH-GOWT1",
    "Fluo-N2DH-SIM+",
    "Fluo-N2DL-HeLa",
    "PhC-C2DH-U373",
    "PhC-C2DL-PSC",
]


def test_every_dataset_has_one():
    assert set(DATASETS) <= set(resources.available("configs"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_is_named_after_its_dataset(dataset):
    config = load_dataset_config(dataset)
    assert config.dataset == config.model == dataset
    assert config == load_dataset_config(FOLDER / f"{dataset}.yaml")
    settings = config.settings()
    assert type(settings) is Settings
    assert settings.linker == config.linker


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_number_has_a_source(dataset):
    for line in (FOLDER / f"{dataset}.yaml").read_text(encoding="utf-8").splitlines():
        value = line.partition("#")[0].partition(": ")[2]
        if any(character.isdigit() for character in value) and dataset not in value:
            assert "#" in line, line


@pytest.mark.parametrize("dataset", DATASETS)
def test_published_numbers_agree_with_each_other(dataset):
    config = load_dataset_config(dataset)
    published = config.published
    scale = [
        original / network * published.zoom
        for original, network in zip(published.original_sizes[0], published.network_size, strict=True)
    ]
    assert published.input_px_per_network_px == pytest.approx(scale, abs=1e-4)
    # The published size counts network pixels over two frames, ours original pixels in one.
    assert config.instances.min_area == round(published.min_label_size / 2 * math.prod(scale))
    tiles = math.prod(
        max(1, math.ceil((size - published.tile) / published.stride) + 1) for size in published.network_size
    )
    assert published.tiles == tiles
    for name in ("min_overlap", "min_track_length", "border"):
        assert getattr(published, name) == getattr(config.linker, name)
    assert published.min_track_length == config.linker.min_track_length


@pytest.mark.parametrize("dataset", DATASETS)
def test_held_out_is_the_last_third_after_a_gap(dataset):
    for blocks in load_dataset_config(dataset).blocks.values():
        frames = blocks.held_out[1]
        assert blocks.training[0] == 0
        assert blocks.training[1] == blocks.validation[0]
        assert blocks.held_out[0] - blocks.validation[1] >= 8
        assert blocks.held_out[1] - blocks.held_out[0] == round(frames / 3)
        assert 8 <= blocks.validation[1] - blocks.validation[0] <= 12


def altered(tmp_path, change):
    data = yaml.safe_load((FOLDER / "DIC-C2DH-HeLa.yaml").read_text(encoding="utf-8"))
    change(data)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_own_file(tmp_path):
    path = altered(tmp_path, lambda data: data["linker"].update(max_gap=3))
    assert load_dataset_config(path).linker.max_gap == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(preparation={"smoothing_sigma": 2}), "preparation cannot be set here"),
        (lambda data: data["linker"].update(min_overlp=1), "the nearest is linker.min_overlap"),
        (lambda data: data["published"].pop("window"), "published.window is missing"),
        (lambda data: data["blocks"]["01"].update(training=[0, 45]), "training must end before validation"),
        (lambda data: data["blocks"]["01"].update(held_out=[50, 84]), "held_out must begin 8 frames after"),
        (lambda data: data["blocks"]["01"].update(held_out=[84, 56]), "must begin before it ends"),
        (lambda data: data.update(pixel_size_um=[0.19, -1]), "pixel_size_um.1 = -1"),
    ],
)
def test_refuses_by_name(tmp_path, change, message):
    path = altered(tmp_path, change)
    with pytest.raises(CellsegError) as caught:
        load_dataset_config(path)
    assert message in caught.value.reason
    assert caught.value.path == path


def test_unknown_dataset_lists_the_known_ones():
    with pytest.raises(CellsegError, match=r"Available: .*PhC-C2DH-U373"):
        load_dataset_config("PhC-C2DH-U374")
