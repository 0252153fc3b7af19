"""Pictures resemble their modality in the numbers that can be told without looking."""

import numpy as np
import pytest

from cellseg.simulate import preset, simulate
from cellseg.simulate.texture import TextureField


def frames_of(name, count=1, seed=1):
    return list(simulate(preset(name), frames=count, seed=seed))


def test_dic_is_grey_with_relief_inside_the_cells():
    (frame,) = frames_of("DIC-C2DH-HeLa")
    inside, outside = frame.image[frame.labels > 0], frame.image[frame.labels == 0]
    assert 110 < frame.image.mean() < 135
    assert abs(inside.mean() - outside.mean()) < 6
    assert inside.std() > 1.4 * outside.std()


def test_gowt1_nuclei_are_brighter_than_a_dark_background_and_differ_widely():
    (frame,) = frames_of("Fluo-N2DH-GOWT1")
    assert np.median(frame.image[frame.labels == 0]) <= 3
    means = [frame.image[frame.labels == label].mean() for label in np.unique(frame.labels)[1:]]
    assert max(means) > 5 * min(means)


def test_sim_nuclei_glow_above_the_camera_offset():
    (frame,) = frames_of("Fluo-N2DH-SIM+")
    outside = frame.image[frame.labels == 0]
    assert 85 < np.median(outside) < 105
    assert outside.std() < 6
    assert frame.image[frame.labels > 0].mean() > outside.mean() + 2 * outside.std()


def test_phase_contrast_has_parts_darker_and_brighter_than_its_background():
    (frame,) = frames_of("PhC-C2DH-U373")
    background = np.median(frame.image)
    inside = frame.image[frame.labels > 0].astype(float)
    assert np.quantile(inside, 0.02) < background - 10
    assert np.quantile(inside, 0.98) > background + 20


@pytest.mark.parametrize("wavelength", [6.0, 12.0, 30.0])
def test_texture_has_the_asked_grain(wavelength):
    field = TextureField(wavelength, np.random.default_rng(0))
    line = np.arange(512, dtype=np.float32)
    values = field.at(*np.meshgrid(line, line, indexing="ij"), np.zeros(2))
    assert values.mean() == pytest.approx(0, abs=1e-3)
    assert values.std() == pytest.approx(1, abs=1e-3)
    power = np.abs(np.fft.fft2(values)) ** 2
    frequency = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.fftfreq(512)[None])
    frequency[0, 0] = 1  # the mean, whose power is zero
    typical = np.exp(np.average(np.log(frequency), weights=power))
    assert 1.0 < typical * wavelength < 1.7  # high frequencies are more numerous


def test_texture_wraps_around():
    field = TextureField(8.0, np.random.default_rng(0))
    spot = np.array([3.0], dtype=np.float32)
    assert field.at(spot, spot, np.zeros(2)) == field.at(spot - 512, spot + 1024, np.zeros(2))
