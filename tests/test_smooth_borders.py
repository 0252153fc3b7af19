"""Pieces are joined where the embedding drifts, and left apart where it steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.config import Clustering
from cellseg.pair_instances import pair_instances
from cellseg.rshn import Pair
from cellseg.smooth_borders import join_across_smooth_borders
from cellseg.types import Embedding


def paired(angles):
    """A pair whose pixels point in directions of a plane, angles (2, Y, X) in radians."""
    angles = torch.tensor(np.array(angles), dtype=torch.float32)
    vectors = torch.stack([torch.zeros_like(angles), angles.cos(), angles.sin()], 1)
    first = Embedding(vectors[0], torch.ones(angles.shape[1:], dtype=torch.bool), 0)
    return Pair(first, replace(first, vectors=vectors[1], frame=1), None)


def test_a_drift_is_one_cell_and_a_step_is_two():
    left, right = np.linspace(0, 0.5, 8), np.linspace(1.0, 1.5, 8)
    row = np.concatenate([left, right])
    pair = paired(np.broadcast_to(row, (2, 3, 16)))
    clusters = np.repeat([0, 1, 2, 3], 4)  # every half cut in two
    pieces = np.broadcast_to(clusters + 1, (2, 3, 16)).astype(np.int32)
    joined = join_across_smooth_borders(pieces, pair, 0.005)
    assert [len(np.unique(half)) for half in (joined[..., :8], joined[..., 8:])] == [1, 1]
    assert joined[0, 0, 0] != joined[0, 0, 8]
    # 1 - cos of a step of 1 / 14 is 0.0026, and of half a radian 0.122.
    assert len(np.unique(join_across_smooth_borders(pieces, pair, 0.0025))) == 4
    assert len(np.unique(join_across_smooth_borders(pieces, pair, 0.13))) == 1
    assert join_across_smooth_borders(pieces, pair, 0.0) is pieces
    labels = pair_instances(pair, np.tile(clusters, 6).astype(np.int32), pieces > 0, Clustering(), 1)
    np.testing.assert_array_equal(labels, np.broadcast_to(np.repeat([1, 2], 8), (2, 3, 16)))


def test_the_same_cluster_elsewhere_is_left_alone():
    # Pieces 1 and 2 touch without a step, 3 and 4 with one; 1 and 3 are pieces of one cluster.
    angles = np.broadcast_to([0, 0, 0, 0, 0, 1.0, 1.0, 0, 0], (2, 4, 9))
    pieces = np.broadcast_to([1, 1, 2, 2, 0, 3, 3, 4, 4], (2, 4, 9)).astype(np.int32)
    joined = join_across_smooth_borders(pieces, paired(angles), 0.005)
    assert joined[0, 0, 0] == joined[0, 0, 2]
    assert len({joined[0, 0, x] for x in (0, 5, 7)}) == 3
    assert joined[0, 0, 4] == 0


def test_a_border_of_three_pairs_of_pixels_tells_nothing():
    pieces = np.zeros((2, 2, 2), np.int32)
    pieces[0] = [[1, 2], [1, 2]]
    pieces[1, 0] = [1, 2]
    pair = paired(np.zeros((2, 2, 2)))
    np.testing.assert_array_equal(join_across_smooth_borders(pieces, pair, 0.005), pieces)
    pieces[1, 1] = [1, 2]
    assert set(np.unique(join_across_smooth_borders(pieces, pair, 0.005))) == {1}


def slow_join(pieces, pair, step):
    """The same by loops: every border by itself, then numbers spread until nothing changes."""
    vectors = [half.vectors.numpy().astype(float) for half in (pair.first, pair.second)]
    steps = {}
    for frame, y, x in np.ndindex(pieces.shape):
        for b, a in ((y + 1, x), (y, x + 1)):
            if b < pieces.shape[1] and a < pieces.shape[2]:
                here, there = pieces[frame, y, x], pieces[frame, b, a]
                if here and there and here != there:
                    u, v = vectors[frame][:, y, x], vectors[frame][:, b, a]
                    distance = 1 - u @ v / np.linalg.norm(u) / np.linalg.norm(v)
                    steps.setdefault(frozenset((int(here), int(there))), []).append(distance)
    number = np.arange(pieces.max() + 1)
    for _ in number:
        for border, distances in steps.items():
            if len(distances) >= 4 and np.median(distances) < step:
                number[list(border)] = number[list(border)].min()
    return number[pieces]


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.sampled_from([1e-4, 0.05, 0.3, 0.9]))
@settings(max_examples=60, deadline=None)
def test_against_plain_loops(seed, count, step):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, count + 1, (2, 3, 4))
    pieces = coarse.repeat(3, 1).repeat(3, 2).astype(np.int32)
    pair = paired(rng.normal(0, 0.5, pieces.shape))
    joined, slow = join_across_smooth_borders(pieces, pair, step), slow_join(pieces, pair, step)
    assert ((joined == 0) == (slow == 0)).all()
    # The same partition, whatever the numbers.
    pairs = np.unique(np.stack([joined.ravel(), slow.ravel()]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


@pytest.mark.parametrize("pieces", [np.zeros((2, 3, 3)), np.ones((2, 3, 3)), np.zeros((2, 0, 0))])
def test_nothing_to_join(pieces):
    pair = paired(np.zeros(pieces.shape))
    np.testing.assert_array_equal(join_across_smooth_borders(pieces.astype(np.int32), pair, 0.005), pieces)
