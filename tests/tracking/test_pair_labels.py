import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg.tracking import pair_components, pair_labels


def clusters_of(volume):
    """Clusters and foreground of a drawn volume in which 0 is background and 9 uncovered."""
    volume = np.asarray(volume)
    values = volume[volume > 0]
    return np.where(values == 9, -1, values - 1).astype(np.int32), volume > 0


def label(volume, min_pixels=1):
    return pair_labels(pair_components(*clusters_of(volume)), min_pixels).tolist()


def test_same_cluster_apart_is_two_instances():
    assert label([[[1, 0, 1]], [[1, 0, 1]]]) == [[[1, 0, 2]], [[1, 0, 2]]]


def test_touching_clusters_stay_apart():
    assert label([[[1, 2, 2]], [[1, 1, 2]]]) == [[[1, 2, 2]], [[1, 1, 2]]]


def test_diagonal_neighbours_connect_within_a_frame_but_not_across():
    assert label([[[1, 0], [0, 1]], [[0, 0], [0, 0]]]) == [[[1, 0], [0, 1]], [[0, 0], [0, 0]]]
    assert label([[[1, 0], [0, 0]], [[0, 0], [0, 1]]]) == [[[1, 0], [0, 0]], [[0, 0], [0, 2]]]
    assert label([[[1, 0], [0, 0]], [[0, 1], [0, 0]]]) == [[[1, 0], [0, 0]], [[0, 1], [0, 0]]]


def test_uncovered_pixels_are_background():
    assert label([[[1, 9, 2]], [[9, 9, 9]]]) == [[[1, 0, 2]], [[0, 0, 0]]]


def test_minimum_counts_both_frames_together():
    pair = [[[1, 1, 0, 2]], [[1, 0, 0, 2]]]
    assert label(pair, min_pixels=3) == [[[1, 1, 0, 0]], [[1, 0, 0, 0]]]
    assert label(pair, min_pixels=2) == [[[1, 1, 0, 2]], [[1, 0, 0, 2]]]


def test_enclosed_fragment_is_absorbed():
    frame = [[1, 1, 1], [1, 2, 1], [1, 1, 1]]
    assert label([frame, frame], min_pixels=4) == np.ones((2, 3, 3), int).tolist()


def test_fragment_between_two_instances_goes_to_neither():
    frame = [[1, 1, 3, 2, 2]] * 2
    assert label([frame, frame], min_pixels=5) == [[[1, 1, 0, 2, 2]] * 2] * 2


def test_fragment_beside_background_goes_to_none():
    frame = [[1, 1, 2, 0]]
    assert label([frame, frame], min_pixels=3) == [[[1, 1, 0, 0]]] * 2


def test_daughters_that_inherit_the_cluster_are_two_instances():
    mother, daughters = [1] * 9, [1, 1, 1, 0, 0, 1, 1, 1, 1]
    assert label([[mother], [daughters]], min_pixels=4) == [[[1] * 9], [[2, 2, 2, 0, 0, 1, 1, 1, 1]]]


def test_small_second_piece_is_dropped():
    assert label([[[1, 1, 1, 1, 1]], [[1, 1, 1, 0, 1]]], min_pixels=4)[1] == [[1, 1, 1, 0, 0]]


def test_empty_foreground():
    empty = np.zeros((2, 5, 4), bool)
    result = pair_labels(pair_components(np.zeros(0, np.int32), empty), 10)
    assert result.shape == (2, 5, 4) and result.dtype == np.int32 and not result.any()


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="two frames"):
        pair_components(np.zeros(3, np.int32), np.ones((3, 1, 1), bool))
    with pytest.raises(ValueError, match="foreground pixels"):
        pair_components(np.zeros(3, np.int32), np.ones((2, 1, 1), bool))


def flood(volume):
    """Slow reference: number of the connected component of each pixel, by growing from every pixel."""
    component = np.zeros(volume.shape, int)
    steps = [s for s in np.ndindex(3, 3, 3) if 1 <= sum(abs(v - 1) for v in s) <= 2]
    for start in np.ndindex(volume.shape):
        if volume[start] == 0 or component[start]:
            continue
        number, stack = component.max() + 1, [start]
        component[start] = number
        while stack:
            pixel = stack.pop()
            for step in steps:
                near = tuple(p + s - 1 for p, s in zip(pixel, step, strict=True))
                inside = all(0 <= n < size for n, size in zip(near, volume.shape, strict=True))
                if inside and volume[near] == volume[start] and not component[near]:
                    component[near] = number
                    stack.append(near)
    return component


@settings(max_examples=40, deadline=None)
@given(arrays(np.int32, (2, 5, 6), elements=st.integers(0, 3)))
def test_instances_are_pieces_of_connected_components(volume):
    result = pair_labels(pair_components(*clusters_of(volume)))
    component = flood(volume)
    assert ((result > 0) == (volume > 0)).all()
    assert set(np.unique(result)) - {0} == set(range(1, result.max() + 1))
    for number in range(1, result.max() + 1):
        assert len(np.unique(component[result == number])) == 1
        for frame in (0, 1):
            piece = (result[frame] == number)[None].astype(int)
            assert flood(piece).max() <= 1
    # A component falls apart only where it has several pieces in one frame.
    for number in range(1, component.max() + 1):
        most = max(flood((component[frame] == number)[None].astype(int)).max() for frame in (0, 1))
        whole = len(np.unique(result[component == number]))
        assert whole == 1 if most == 1 else whole >= most
