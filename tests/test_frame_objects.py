"""One frame of a pair at original size."""

import numpy as np
import pytest
import torch

from cellseg.config import Instances, Preparation
from cellseg.frame_objects import mean_embeddings, smallest_area


def test_means_of_labels_one_of_which_has_no_pixel():
    labels = np.array([[0, 1, 1], [3, 3, 1]], np.int32)
    vectors = torch.arange(12.0).reshape(2, 2, 3)
    np.testing.assert_allclose(
        mean_embeddings(labels, vectors), [[0, 6], [8 / 3, 26 / 3], [0, 0], [3.5, 9.5]]
    )


def test_a_frame_without_objects_has_the_background_alone():
    means = mean_embeddings(np.zeros((2, 2), np.int32), torch.ones(3, 2, 2))
    np.testing.assert_array_equal(means, [[1, 1, 1]])


@pytest.mark.parametrize(
    ("set_to", "diameter", "area"),
    [
        (None, 20, 16),  # 5 % of 314.2 pixels
        (None, 2, 1),
        (None, None, 1),
        (30, 20, 30),
        (0, 20, 0),
    ],
)
def test_the_smallest_instance(set_to, diameter, area):
    preparation = Preparation(input_px_per_network_px=(1, 1), cell_diameter_px=diameter)
    assert smallest_area(Instances(min_area=set_to), preparation) == area
