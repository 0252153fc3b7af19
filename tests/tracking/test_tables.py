import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg.tracking import object_rows, overlap_rows
from cellseg.types import CHAIN, NEXT, OVERLAP_DTYPE, object_dtype

label_images = arrays(np.uint32, (6, 7), elements=st.sampled_from([0, 0, 1, 2, 70000]))


def test_one_object_by_hand():
    labels = np.zeros((8, 9), np.int32)
    labels[2, 3:6] = 4
    labels[3, 3] = 4
    (row,) = object_rows(labels, 7)
    assert row.dtype == object_dtype(0)
    assert (row["frame"], row["id"], row["area"]) == (7, 4, 4)
    assert row["centroid"].tolist() == [2.25, 3.75]
    assert row["bbox"].tolist() == [2, 3, 4, 6]
    assert not row["touches_border"]


@pytest.mark.parametrize("pixel", [(0, 4), (5, 4), (3, 0), (3, 6)])
def test_touches_border(pixel):
    labels = np.zeros((6, 7), np.int32)
    labels[pixel] = 1
    assert object_rows(labels, 0)["touches_border"].tolist() == [True]


def test_embeddings_are_looked_up_by_id():
    labels = np.array([[0, 3, 1]])
    embeddings = np.arange(8).reshape(4, 2)
    assert object_rows(labels, 0, embeddings)["embedding"].tolist() == [[2, 3], [6, 7]]


def test_empty_frame_has_no_rows():
    empty = np.zeros((4, 4), np.uint32)
    assert len(object_rows(empty, 0)) == 0
    assert overlap_rows(empty, empty, 3, NEXT).tolist() == [(3, 0, 0, NEXT, 16)]


@settings(max_examples=40, deadline=None)
@given(label_images)
def test_objects_equal_the_slow_reference(labels):
    rows = object_rows(labels, 0)
    assert rows["id"].tolist() == [label for label in np.unique(labels) if label]
    for row in rows:
        y, x = np.nonzero(labels == row["id"])
        assert row["area"] == len(y)
        assert row["centroid"] == pytest.approx([y.mean(), x.mean()])
        assert row["bbox"].tolist() == [y.min(), x.min(), y.max() + 1, x.max() + 1]


@settings(max_examples=40, deadline=None)
@given(label_images, label_images)
def test_overlaps_equal_the_slow_reference(a, b):
    rows = overlap_rows(a, b, 5, CHAIN)
    assert rows.dtype == OVERLAP_DTYPE
    expected = [
        (5, i, j, CHAIN, count)
        for i in np.unique(a)
        for j in np.unique(b)
        if (count := ((a == i) & (b == j)).sum())
    ]
    assert rows.tolist() == expected


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="different shapes"):
        overlap_rows(np.zeros((2, 2), int), np.zeros((2, 3), int), 0, NEXT)
