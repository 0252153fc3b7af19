import numpy as np
import pytest
from tracking_movies import (
    assert_valid,
    draw,
    final_masks,
    link_masks,
    rows,
    run_pipeline,
    tables_of_masks,
)

from cellseg.tracking import LinkerSettings, object_rows, overlap_rows, relabel, solve_lineage
from cellseg.types import CHAIN, NEXT, object_dtype

MOTHER = {1: (30, 40, 10)}
DAUGHTERS = {1: (30, 31, 7), 2: (30, 49, 7)}


def solved(frames, **settings):
    """Link drawn frames as masks; the lineage has passed the challenge's rules."""
    masks = [draw(cells) for cells in frames]
    lineage = link_masks(masks, **settings)
    assert_valid(lineage, final_masks(masks, lineage))
    return lineage


def test_still_cell_with_changing_ids():
    assert rows(solved([{n: (30, 40, 8)} for n in (3, 1, 9, 2)])) == [(1, 0, 3, 0)]


def test_division():
    # The daughters are numbered by position: the upper or left one first.
    assert rows(solved([MOTHER] * 3 + [DAUGHTERS] * 3)) == [(1, 0, 2, 0), (2, 3, 5, 1), (3, 3, 5, 1)]


def test_division_missed_for_a_frame():
    frames = [MOTHER] * 3 + [{}] + [DAUGHTERS] * 3
    assert rows(solved(frames)) == [(1, 0, 2, 0), (2, 4, 6, 1), (3, 4, 6, 1)]
    assert all(parent == 0 for *_, parent in rows(solved(frames, parent_search_frames=1, max_gap=0)))


def test_mother_that_seems_to_live_on_is_cut():
    # One daughter lies where the mother was, and overlaps her well.
    daughters = {1: (30, 36, 8), 2: (30, 53, 7)}
    shifted = [{1: (30, 42, 10)}] * 3 + [daughters] * 3
    assert rows(solved(shifted, min_overlap=0.2)) == [(1, 0, 2, 0), (2, 3, 5, 1), (3, 3, 5, 1)]


def test_entering_neighbour_is_no_daughter():
    neighbours = {1: (30, 40, 10), 2: (30, 61, 10)}
    assert rows(solved([MOTHER] * 3 + [neighbours] * 3)) == [(1, 0, 5, 0), (2, 3, 5, 0)]


def test_debris_is_no_daughter():
    debris = {1: (30, 37, 8), 2: (30, 50, 2)}
    assert rows(solved([MOTHER] * 3 + [debris] * 3)) == [(1, 0, 5, 0), (2, 3, 5, 0)]


def test_flicker_beside_a_cell_is_no_daughter():
    frames = [MOTHER] * 3 + [DAUGHTERS] + [MOTHER] * 3
    assert all(parent == 0 for *_, parent in rows(solved(frames)))


def test_false_split_leaves_the_mother_whole():
    # One half is swallowed again by the other after some frames.
    halves = {1: (30, 36, 8), 2: (30, 51, 7)}
    frames = [{1: (30, 42, 11)}] * 3 + [halves] * 4 + [{1: (30, 42, 11)}] * 3
    lineage = solved(frames, min_overlap=0.2)
    assert rows(lineage) == [(1, 0, 9, 0), (2, 3, 6, 0)]
    divided = solved(frames, min_overlap=0.2, false_split_max_life=3)
    assert [parent for *_, parent in rows(divided)].count(1) == 2


def test_coexisting_labels_are_never_merged():
    # In frame 0 already split, later one: the published repair gives one id to two cells here.
    frames = [DAUGHTERS] * 3 + [{1: (30, 40, 14)}] * 4
    masks = [draw(cells) for cells in frames]
    lineage = link_masks(masks)
    for frame, final in enumerate(final_masks(masks, lineage)):
        assert len(np.unique(final)) == len(frames[frame]) + 1


def test_short_gap_gets_an_only_child():
    lineage = solved([MOTHER] * 3 + [{}] + [{1: (30, 42, 10)}] * 3)
    assert rows(lineage) == [(1, 0, 2, 0), (2, 4, 6, 1)]


def test_long_gap_is_two_cells():
    frames = [MOTHER] * 3 + [{}, {}] + [MOTHER] * 3
    assert rows(solved(frames)) == [(1, 0, 2, 0), (2, 5, 7, 0)]
    assert rows(solved(frames, max_gap=2)) == [(1, 0, 2, 0), (2, 5, 7, 1)]


def test_gap_does_not_bridge_to_something_else():
    assert all(p == 0 for *_, p in rows(solved([MOTHER] * 3 + [{}] + [{1: (30, 42, 3)}] * 3)))
    assert all(p == 0 for *_, p in rows(solved([MOTHER] * 3 + [{}] + [{1: (30, 80, 10)}] * 3)))


def test_fast_cell_is_one_track():
    # Eight pixels per frame at a diameter of eight: hardly any overlap with itself.
    assert rows(solved([{1: (30, 10 + 8 * t, 4)} for t in range(7)])) == [(1, 0, 6, 0)]


def test_crossing_cells_keep_their_tracks():
    frames = [{1: (26, 20 + 5 * t, 8), 2: (44, 70 - 5 * t, 8)} for t in range(10)]
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 9, 0), (2, 0, 9, 0)]
    last = relabel(draw(frames[-1]), lineage.final_labels(9))
    assert last[26, 65] == 1 and last[44, 25] == 2


def test_short_lonely_track_is_removed_unless_the_movie_cuts_it():
    frames = [dict(MOTHER) for _ in range(6)]
    frames[3][5] = (10, 80, 4)
    frames[0][5] = (55, 80, 4)
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 5, 0), (2, 0, 0, 0)]
    assert lineage.final_labels(3).tolist() == [0, 1, 0, 0, 0, 0]
    assert len(solved(frames, min_track_length=1).tracks) == 3


def test_tracks_are_numbered_by_begin_then_position():
    late, right, left = (10, 10, 5), (30, 60, 5), (30, 20, 5)
    frames = [{8: right, 9: left}] * 2 + [{8: right, 9: left, 1: late}] * 2
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 3, 0), (2, 0, 3, 0), (3, 2, 3, 0)]
    assert lineage.final_labels(3).tolist() == [0, 3, 0, 0, 0, 0, 0, 0, 2, 1]


@pytest.mark.parametrize("frames", [[MOTHER], [{}], [{}, {}, {}], [{}, MOTHER, {}]])
def test_one_frame_and_empty_frames(frames):
    lineage = solved(frames, min_track_length=1)
    assert len(lineage.tracks) == sum(map(len, frames))


def test_one_frame_keeps_its_cells():
    assert rows(solved([DAUGHTERS])) == [(1, 0, 0, 0), (2, 0, 0, 0)]


def test_empty_tables():
    objects, overlaps = tables_of_masks([draw({})])
    lineage = solve_lineage(objects, overlaps)
    assert lineage.tracks == () and lineage.final_labels(0).tolist() == [0]


def test_chain_outweighs_overlap():
    """Two cells swap places; only the pairs' ids know."""
    masks = [draw({1: (30, 20, 8), 2: (30, 60, 8)})] * 2
    first_half = draw({2: (30, 20, 8), 1: (30, 60, 8)})
    objects, overlaps = tables_of_masks(masks)
    chained = np.concatenate([overlaps, overlap_rows(masks[0], first_half, 0, CHAIN)])
    for table, expected in ((overlaps, [0, 1, 2]), (chained, [0, 2, 1])):
        assert solve_lineage(objects, table).final_labels(1).tolist() == expected


def test_poor_chain_match_is_no_link():
    mask, far = draw({1: (30, 20, 8)}), draw({1: (30, 70, 8)})
    objects = np.concatenate([object_rows(mask, 0), object_rows(far, 1)])
    sliver = draw({1: (30, 34, 8)})
    overlaps = np.concatenate([overlap_rows(mask, sliver, 0, CHAIN), overlap_rows(mask, far, 0, NEXT)])
    assert len(solve_lineage(objects, overlaps).tracks) == 2


def test_too_many_tracks_are_refused():
    objects = np.zeros(65_536, object_dtype(0))
    objects["id"] = np.arange(1, 65_537)
    objects["area"] = 1
    objects["centroid"][:, 0] = objects["id"] * 10
    nothing = tables_of_masks([draw({})])[1]
    with pytest.raises(ValueError, match="65536 tracks"):
        solve_lineage(objects, nothing)
    assert len(solve_lineage(objects[:-1], nothing).tracks) == 65_535


def test_ambiguous_tables_are_refused():
    objects, overlaps = tables_of_masks([draw(MOTHER)])
    with pytest.raises(ValueError, match="same id"):
        solve_lineage(np.concatenate([objects, objects]), overlaps)
    objects["id"] = 0
    with pytest.raises(ValueError, match="background"):
        solve_lineage(objects, overlaps)


def test_relabel_refuses_unknown_ids():
    with pytest.raises(ValueError, match="not in the lookup"):
        relabel(draw({4: (30, 30, 4)}), np.zeros(4, np.uint16))


@pytest.mark.parametrize(
    "wrong", [{"min_overlap": 0}, {"parent_min_overlap": 1.5}, {"max_gap": -1}, {"min_track_length": 0}]
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LinkerSettings(**wrong)


def test_moving_discs_from_clusters_to_lineage():
    """Two cells pass each other, one enters, one divides; every pair has ids of its own."""
    frames = []
    for t in range(12):
        cells = {1: (12, 10 + 4 * t, 7), 2: (32, 70 - 4 * t, 7)}
        if t >= 3:
            cells[3] = (52, 3 * (t - 3), 6)
        if t < 6:
            cells[4] = (52, 80, 8)
        else:
            cells |= {5: (46 - (t - 6), 80, 5), 6: (58 + min(t - 6, 2) / 2, 80, 5)}
        frames.append(cells)
    masks, lineage = run_pipeline(frames, np.random.default_rng(3))
    assert_valid(lineage, masks)
    assert rows(lineage) == [
        (1, 0, 11, 0),
        (2, 0, 11, 0),
        (3, 0, 5, 0),
        (4, 3, 11, 0),
        (5, 6, 11, 3),
        (6, 6, 11, 3),
    ]
    assert masks[11][12, 54] == 1 and masks[11][32, 26] == 2
