"""Outlines against the masks they were made of."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from cellseg.report import outline


def filled(outlines, shape):
    """Draw the rings again: inside an odd number of them."""
    steps = np.frombuffer(base64.b64decode(outlines.steps), np.int8).reshape(-1, 2)
    image, begin = np.zeros(shape, int), 0
    for label, y, x, count in outlines.rings:
        walked = np.concatenate([[[y, x]], steps[begin : begin + count]]).cumsum(axis=0) / 2
        image[polygon2mask(shape, walked)] += label  # a hole adds its label a second time
        begin += count
    assert begin == len(steps)
    return image


def discs():
    y, x = np.mgrid[:120, :160]
    labels = np.zeros((120, 160), np.uint16)
    labels[np.hypot(y - 40, x - 50) < 25] = 3
    labels[np.hypot(y - 40, x - 80) < 20] = 1
    labels[:15, 120:] = 7
    return labels


def test_the_outlines_of_discs_enclose_them() -> None:
    labels = discs()
    drawn = filled(outline(labels), labels.shape)
    for label in (1, 3, 7):
        overlap = np.sum((drawn == label) & (labels == label)) / np.sum((drawn == label) | (labels == label))
        assert overlap > 0.95


def test_without_tolerance_they_are_exact() -> None:
    labels = discs()
    assert np.array_equal(filled(outline(labels, tolerance=0), labels.shape), labels)


def test_a_hole_is_a_ring_of_its_own() -> None:
    labels = np.zeros((40, 40), int)
    labels[5:35, 5:35] = 4
    labels[15:25, 15:25] = 0
    outlines = outline(labels, tolerance=0)
    assert [ring[0] for ring in outlines.rings] == [4, 4]
    assert np.array_equal(filled(outlines, labels.shape) % 8, labels)


@pytest.mark.parametrize("size", [1, 2, 600])
def test_specks_and_long_edges(size: int) -> None:
    labels = np.zeros((size + 4, size + 4), int)
    labels[2:-2, 2:-2] = 1
    assert filled(outline(labels), labels.shape).sum() == size * size


def test_an_empty_frame_has_none() -> None:
    assert outline(np.zeros((5, 5), np.uint16)) == ([], "")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_mask_is_drawn_again(seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 2, (9, 11)) * 5
    assert np.array_equal(filled(outline(labels, tolerance=0), labels.shape) % 10, labels)
