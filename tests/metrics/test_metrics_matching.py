import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from slow_measures import matches_of, pixels_of

from cellseg.metrics import match_objects


def image(*rows):
    return np.array([[int(label) for label in row] for row in rows], np.uint16)


def test_more_than_half_must_be_covered():
    reference = image("1111", "2222", "0000")
    match = match_objects(reference, image("3300", "4440", "0000"))
    assert match.reference.tolist() == [1, 2]
    assert match.result.tolist() == [3, 4]
    assert match.matched.tolist() == [0, 4]  # exactly half of object 1 is not enough
    assert match.jaccard.tolist() == [0, 3 / 4]


def test_one_result_object_may_match_several():
    match = match_objects(image("1122", "1122"), image("7777", "7777"))
    assert match.matched.tolist() == [7, 7]
    assert match.jaccard.tolist() == [0.5, 0.5]


def test_jaccard_counts_what_sticks_out():
    match = match_objects(image("0110", "0110"), image("5550", "0550"))
    assert match.jaccard.tolist() == [4 / 5]


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (2, 2)])
def test_nothing_matches_nothing(shape):
    match = match_objects(np.zeros(shape, np.uint16), np.zeros(shape, np.uint8))
    assert len(match.reference) == len(match.result) == len(match.matched) == len(match.jaccard) == 0


def test_images_without_background():
    match = match_objects(image("11", "22"), image("33", "33"))
    assert match.matched.tolist() == [3, 3]


def test_an_object_that_runs_over_the_end_of_a_row():
    match = match_objects(image("001", "100"), image("002", "200"))
    assert match.matched.tolist() == [2]
    assert match.jaccard.tolist() == [1]


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_labels_as_large_as_their_type(dtype):
    largest = min(np.iinfo(dtype).max, 2**32 - 1)
    reference = np.array([[0, largest, largest - 1]], dtype)
    match = match_objects(reference, reference)
    assert match.matched.tolist() == [largest - 1, largest]
    assert match.jaccard.tolist() == [1, 1]


def test_refuses_what_is_not_labels():
    good = image("01")
    with pytest.raises(ValueError, match=r"\(1, 2\).*\(1, 3\)"):
        match_objects(good, image("011"))
    with pytest.raises(ValueError, match="float32"):
        match_objects(good, good.astype(np.float32))
    with pytest.raises(ValueError, match="outside"):
        match_objects(good.astype(np.int16) - 1, good)
    with pytest.raises(ValueError, match="outside"):
        match_objects(good, good.astype(np.int64) * 2**32)


label_images = arrays(np.uint16, (5, 6), elements=st.sampled_from([0, 0, 1, 2, 3, 65_535]))


@settings(max_examples=60, deadline=None)
@given(label_images, label_images)
def test_agrees_with_sets_of_pixels(reference, result):
    match = match_objects(reference, result)
    references, results = pixels_of(reference), pixels_of(result)
    expected = matches_of(reference, result)
    assert match.reference.tolist() == sorted(references)
    assert match.result.tolist() == sorted(results)
    assert match.matched.tolist() == [expected.get(label, 0) for label in sorted(references)]
    for label, jaccard in zip(match.reference.tolist(), match.jaccard.tolist(), strict=True):
        pixels, other = references[label], results.get(expected.get(label, 0), set())
        assert jaccard == pytest.approx(len(pixels & other) / len(pixels | other))
