import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from cellseg.tracking import clean_instances

EIGHT = np.ones((3, 3))


def slow_clean(labels, min_area, border):
    """Object by object, as one would say it."""
    result = labels.copy()
    for label in set(np.unique(labels)) - {0}:
        pieces, count = ndimage.label(labels == label, EIGHT)
        sizes = [(pieces == piece).sum() for piece in range(1, count + 1)]
        result[(labels == label) & (pieces != 1 + int(np.argmax(sizes)))] = 0
    before = result.copy()
    for label in set(np.unique(before)) - {0}:
        holes, count = ndimage.label(ndimage.binary_fill_holes(before == label) & (before != label))
        for hole in range(1, count + 1):
            if not before[holes == hole].any():
                result[holes == hole] = label
    inner = np.zeros(labels.shape, bool)
    inner[border : labels.shape[0] - border, border : labels.shape[1] - border] = True
    for label in set(np.unique(result)) - {0}:
        if (result == label).sum() < min_area or not inner[result == label].any():
            result[result == label] = 0
    return result


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.uint32, (9, 10), elements=st.sampled_from([0, 1, 1, 1, 3])),
    st.integers(1, 6),
    st.integers(0, 4),
)
def test_equals_the_slow_reference(labels, min_area, border):
    result = clean_instances(labels, min_area=min_area, border=border)
    assert result.dtype == labels.dtype
    assert (result == slow_clean(labels, min_area, border)).all()


def test_largest_piece_stays():
    labels = np.array([[5, 0, 5, 5], [0, 0, 0, 5]])
    assert clean_instances(labels).tolist() == [[0, 0, 5, 5], [0, 0, 0, 5]]


def test_hole_is_filled_unless_another_cell_is_in_it():
    ring = np.pad(np.zeros((3, 3), np.int32), 1, constant_values=1)
    ring = np.pad(ring, 1)
    assert clean_instances(ring)[1:-1, 1:-1].all()
    assert (clean_instances(ring, fill_holes=False) == ring).all()
    ring[3, 3] = 2
    assert (clean_instances(ring) == ring).all()


def test_hole_between_two_cells_is_background():
    labels = np.array([[1, 1, 2, 2], [1, 0, 0, 2], [1, 1, 2, 2]])
    assert (clean_instances(np.pad(labels, 1)) == np.pad(labels, 1)).all()


def test_field_of_interest():
    labels = np.zeros((10, 10), np.int32)
    labels[0:2, 0:2] = 1
    labels[0:4, 5:7] = 2
    assert np.unique(clean_instances(labels, border=3)).tolist() == [0, 2]
    assert np.unique(clean_instances(labels, border=0)).tolist() == [0, 1, 2]


def test_border_without_field_is_refused():
    with pytest.raises(ValueError, match="leaves nothing"):
        clean_instances(np.zeros((10, 20), np.int32), border=5)


def test_empty_frame():
    assert not clean_instances(np.zeros((6, 6), np.int32), min_area=3, border=1).any()
