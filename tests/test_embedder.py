"""The network of a run, which tells where it is and in which tiles."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from e2e.conftest import model  # noqa: F401

from cellseg.config import Inference
from cellseg.embedder import Embedder, check_network_shape
from cellseg.errors import CellsegError
from cellseg.rshn import build_network, load_model

LARGE = (1056, 1280)


@pytest.fixture
def loaded(model):  # noqa: F811
    return load_model(model, torch.device("cpu"))


def test_tiles_where_memory_is_little(loaded):
    said = []
    whole = Embedder(loaded, Inference(state="stream"), LARGE, None, said.append)
    assert (whole.tile, whole.place, said) == (None, "cpu", [])
    tiled = Embedder(loaded, Inference(state="stream"), LARGE, 0.1 * 2**30, said.append)
    assert 512 <= tiled.tile < min(LARGE)
    assert f"tiles of {tiled.tile}" in said[-1]


@pytest.mark.parametrize("views", [1, 4])
def test_pairs_from_the_middle_are_those_of_the_whole(loaded, views):
    frames = torch.rand(5, 24, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.manual_seed(1)
    remembering = replace(loaded, network=build_network(loaded.card.architecture, None))
    embedder = Embedder(remembering, Inference(state="stream", views=views), (24, 32), None, print)
    whole = list(embedder.pairs(frames.__getitem__, 5, start=0, begin=0, state=None))
    later = list(embedder.pairs(frames.__getitem__, 5, start=2, begin=0, state=whole[1].state))
    assert len(whole[0].first.vectors) == views * loaded.card.architecture.embedding_size
    forgotten = next(embedder.pairs(frames.__getitem__, 5, start=2, begin=2, state=None))
    assert not torch.allclose(forgotten.first.vectors, whole[2].first.vectors)
    assert [pair.first.frame for pair in later] == [2, 3]
    for pair, expected in zip(later, whole[2:], strict=True):
        torch.testing.assert_close(pair.second.vectors, expected.second.vectors)


def test_a_state_that_was_saved_in_another_precision_is_taken_over(model):  # noqa: F811
    half = load_model(model, torch.device("cpu"), torch.bfloat16)
    frames = torch.rand(4, 24, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    embedder = Embedder(half, Inference(state="stream"), (24, 32), None, print)
    whole = list(embedder.pairs(frames.__getitem__, 4, start=0, begin=0, state=None))
    saved = [maps.float() for maps in whole[0].state]
    later = next(embedder.pairs(frames.__getitem__, 4, start=1, begin=0, state=saved))
    assert torch.equal(later.second.vectors, whole[1].second.vectors)


def test_frames_that_no_network_can_take():
    check_network_shape((2**15, 10), Path("movie.tif"))
    with pytest.raises(CellsegError, match="the network would see") as caught:
        check_network_shape((10, 2**15 + 1), Path("movie.tif"))
    assert caught.value.path == Path("movie.tif")
