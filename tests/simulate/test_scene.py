"""Pixels are shared out as the slow, obvious rule says: the smallest r / R(direction) below 1 wins."""

import math

import numpy as np
import pytest
from scipy import ndimage

from cellseg.simulate import preset
from cellseg.simulate.outline import DIRECTIONS, Outline
from cellseg.simulate.population import Population
from cellseg.simulate.scene import views


def owner_of_pixel(row, column, cells, radii):
    best, winner = 1.0, -1
    for cell, table in zip(cells, radii, strict=True):
        dy, dx = row - cell.position[0], column - cell.position[1]
        turn = (math.atan2(dy, dx) - cell.angle) / (2 * math.pi) * DIRECTIONS
        depth = math.hypot(dy, dx) / table[round(turn) % DIRECTIONS]
        if depth < best:
            best, winner = depth, cell.identity
    return winner


def test_pixels_belong_to_the_cell_in_which_they_lie_deepest():
    shape = (90, 110)
    population = Population(preset("DIC-C2DH-HeLa"), shape, np.random.default_rng(3))
    cells, radii = population.cells, [population.radii(cell) for cell in population.cells]
    expected = np.array(
        [[owner_of_pixel(y, x, cells, radii) for x in range(shape[1])] for y in range(shape[0])]
    )
    owner = np.full(shape, -1)
    for view in views(cells, radii, shape):
        assert np.all(owner[view.box][view.mask] == -1), "no pixel is owned twice"
        owner[view.box][view.mask] = view.cell.identity
    agree = (owner == expected) | (owner == -1)  # pieces cut off by a neighbour go to the background
    assert agree.mean() > 0.999  # directions are rounded in single precision
    assert np.mean((owner == -1) & (expected >= 0)) < 0.05


def test_local_coordinates_turn_with_the_cell():
    population = Population(preset("DIC-C2DH-HeLa"), (200, 200), np.random.default_rng(0))
    cell = population.cells[0]
    cell.position, cell.angle = np.array([100.0, 80.0]), math.pi / 2
    (view,) = views([cell], [population.radii(cell)], (200, 200))
    row, column = 110 - view.box[0].start, 80 - view.box[1].start
    assert view.local[0][row, column] == pytest.approx(0, abs=1e-5)
    assert view.local[1][row, column] == pytest.approx(10)


def test_an_outline_of_order_two_is_an_ellipse():
    outline = Outline(0.2, 0.0, 10.0, np.random.default_rng(1))
    outline._coefficients[:] = 0
    outline._coefficients[0] = 0.2, 0.0
    radii = outline.radii(0.0)
    long, short = 1 / math.sqrt(1 - 0.4), 1 / math.sqrt(1 + 0.4)
    angle = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    ellipse = 1 / np.sqrt((np.cos(angle) / long) ** 2 + (np.sin(angle) / short) ** 2)
    np.testing.assert_allclose(radii, ellipse, rtol=1e-6)


def test_a_rounded_outline_is_rounder_and_deforms_smoothly():
    rng = np.random.default_rng(2)
    outline = Outline(0.15, 0.002, 20.0, rng)
    assert outline.radii(1.0).std() < 0.5 * outline.radii(0.0).std()
    before = outline.radii(0.0)
    outline.advance(rng)
    after = outline.radii(0.0)
    assert 0 < np.abs(after - before).max() < 0.3
    assert np.abs(np.diff(after)).max() < 0.1


def test_a_cell_cut_in_two_keeps_one_piece():
    population = Population(preset("Fluo-N2DH-GOWT1"), (120, 120), np.random.default_rng(0))
    long, small = population.cells[:2]
    long.position, small.position = np.array([60.0, 60.0]), np.array([60.0, 85.0])
    angle = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    bar = (1 / np.hypot(np.cos(angle) / 50, np.sin(angle) / 8)).astype(np.float32)
    long.angle = small.angle = 0.0
    seen = views([long, small], [bar, np.full(DIRECTIONS, 15, np.float32)], (120, 120))
    assert [ndimage.label(view.mask)[1] for view in seen] == [1, 1]
    assert not seen[0].mask[:, -5:].any(), "the smaller piece beyond the other cell is gone"
