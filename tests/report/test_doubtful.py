"""What a person should look at, on tables made by hand."""

import numpy as np
import pytest

from cellseg.report import Doubt, ObjectTable, find_certainty_doubts, find_doubts, find_run_doubts
from cellseg.report.doubtful import first_of_each_kind
from cellseg.report.table import ROW
from cellseg.types import Track

FRAMES = range(10)


def cell(label, begin=0, end=9, area=100, at=(50, 50), edge=40):
    """A cell that stays as it is; `area` and `at` may give a value per frame."""
    rows = np.zeros(end - begin + 1, ROW)
    rows["label"], rows["frame"] = label, np.arange(begin, end + 1)
    rows["area"], rows["centroid"], rows["edge"] = area, at, edge
    return rows


def doubts(*cells, parents=None, border=0):
    parents = parents or {}
    rows = np.concatenate(cells)
    tracks = [
        Track(
            label,
            rows["frame"][rows["label"] == label].min(),
            rows["frame"][rows["label"] == label].max(),
            parents.get(label, 0),
        )
        for label in np.unique(rows["label"]).tolist()
    ]
    by_frame = [rows[rows["frame"] == frame] for frame in FRAMES]
    found = find_doubts(ObjectTable.gather(FRAMES, by_frame, tracks), border)
    return [(doubt.frame, doubt.kind, doubt.label) for doubt in found]


def test_a_cell_that_is_there_all_the_time_is_in_order() -> None:
    assert doubts(cell(1), cell(2, at=(10, 10))) == []


@pytest.mark.parametrize(("edge", "border", "expected"), [(40, 0, True), (2, 0, False), (40, 50, False)])
def test_a_track_that_begins_and_ends_inside_the_field(edge: int, border: int, expected: bool) -> None:
    found = doubts(cell(1), cell(2, begin=3, end=6, edge=edge), border=border)
    assert found == ([(3, "begins", 2), (6, "ends", 2)] if expected else [])


def test_a_division_neither_begins_nor_ends_in_the_field() -> None:
    family = cell(1, end=4), cell(2, begin=5), cell(3, begin=5)
    assert doubts(*family, parents={2: 1, 3: 1}) == []
    assert doubts(*family) == [(4, "ends", 1), (5, "begins", 2), (5, "begins", 3)]


def test_three_daughters_are_many() -> None:
    family = cell(1, end=4), cell(2, begin=5), cell(3, begin=5), cell(4, begin=5)
    assert doubts(*family, parents={2: 1, 3: 1, 4: 1}) == [(4, "many daughters", 1)]


def test_an_object_of_one_frame_is_told_once() -> None:
    assert doubts(cell(1), cell(2, begin=4, end=4)) == [(4, "one frame", 2)]


def test_a_sudden_change_of_area_is_told_in_the_frame_of_the_change() -> None:
    area = [100] * 5 + [160] * 5
    assert doubts(cell(1, area=area), cell(2)) == [(5, "area", 1)]
    assert doubts(cell(1, area=[100] * 5 + [149] * 5), cell(2)) == []
    assert doubts(cell(1, area=area, edge=1), cell(2)) == []


def test_what_is_usual_in_a_movie_is_not_sudden() -> None:
    flicker = [100, 200] * 5
    assert doubts(*(cell(label, area=flicker) for label in (1, 2, 3))) == []


def test_a_jump_of_more_than_a_radius_is_told() -> None:
    there = np.array([(50, 50)] * 5 + [(50, 60)] * 5)
    assert doubts(cell(1, at=there, area=320), cell(2)) == []  # radius 10.1
    assert doubts(cell(1, at=there, area=300), cell(2)) == [(5, "move", 1)]


def test_objects_that_no_track_lists_get_one() -> None:
    table = ObjectTable.gather([3, 4], [cell(7, 3, 3), cell(7, 4, 4)], [])
    assert table.tracks == (Track(7, 3, 4, 0),)


def test_no_kind_crowds_out_another() -> None:
    many = [Doubt(frame, "area", 1, "") for frame in range(9)]
    rare = Doubt(8, "move", 2, "")
    assert first_of_each_kind([*many, rare], 2) == [many[0], many[1], rare]


def margin_doubts(margins):
    """Doubts about cells (label: margins by frame) that are there all the time."""
    table = ObjectTable.gather(
        FRAMES, [np.concatenate([cell(label)[[f]] for label in margins]) for f in FRAMES], []
    )
    rows = [
        {"frame": float(frame), "label": float(label), "margin": margin, "uncovered": 0.0}
        for label, all_frames in margins.items()
        for frame, margin in enumerate(all_frames)
    ]
    return [(doubt.frame, doubt.kind, doubt.label) for doubt in find_certainty_doubts(rows, table)]


def test_a_cell_that_is_hardly_told_from_another_is_told_once_where_it_is_worst() -> None:
    sure = [0.95, 0.9, 0.93, 0.96, 0.9, 0.92, 0.94, 0.91, 0.95, 0.9]
    twice = [0.95, 0.9, 0.2, 0.1, 0.15, 0.92, 0.94, 0.91, 0.05, 0.9]
    assert margin_doubts({1: sure, 2: twice}) == [(3, "margin", 2), (8, "margin", 2)]
    assert margin_doubts({1: sure, 2: sure}) == []


def uncovered_doubts(uncovered, network_pixel=1.0):
    """Doubts about cells of 100 pixels (label: uncovered pixels by frame) that are sure of themselves."""
    rows = [
        {"frame": float(frame), "label": float(label), "margin": 0.9, "uncovered": float(pixels)}
        for label, all_frames in uncovered.items()
        for frame, pixels in enumerate(all_frames)
    ]
    by_frame = [np.concatenate([cell(label)[[frame]] for label in uncovered]) for frame in FRAMES]
    found = find_certainty_doubts(rows, ObjectTable.gather(FRAMES, by_frame, []), network_pixel)
    return [(doubt.frame, doubt.kind, doubt.label) for doubt in found]


def test_a_cell_that_is_mostly_like_no_mode_is_told() -> None:
    odd = [0, 40, 0, 60, 90, 0, 0, 0, 0, 0]
    assert uncovered_doubts({1: [0] * 10, 2: odd}) == [(4, "uncovered", 2)]
    # In pixels of a network that sees at half the scale.
    assert uncovered_doubts({1: [0] * 10, 2: [0, 14, 0, 0, 0, 0, 0, 0, 0, 0]}, 4.0) == [(1, "uncovered", 2)]


def test_many_of_them_are_told_once_of_the_movie() -> None:
    assert uncovered_doubts({1: [0] * 10, 2: [90] * 10}) == [(0, "uncovered", 0)]


def test_margins_of_one_mode_or_of_cells_that_are_gone_say_nothing() -> None:
    assert margin_doubts({1: [np.nan] * 10}) == []
    rows = [{"frame": 3.0, "label": 7.0, "margin": 0.0, "uncovered": 0.0}]
    table = ObjectTable.gather(FRAMES, [cell(1)[[frame]] for frame in FRAMES], [])
    assert find_certainty_doubts(rows, table) == find_certainty_doubts([], table) == []


def test_foreground_as_large_as_a_cell_that_is_in_none_is_told_of_its_frame() -> None:
    # A cell of 20 pixels has 314, and a quarter of that at a network scale of 2 x 2.
    preparation = {"cell_diameter_px": 20, "input_px_per_network_px": [2, 2]}
    record = {
        "model": {"preparation": preparation},
        "pairs": [
            {"frame": 4, "unlabelled": [60, 10]},
            {"frame": 5, "unlabelled": [90, 90]},
            {"frame": 6, "unlabelled": [0, 20]},
        ],
    }
    assert [(doubt.frame, doubt.kind) for doubt in find_run_doubts(record)] == [
        (4, "unlabelled"),  # of the first frame, which no other pair ends with
        (6, "unlabelled"),
    ]


def test_the_run_tells_of_seeds_that_never_came_to_rest() -> None:
    record = {
        "settings": {"clustering": {"max_iterations": 300}},
        "pairs": [
            {"frame": 4, "iterations": 12},
            {"frame": 5, "iterations": 300},
        ],
    }
    assert [(doubt.frame, doubt.kind) for doubt in find_run_doubts(record)] == [(5, "unsettled")]
    assert find_run_doubts({}) == []
