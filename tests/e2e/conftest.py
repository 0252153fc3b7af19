"""A tiny model that needs no training, and a movie it can segment: bright discs on a dark ground."""

import multiprocessing
import sys
from functools import partial

import pytest
import torch
from e2e.discs import draw
from tifffile import imwrite

import cellseg.batch.processes
from cellseg.batch.processes import Processes
from cellseg.config import Architecture, Inference, ModelCard, Preparation, Training, Weights, save_model_card
from cellseg.rshn import CARD, WEIGHTS, build_network, save_weights

ARCHITECTURE = Architecture(filters=4, levels=2, embedding_size=4)
PREPARATION = Preparation(
    input_px_per_network_px=(1, 1), smoothing_sigma=0, cell_diameter_px=10, pixel_size_um=(0.5, 0.5)
)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A network set by hand: background along e0, anything bright along e1, whatever came before."""
    network = build_network(ARCHITECTURE, PREPARATION.pad_value)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        last = network.hourglasses[1]
        last.input.weight[0, 0] = 1  # the image, where it is positive
        last.contracting[0].weight[0, 0, 1, 1] = 1
        unit = last.parallel[0]
        unit.gates.bias[ARCHITECTURE.filters :] = -20  # forget the past
        unit.candidate.weight[0, 0, 1, 1] = 1
        last.expanding[0].weight[0, 0, 1, 1] = 1
        last.output.bias[0] = 0.1
        last.output.weight[1, 0] = 10
    folder = tmp_path_factory.mktemp("models") / "bright"
    folder.mkdir()
    card = ModelCard(
        format=1,
        architecture=ARCHITECTURE,
        preparation=PREPARATION,
        inference=Inference(state="stream"),
        weights=Weights(sha256=save_weights(network, folder / WEIGHTS), dtype="float16"),
        training=Training(data=("hand",), frames=((0, 1),), seed=0, steps=0, commit="none"),
        terms="none",
    )
    save_model_card(card, folder / CARD)
    return folder


@pytest.fixture(scope="session")
def quick():
    """A way to start processes that have loaded torch already."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cellseg.pipeline", "cellseg.scale", "cellseg.batch.worker"])
    return context


@pytest.fixture
def quick_workers(quick, monkeypatch):
    """Lets `cellseg batch` in this process have workers that have loaded torch already."""
    monkeypatch.setattr(cellseg.batch.processes, "Processes", partial(Processes, context=quick))


@pytest.fixture
def movie(tmp_path):
    """Eight frames in challenge layout, with ground truth."""
    return draw_movie(tmp_path / "data")


def draw_movie(data):
    """Make sequence 01 in a folder."""
    folder, truth = data / "01", data / "01_GT"
    for place in (folder, truth / "TRA", truth / "SEG"):
        place.mkdir(parents=True)
    for t in range(8):
        image, labels = draw(t)
        imwrite(folder / f"t{t:03d}.tif", image)
        imwrite(truth / "TRA" / f"man_track{t:03d}.tif", labels)
        imwrite(truth / "SEG" / f"man_seg{t:03d}.tif", labels)
    (truth / "TRA" / "man_track.txt").write_text("1 0 7 0\n2 0 7 0\n3 3 7 0\n")
    return folder
