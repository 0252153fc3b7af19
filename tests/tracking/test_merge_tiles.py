"""Components of a tile, and the merge of tiles: of touching clumps, the larger wins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg.tracking import merge_tiles, pair_components


def row(*frames):
    """One row of labels in each of two frames (or the same in both)."""
    return np.array([frames[0], frames[-1]], np.int32)[:, None]


def merged(*tiles, corners, width, inner_border=1):
    """Merge tiles of one row; both frames are the same."""
    result = merge_tiles(tiles, [(0, x) for x in corners], (1, width), inner_border)
    assert result.dtype == np.int32
    assert (result[0] == result[1]).all()
    return result[0, 0].tolist()


def test_a_single_tile_is_the_frame_but_for_gaps_in_its_numbers():
    tile = row([3, 3, 0, 7, 1])
    assert merged(tile, corners=[0], width=5) == [2, 2, 0, 3, 1]


def test_the_same_number_in_two_tiles_is_two_instances():
    left, right = row([1, 0, 0, 0, 0, 0]), row([0, 0, 0, 0, 0, 1])
    assert merged(left, right, corners=[0, 3], width=9) == [1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_what_touches_an_inner_side_is_dropped_and_comes_from_the_other_tile():
    left, right = row([0, 0, 0, 0, 1, 1]), row([0, 1, 1, 0, 0, 0])
    assert merged(left, right, corners=[0, 3], width=9) == [0, 0, 0, 0, 1, 1, 0, 0, 0]


def test_one_frame_at_an_inner_side_is_enough():
    left, right = row([0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1]), row([0, 0, 0, 0, 0, 0])
    result = merge_tiles([left, right], [(0, 0), (0, 3)], (1, 9), 1)
    assert not result.any()


def test_sides_of_the_frame_are_no_inner_sides():
    tile = row([1, 1, 0, 2, 2])
    assert merged(tile, corners=[0], width=5, inner_border=3) == [1, 1, 0, 2, 2]


def test_the_rim_is_a_band_at_the_left_too():
    # The published program takes one column for the rim at the left.
    left, right = row([0] * 6), row([0, 1, 1, 0, 0, 2])
    assert merged(left, right, corners=[0, 6], width=12, inner_border=2) == [0] * 7 + [1, 1, 0, 0, 2]
    right = row([0, 1, 0, 0, 0, 2])
    assert merged(left, right, corners=[0, 6], width=12, inner_border=2) == [0] * 11 + [1]


def test_the_same_cell_in_two_tiles_is_written_once():
    left, right = row([0, 0, 0, 0, 1, 1, 0, 0]), row([0, 1, 1, 0, 0, 0, 0, 0])
    assert merged(left, right, corners=[0, 3], width=11) == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_the_larger_clump_wins():
    left, right = row([0, 0, 1, 1, 2, 0]), row([0, 0, 1, 1, 1, 0, 0, 0])
    # The later tile's clump is no larger, so the earlier one stays.
    assert merged(left, right, corners=[0, 2], width=10) == [0, 0, 1, 1, 2, 0, 0, 0, 0, 0]
    right = row([0, 0, 1, 2, 2, 2, 0, 0])
    assert merged(left, right, corners=[0, 2], width=10) == [0, 0, 0, 0, 1, 2, 2, 2, 0, 0]


def test_a_winner_brings_its_neighbours_and_erases_all_that_they_cover():
    left = row([0, 1, 1, 0, 2, 0, 0, 3, 3, 0])
    right = row([0, 1, 1, 1, 2, 2, 0, 0, 0, 0])
    # Instance 1 of the right tile covers 2 of the left; its neighbour covers half of 3.
    result = merged(left, right, corners=[0, 2], width=20)
    assert result == [0, 1, 1, 2, 2, 2, 3, 3] + [0] * 12


def test_a_loser_is_left_out_alone():
    left, right = row([0, 1, 1, 1, 1, 0, 0, 0]), row([0, 0, 1, 2, 0, 0, 0, 0])
    # Instance 1 covers the larger clump; instance 2, its neighbour, covers nothing and is written.
    assert merged(left, right, corners=[0, 2], width=10) == [0, 1, 1, 1, 1, 2, 0, 0, 0, 0]


def test_what_has_been_erased_is_in_nobodys_way():
    first, second = row([0, 0, 0, 0, 1, 1, 1]), row([1, 1, 1, 1, 1, 0, 2])
    assert merged(first, second, corners=[0, 0], width=7) == [1, 1, 1, 1, 1, 0, 2]
    # The other way round, instance 1 meets the earlier clump, and loses.
    second = row([2, 2, 2, 2, 2, 0, 1])
    assert merged(first, second, corners=[0, 0], width=7) == [1, 1, 1, 1, 1, 0, 0]


def test_a_clump_reaches_through_both_frames():
    first = row([1, 1, 1, 1], [0, 0, 0, 0])
    second = row([1, 1, 0, 0], [0, 1, 1, 1])
    result = merge_tiles([first, second], [(0, 0), (0, 0)], (1, 4), 1)
    assert result.tolist() == [[[1, 1, 0, 0]], [[0, 1, 1, 1]]]


def test_tiles_without_foreground_or_without_background():
    empty, full = np.zeros((2, 4, 4), np.int32), np.ones((2, 4, 4), np.int32)
    assert not merge_tiles([empty], [(0, 0)], (4, 4)).any()
    assert (merge_tiles([full], [(0, 0)], (4, 4)) == 1).all()
    assert not merge_tiles([full, full], [(0, 0), (0, 2)], (4, 6)).any()


def grown(pixels):
    """Regions of a set of pixels (t, y, x) that touch by a side, as a list of sets."""
    left, regions = set(pixels), []
    while left:
        region, edge = set(), {left.pop()}
        while edge:
            t, y, x = pixel = edge.pop()
            region.add(pixel)
            near = {(t - 1, y, x), (t + 1, y, x), (t, y - 1, x), (t, y + 1, x), (t, y, x - 1), (t, y, x + 1)}
            edge |= near & left
            left -= near
        regions.append(region)
    return regions


def slow_merge(tiles, corners, shape, inner_border):
    """The rules word by word, on sets of pixels: {pixel: (tile, number)}."""
    canvas = {}
    for index, (labels, (top, left)) in enumerate(zip(tiles, corners, strict=True)):
        bottom, right = top + labels.shape[1], left + labels.shape[2]
        instances = {}
        for t, y, x in np.argwhere(labels):
            instances.setdefault(int(labels[t, y, x]), set()).add((int(t), int(y) + top, int(x) + left))

        def inside(pixel, margin, box=(top, left, bottom, right)):
            _, y, x = pixel
            return (
                (y >= box[0] + margin or box[0] == 0)
                and (x >= box[1] + margin or box[1] == 0)
                and (y < box[2] - margin or box[2] == shape[0])
                and (x < box[3] - margin or box[3] == shape[1])
            )

        instances = {
            number: pixels
            for number, pixels in instances.items()
            if all(inside(pixel, 1) for pixel in pixels)
        }
        name = {pixel: (index, number) for number, pixels in instances.items() for pixel in pixels}
        clumps = grown(name)
        earlier = grown(canvas)
        for number, pixels in sorted(instances.items()):
            if not any(inside(pixel, inner_border) for pixel in pixels):
                continue
            if not any(pixels & clump for clump in earlier):
                canvas.update({pixel: (index, number) for pixel in pixels})
                continue
            ours = set().union(*(clump for clump in clumps if clump & pixels))
            theirs = [clump for clump in earlier if clump & ours]
            if len(ours) > sum(map(len, theirs)):
                for clump in theirs:
                    earlier.remove(clump)
                    for pixel in clump:
                        del canvas[pixel]
                canvas.update({pixel: name[pixel] for pixel in ours})
    numbers = {name: number for number, name in enumerate(sorted(set(canvas.values())), start=1)}
    result = np.zeros((2, *shape), np.int32)
    for pixel, name in canvas.items():
        result[pixel] = numbers[name]
    return result


blocky = arrays(np.int32, (2, 3, 3), elements=st.sampled_from([0, 0, 1, 2, 3]))


@settings(max_examples=150, deadline=None)
@given(st.lists(blocky, min_size=4, max_size=4), st.integers(1, 3), st.booleans())
def test_as_the_rules_say(drawn, inner_border, still):
    # Labels of 2 x 2 pixels, so that there are instances of some size.
    tiles = [tile.repeat(2, axis=1).repeat(2, axis=2) for tile in drawn]
    if still:
        tiles = [np.stack([tile[0], tile[0]]) for tile in tiles]
    corners, shape = [(0, 0), (3, 0), (0, 2), (3, 2)], (9, 8)
    expected = slow_merge(tiles, corners, shape, inner_border)
    assert (merge_tiles(tiles, corners, shape, inner_border) == expected).all()


def test_as_the_rules_say_where_there_are_many_cells():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:60, :70]
    corners = [(y, x) for x in (0, 16, 32, 38) for y in (0, 16, 28)]
    tiles = []
    for top, left in corners:
        tile = np.zeros((2, 60, 70), np.int32)
        for number in range(1, 90):
            # Cells that every tile sees somewhat differently.
            cy, cx = (number * 37) % 60 + rng.normal(0, 0.7), (number * 23) % 70 + rng.normal(0, 0.7)
            radius = rng.uniform(1.5, 4)
            for t in (0, 1):
                tile[t][np.hypot(y - cy - t, x - cx) < radius] = number
        tiles.append(pair_components(tile[tile > 0], tile > 0)[:, top : top + 32, left : left + 32])
    result = merge_tiles(tiles, corners, (60, 70), 4)
    assert (result == slow_merge(tiles, corners, (60, 70), 4)).all()
    assert result.max() > 15


def test_components_of_a_pair():
    volume = np.array([[[1, 0, 1, 2]], [[1, 0, 0, 2]]])
    labels = pair_components(volume[volume > 0] - 1, volume > 0)
    assert labels.dtype == np.int32
    assert labels.tolist() == [[[1, 0, 2, 3]], [[1, 0, 0, 3]]]
    # The least size counts both frames, and a component may have several pieces in one frame.
    labels = pair_components(volume[volume > 0] - 1, volume > 0, min_pixels=2)
    assert labels.tolist() == [[[1, 0, 0, 2]], [[1, 0, 0, 2]]]
    mother = np.array([[[1, 1, 1]], [[1, 0, 1]]])
    assert pair_components(mother[mother > 0], mother > 0).tolist() == mother.tolist()


def test_hundreds_of_components_do_not_wrap():
    volume = np.zeros((2, 1, 1001), bool)
    volume[:, :, ::2] = True
    labels = pair_components(np.zeros(1002, np.int64), volume)
    assert labels.max() == 501


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="two frames"):
        pair_components(np.zeros(3, np.int32), np.ones((3, 1, 1), bool))
    with pytest.raises(ValueError, match="foreground pixels"):
        pair_components(np.zeros(3, np.int32), np.ones((2, 1, 1), bool))
