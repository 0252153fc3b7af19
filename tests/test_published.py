"""Tiles to label images: coordinates, a clustering for each tile, the merge."""

import numpy as np
import pytest
import torch

from cellseg.config import Clustering
from cellseg.meanshift import Osop
from cellseg.published import TileClusterer, label_tiles
from cellseg.rshn import RSHN, Tiling, embed_published, tile_pair
from cellseg.types import Embedding


def painted(labels, dimensions=5, noise=0.0):
    """Embeddings of the tiles of a frame whose cells are known: background along e0, cell k along e_k."""
    tiling = Tiling(labels.shape)
    height, width = tiling.tile_shape
    tiles = tiling.cut(torch.as_tensor(labels)).clamp_min(0)[:, :height, :width].long()
    vectors = torch.eye(dimensions)[tiles].movedim(-1, 1)
    generator = torch.Generator().manual_seed(0)
    vectors = torch.nn.functional.normalize(
        vectors + noise * torch.randn(vectors.shape, generator=generator), dim=1
    )
    return tiling, Embedding(vectors, vectors[:, 0].square() < 0.5, 0)


def pair_of(first, second, **options):
    tiling, one = painted(first, **options)
    _, two = painted(second, **options)
    return tile_pair(tiling, one, two)


def discs(shape, cells):
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.int64)
    for number, (cy, cx, radius) in cells.items():
        labels[np.hypot(y - cy, x - cx) < radius] = number
    return labels


class Spy:
    """A clusterer that keeps what it was given, and calls everything one cluster."""

    def __init__(self):
        self.calls = []

    def __call__(self, vectors):
        self.calls.append(vectors)
        return np.zeros(len(vectors), np.int64)


def test_vectors_are_both_frames_row_by_row_with_the_place_in_the_tile():
    first, second = np.zeros((20, 30), np.int64), np.zeros((20, 30), np.int64)
    first[2, 3], first[2, 5], first[7, 1] = 1, 2, 3
    second[19, 29] = 4
    spy = Spy()
    label_tiles(pair_of(first, second), spy, 1)
    (vectors,) = spy.calls
    assert vectors.dtype == torch.float32
    assert torch.equal(vectors[:, :5], torch.eye(5)[[1, 2, 3, 4]])
    places = torch.tensor([[2, 3], [2, 5], [7, 1], [19, 29]])
    torch.testing.assert_close(vectors[:, 5:], 0.005 * places)


def test_places_are_local_to_the_tile():
    labels = discs((256, 384), {1: (100, 200, 4)})
    spy = Spy()
    label_tiles(pair_of(labels, labels), spy, 1)
    left, right = (vectors[:, -1].min().item() / 0.005 for vectors in spy.calls)
    assert (left, right) == (pytest.approx(197), pytest.approx(197 - 128))


def test_a_tile_without_foreground_is_not_clustered():
    labels = discs((256, 384), {1: (100, 30, 9)})
    spy = Spy()
    halves = label_tiles(pair_of(labels, labels), spy, 1)
    assert len(spy.calls) == 1
    assert (halves == (labels > 0)).all()
    empty = np.zeros((64, 64), np.int64)
    assert not label_tiles(pair_of(empty, empty), spy, 1).any()
    assert len(spy.calls) == 1


def test_small_instances_are_dropped_counting_both_frames():
    first, second = np.zeros((1, 40), np.int64), np.zeros((1, 40), np.int64)
    first[0, :4], second[0, :3] = 1, 1
    first[0, 10:13], second[0, 10:13] = 2, 2
    assert (label_tiles(pair_of(first, second), Spy(), 7) > 0).sum() == 7
    assert (label_tiles(pair_of(first, second), Spy(), 6) > 0).sum() == 13


@pytest.mark.parametrize("shape", [(171, 171), (256, 256), (300, 470)])
def test_cells_come_back_whole_with_one_number_in_both_frames(shape):
    cells = {1: (40, 40, 18), 2: (40, 74, 17), 3: (120, 90, 25), 4: (150, 140, 15)}
    if shape[1] > 256:
        cells |= {1: (270, 440, 20), 2: (150, 235, 22)}
    first = discs(shape, cells)
    second = discs(shape, {number: (y + 2, x + 1, radius) for number, (y, x, radius) in cells.items()})
    clusterer = TileClusterer(Clustering(), Osop(), np.random.default_rng(0))
    halves = label_tiles(pair_of(first, second, dimensions=16, noise=0.03), clusterer, 20)
    assert halves.shape == (2, *shape)
    assert set(np.unique(halves)) == {0, 1, 2, 3, 4}
    for half, truth in zip(halves, (first, second), strict=True):
        joint = set(zip(half.ravel().tolist(), truth.ravel().tolist(), strict=True))
        assert len(joint) == 5


def test_the_clusterer_hands_its_seeds_on_and_repeats():
    labels = discs((300, 470), {1: (150, 100, 20), 2: (150, 300, 22), 3: (60, 235, 25)})
    pair = pair_of(labels, labels, noise=0.03)

    def run():
        clusterer = TileClusterer(Clustering(), Osop(seeds=40), np.random.default_rng(3))
        return label_tiles(pair, clusterer, 1), clusterer

    halves, clusterer = run()
    again, other = run()
    assert (halves == again).all()
    tiles = clusterer.trace["tiles"]
    assert tiles == other.trace["tiles"]
    assert 1 < len(tiles) <= len(pair.tiling.corners)
    assert all(row["r"] == 1 and 1 <= row["I"] <= 3 for row in tiles)
    assert tiles[0]["N"] >= 40
    assert clusterer.osop.seeds <= tiles[-1]["N"]


def test_from_frames_to_labels_with_a_network():
    torch.manual_seed(0)
    network = RSHN(2, 2, 3)
    frames = torch.randn(3, 60, 80)
    for pair in embed_published(network, frames.__getitem__, 3):
        halves = label_tiles(pair, Spy(), 1)
        foreground = np.stack([half.foreground.numpy() for half in (pair.first, pair.second)])
        assert ((halves > 0) == foreground).all()
