"""Preparation of frames, held to torch's interpolation and to a full sort."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from torch.nn.functional import interpolate

from cellseg.config import Preparation
from cellseg.video import network_shape, prepare, shrink_labels


def slow_prepare(frame, preparation):
    """The definition, step by step, in float64."""
    image = gaussian_filter(frame.astype(np.float64), preparation.smoothing_sigma, mode="nearest")
    ordered = np.sort(image, axis=None)
    low, high, bright = (
        ordered[min(int(image.size * q), image.size - 1)] for q in (*preparation.quantiles, 0.998)
    )
    if preparation.intensity == "asinh":  # a frame without contrast is background, which is at the upper end
        low = min(low, high - (bright - low) / 200)
        low = low if low < high else high - 1
    elif high == low:
        high = low + 1
    image = (image - low) / (high - low) * 2 - 1
    if preparation.intensity == "asinh":
        image = np.sign(image) * np.log(np.abs(image) + np.sqrt(image**2 + 1))
    shape = network_shape(frame.shape, preparation)
    resized = interpolate(
        torch.from_numpy(image)[None, None], shape, mode="bilinear", align_corners=False, antialias=False
    )
    return resized[0, 0].numpy()


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    factors=st.tuples(st.floats(0.5, 4), st.floats(0.5, 4)),
    sigma=st.sampled_from([0.0, 1.0, 2.0]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32, np.float64]),
    intensity=st.sampled_from(["linear", "asinh"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_agrees_with_the_definition(shape, factors, sigma, dtype, intensity, seed):
    frame = (np.random.default_rng(seed).random(shape) * 250).astype(dtype)
    preparation = Preparation(
        input_px_per_network_px=factors, smoothing_sigma=sigma, quantiles=(0.02, 0.9), intensity=intensity
    )
    result = prepare(frame, preparation)
    assert result.dtype == np.float32
    assert result.shape == network_shape(shape, preparation)
    expected = slow_prepare(frame, preparation)
    np.testing.assert_allclose(result, expected, atol=1e-4 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_leaves_the_frame_alone(dtype):
    frame = np.arange(30).reshape(5, 6).astype(dtype)
    before = frame.copy()
    prepare(frame, Preparation(input_px_per_network_px=(1, 1), smoothing_sigma=0))
    np.testing.assert_array_equal(frame, before)


def test_ramp_maps_its_order_statistics_to_plus_and_minus_one():
    ramp = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    preparation = Preparation(input_px_per_network_px=(1, 1), smoothing_sigma=0)
    result = prepare(ramp, preparation)
    # int(10000 * 0.0005) = 5 and int(10000 * 0.9995) = 9995: neither clipped nor interpolated.
    assert result[0, 5] == pytest.approx(-1)
    assert result[99, 95] == pytest.approx(1)
    assert result[0, 0] < -1
    assert result[99, 99] > 1


def test_pixel_centres_are_aligned():
    """At half size the first network pixel lies between the first two original ones."""
    frame = np.tile(np.arange(8, dtype=np.float32), (4, 1))
    preparation = Preparation(input_px_per_network_px=(2, 2), smoothing_sigma=0, quantiles=(0, 1))
    expected = np.array([0.5, 2.5, 4.5, 6.5]) / 7 * 2 - 1
    np.testing.assert_allclose(prepare(frame, preparation), np.tile(expected, (2, 1)), atol=1e-6)


def test_flat_frame_becomes_minus_one():
    flat = np.full((6, 6), 77, np.uint8)
    np.testing.assert_allclose(prepare(flat, Preparation(input_px_per_network_px=(2, 2))), -1)


def test_contrast_and_brightness_do_not_matter():
    frame = np.random.default_rng(3).integers(0, 250, (32, 32)).astype(np.uint8)
    preparation = Preparation(input_px_per_network_px=(2, 2))
    brighter = frame.astype(np.uint16) * 200 + 1000
    np.testing.assert_allclose(prepare(frame, preparation), prepare(brighter, preparation), atol=1e-4)


@pytest.mark.parametrize(
    ("shape", "factors", "expected"),
    [
        ((512, 512), (2, 2), (256, 256)),
        ((520, 696), (520 / 384, 696 / 512), (384, 512)),
        ((3, 1), (8, 8), (1, 1)),
        ((7, 9), (2, 2), (4, 4)),
    ],
)
def test_network_shape(shape, factors, expected):
    assert network_shape(shape, Preparation(input_px_per_network_px=factors)) == expected


@settings(max_examples=25, deadline=None)
@given(
    old=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    new=st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_labels_are_taken_under_the_centre_of_the_network_pixel(old, new):
    labels = np.arange(old[0] * old[1], dtype=np.uint16).reshape(old)
    shrunk = shrink_labels(labels, new)
    expected = interpolate(torch.from_numpy(labels.astype(np.float64))[None, None], new, mode="nearest-exact")
    assert shrunk.dtype == labels.dtype
    # torch computes the place in floating point, so a centre exactly between two pixels may fall either way.
    rows, columns = ((np.arange(n) + 0.5) * o / n - 0.5 for n, o in zip(new, old, strict=True))
    clear = np.ix_(*(np.abs(p - np.floor(p) - 0.5) > 1e-6 for p in (rows, columns)))
    np.testing.assert_array_equal(shrunk[clear], expected[0, 0].numpy()[clear])


def test_labels_between_two_pixels_take_the_further_one():
    labels = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.uint8)
    np.testing.assert_array_equal(shrink_labels(labels, (1, 2)), [[6, 8]])


def test_a_background_cut_off_at_black_is_no_unit():
    frame = np.zeros((50, 50), np.uint8)
    frame[10:20, 10:20] = 100
    preparation = Preparation(
        input_px_per_network_px=(1, 1), smoothing_sigma=0, quantiles=(0.005, 0.5), intensity="asinh"
    )
    found = prepare(frame, preparation)
    # The range to the brightest is 100, a 200th of it the unit: -0.5 and 0 become -1 and 1.
    np.testing.assert_allclose(found[15, 15], np.arcsinh(401.0), rtol=1e-6)
    np.testing.assert_allclose(found[0, 0], np.arcsinh(1.0), rtol=1e-6)
    np.testing.assert_allclose(prepare(np.full((9, 9), 7), preparation), np.arcsinh(1.0), rtol=1e-6)
