import numpy as np
import pytest
from tracking_movies import nodes_at

from cellseg.tracking.motion import measure_motion

FRAMES, CELLS = 40, 25


def movie(rng, *, scale=0.0, persistence=0.0, drift=(0.0, 0.0)):
    """Points of cells on a wide grid, by frame; each displacement repeats a share of the one before."""
    place = 100.0 * np.stack(np.divmod(np.arange(CELLS), 5), axis=1)
    step, points = np.zeros((CELLS, 2)), []
    for frame in range(FRAMES):
        points += [(frame, *here) for here in place.tolist()]
        step = persistence * step + scale * rng.standard_t(3, (CELLS, 2))
        place = place + step + drift
    return nodes_at(points)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_scale_is_that_of_the_displacements(scale):
    motion = measure_motion(movie(np.random.default_rng(0), scale=scale))
    assert motion.scale == pytest.approx(scale, rel=0.1)
    assert motion.persistence < 0.1
    assert np.abs(np.diff(motion.drift, axis=0)).max() < 1.5 * scale


def test_drift_is_what_all_have_in_common():
    nodes = movie(np.random.default_rng(1), scale=0.5, drift=(3.0, -8.0))
    motion = measure_motion(nodes)
    assert motion.drift[-1] / (FRAMES - 1) == pytest.approx([3.0, -8.0], abs=0.2)
    assert motion.scale == pytest.approx(0.5, rel=0.15)
    later = nodes.centroid[CELLS : 2 * CELLS]
    assert np.median(np.linalg.norm(motion.expected(nodes, slice(0, CELLS), 1) - later, axis=1)) < 1


def test_persistence_is_the_share_that_is_repeated():
    nodes = movie(np.random.default_rng(2), scale=1.0, persistence=0.6)
    motion = measure_motion(nodes)
    assert motion.persistence == pytest.approx(0.6, abs=0.1)
    assert motion.scale == pytest.approx(1.0, rel=0.15)


def test_deviation_knows_the_displacements_on_both_sides():
    """A cell that goes on as it went deviates by nothing, whether or not it was missing."""
    points = [(t, 50.0, 10.0 + 4 * t) for t in range(12)] + [(t, 10.0 + 3 * t, 90.0) for t in range(12)]
    nodes = nodes_at(points)
    motion = measure_motion(nodes)
    assert motion.persistence == pytest.approx(0.95)
    order = np.argsort(nodes.id)
    before, after = order[[4]], order[[6]]
    assert motion.deviation(nodes, before, after)[0] == pytest.approx(0, abs=0.05)


def test_before_anything_is_measured():
    motion = measure_motion(nodes_at([(0, 5.0, 5.0)], area=400))
    assert (motion.scale, motion.area_scale, motion.persistence) == (2.0, 0.1, 0.0)
    # Two frames of one cell count for little against what is usual.
    assert measure_motion(nodes_at([(0, 5.0, 5.0), (1, 5.0, 15.0)], area=400)).scale < 3
