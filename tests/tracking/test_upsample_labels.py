import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg.tracking import upsample_labels


def axis_weights(i, size, length):
    """Samples and weights of output pixel i, as the specification has them."""
    c = (i + 0.5) * size / length - 0.5
    first, end = math.floor(round(c - 0.5, 9)), math.ceil(round(c + 1.5, 9))
    return {
        k: math.erf((k + 0.5 - c) / math.sqrt(2)) - math.erf((k - 0.5 - c) / math.sqrt(2))
        for k in range(max(first, 0), min(end, size))
    }


def slow_upsample(labels, shape, foreground=None):
    result = np.zeros(shape, labels.dtype)
    for y, x in np.ndindex(shape):
        votes = {}
        for ky, wy in axis_weights(y, labels.shape[0], shape[0]).items():
            for kx, wx in axis_weights(x, labels.shape[1], shape[1]).items():
                votes[int(labels[ky, kx])] = votes.get(int(labels[ky, kx]), 0) + wy * wx
        if foreground is not None:
            votes = {k: v for k, v in votes.items() if k > 0} if foreground[y, x] else {}
        if votes:
            # Sums in another order differ in the last digits: equal to six of them is a tie.
            most = max(votes.values())
            result[y, x] = min(k for k, v in votes.items() if v > most - 1e-6)
    return result


images = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(0, 4))
)


@settings(max_examples=60, deadline=None)
@given(images, st.integers(1, 20), st.integers(1, 20))
def test_equals_the_slow_reference(labels, height, width):
    assert (upsample_labels(labels, (height, width)) == slow_upsample(labels, (height, width))).all()


@settings(max_examples=30, deadline=None)
@given(images, st.data())
def test_foreground_decides_between_cell_and_background(labels, data):
    foreground = data.draw(arrays(bool, (labels.shape[0] * 3, labels.shape[1] * 2)))
    result = upsample_labels(labels, foreground.shape, foreground)
    assert (result == slow_upsample(labels, foreground.shape, foreground)).all()
    assert not result[~foreground].any()


def test_ties_go_to_the_lowest_label():
    # The middle output pixel lies between the two network pixels.
    assert upsample_labels(np.array([[7, 3]]), (1, 3)).tolist() == [[7, 3, 3]]


def test_factor_one_keeps_straight_outlines_and_smooths_bumps():
    half = np.zeros((8, 8), np.int32)
    half[:, 4:] = 1
    assert (upsample_labels(half, (8, 8)) == half).all()
    bump = half.copy()
    bump[4, 3] = 1
    assert (upsample_labels(bump, (8, 8)) == half).all()


def test_outline_of_a_disc_is_smooth():
    y, x = np.mgrid[:32, :32]
    small = ((y - 15.5) ** 2 + (x - 15.5) ** 2 < 100).astype(np.uint16)
    y, x = np.mgrid[:128, :128]
    ideal = (y - 63.5) ** 2 + (x - 63.5) ** 2 < 1600
    overlap = {
        name: (ideal & (image > 0)).sum() / (ideal | (image > 0)).sum()
        for name, image in {
            "gaussian": upsample_labels(small, (128, 128)),
            "nearest": small.repeat(4, 0).repeat(4, 1),
        }.items()
    }
    assert overlap["gaussian"] > 0.97 > overlap["nearest"]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int32])
def test_dtype_is_kept(dtype):
    labels = np.array([[0, 1], [2, np.iinfo(dtype).max]], dtype)
    result = upsample_labels(labels, (6, 6))
    assert result.dtype == dtype and result[0, 5] == 1 and result[5, 5] == np.iinfo(dtype).max
