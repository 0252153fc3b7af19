import numpy as np
from tracking_movies import draw

from cellseg.tracking.drawing import Drawn
from cellseg.tracking.drawing import draw as draw_missing


def wanted(mask, label, *, among=(), source=(1,), shift=(0, 0), source_frame=0):
    where = np.argwhere(np.isin(mask, source))
    box = (*where.min(axis=0).tolist(), *(where.max(axis=0) + 1).tolist())
    return Drawn(1, label, among, source_frame, source, box, shift)


def drawn(before, provisional, final, *objects):
    result = final.astype(np.uint16)
    draw_missing(result, provisional, objects, lambda frame: before)
    return result


def test_missing_cell_has_the_shape_it_has_nearby_and_moves():
    before = draw({1: (20, 30, 7), 2: (50, 60, 5)})
    empty = np.zeros_like(before)
    result = drawn(before, empty, empty, wanted(before, 9, shift=(3, -4)))
    assert (result == 9 * draw({1: (23, 26, 7)})).all()
    both = drawn(before, empty, empty, wanted(before, 9, source=(1, 2)))
    assert (both == 9 * (before > 0)).all()


def test_missing_cell_is_drawn_on_the_background_alone():
    before, neighbour = draw({1: (20, 30, 7)}), draw({4: (20, 36, 7)})
    result = drawn(before, neighbour, neighbour, wanted(before, 9))
    assert (result[neighbour > 0] == 4).all()
    assert ((result == 9) == ((before > 0) & (neighbour == 0))).all()


def test_missing_cell_beyond_the_edge_gets_the_pixel_that_is_nearest():
    before = draw({1: (20, 30, 4)})
    empty = np.zeros_like(before)
    result = drawn(before, empty, empty, wanted(before, 9, shift=(-60, 0)))
    assert np.argwhere(result).tolist() == [[0, 30]]


def test_missing_cell_in_a_frame_without_background_gets_a_pixel_of_another_one():
    before = np.array([[1, 1, 0, 0]])
    full = np.array([[3, 4, 4, 5]])
    result = drawn(before, full, full, wanted(before, 9))
    assert result.tolist() == [[3, 9, 4, 5]]


def test_merger_goes_to_the_nearer_of_the_cells_that_are_in_it():
    before = draw({1: (30, 32, 9), 2: (30, 51, 9)})
    merged = np.where(before > 0, 7, 0)
    objects = [wanted(before, label, among=(7,), source=(label - 10,)) for label in (11, 12)]
    result = drawn(before, merged, np.zeros_like(merged), *objects)
    assert (result == np.where(before > 0, before + 10, 0)).all()


def test_pixels_of_a_merger_all_go_to_somebody_and_everybody_gets_some():
    before = draw({1: (30, 32, 9), 2: (30, 51, 9)})
    far = np.zeros_like(before)
    far[60, 90:92] = 7
    objects = [wanted(before, label, among=(7,), source=(label - 10,)) for label in (11, 12)]
    result = drawn(before, far, np.zeros_like(far), *objects)
    assert sorted(result[60, 90:92].tolist()) == [11, 12]
    assert np.count_nonzero(result) == 2


def test_frames_are_read_once_each():
    before = draw({1: (20, 30, 7), 2: (50, 60, 5)})
    reads = []
    result = np.zeros(before.shape, np.uint16)
    objects = [wanted(before, 8), wanted(before, 9, source=(2,)), wanted(before, 7, source_frame=2)]
    draw_missing(result, np.zeros_like(before), objects, lambda frame: reads.append(frame) or before)
    assert sorted(reads) == [0, 2]
