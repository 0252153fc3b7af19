import numpy as np
import pytest
from scipy import stats

from cellseg.tracking.student import MEDIAN, MEDIAN_IN_PLANE, log_likelihood, log_likelihood_in_plane

VALUES = np.array([0.0, 0.3, 1.0, 7.0, -4.0])


@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_densities_are_those_of_student(scale):
    constant = stats.t.logpdf(0, df=3)
    assert np.allclose(log_likelihood(VALUES, scale) + constant, stats.t.logpdf(VALUES, df=3, scale=scale))
    plane = stats.multivariate_t(shape=scale**2 * np.eye(2), df=3)
    points = np.column_stack([VALUES, np.zeros(5)])
    assert np.allclose(log_likelihood_in_plane(np.abs(VALUES), scale), plane.logpdf(points))


def test_medians():
    assert stats.t.ppf(0.75, df=3) == pytest.approx(MEDIAN, abs=5e-4)
    # The squared length over 2 follows F(2, 3).
    assert np.sqrt(2 * stats.f.ppf(0.5, 2, 3)) == pytest.approx(MEDIAN_IN_PLANE, abs=5e-4)
