import numpy as np
import pytest
from tracking_movies import nodes_at

from cellseg.tracking.movie import survey
from cellseg.types import OVERLAP_DTYPE

NOTHING = np.zeros(0, OVERLAP_DTYPE)


def test_density_is_objects_per_frame_and_pixel():
    points = [(t, y, x) for t in (0, 1, 2) for y in (10.0, 90.0) for x in (10.0, 90.0)]
    # The discs of radius 5.6 reach from 4 to 97.
    assert survey(nodes_at(points), NOTHING).density == pytest.approx(4 / 93**2)


def test_objects_near_the_edge_of_the_field_may_enter_and_leave():
    points = [(t, 50.0, x) for t in range(3) for x in (6.0, 50.0, 94.0)]
    nodes = nodes_at(points)
    near = survey(nodes, NOTHING, (0, 0, 100, 100)).at_border
    assert near.tolist() == [True, False, True] * 3
    assert not survey(nodes, NOTHING, (-90, -90, 190, 190)).at_border.any()
    # A field that ends on the right alone.
    assert survey(nodes, NOTHING, (-90, -90, 190, 100)).at_border.tolist() == [False, False, True] * 3


@pytest.mark.parametrize(
    ("later", "comparable"), [([0.99, 0.14], True), ([-0.99, 0.14], True), ([0, 1], False)]
)
def test_embeddings_are_compared_where_those_of_most_cells_persist(later, comparable):
    points = [(t, 30.0 * n, 0.0) for t in (0, 1) for n in range(5)]
    embeddings = [[1.0, 0.0]] * 5 + [later] * 5
    movie = survey(nodes_at(points, embeddings=embeddings), NOTHING)
    assert movie.comparable.tolist() == [comparable, False]
