"""Margins of objects, by hand and pixel by pixel."""

import numpy as np
import pytest

from cellseg.certainty import ROW, certainty_rows, read_certainty, write_certainty


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def means_of(labels, vectors):
    sums = np.zeros((labels.max() + 1, vectors.shape[-1]))
    np.add.at(sums, labels.ravel(), vectors.reshape(-1, vectors.shape[-1]))
    return sums / np.maximum(np.bincount(labels.ravel()), 1)[:, None]


def test_margins_by_hand():
    labels = np.array([[0, 1, 1], [2, 2, 0]])
    means = np.array([[0, 0, 1], [1, 0, 0], [0.6, 0.8, 0]])
    modes = np.array([[2, 0, 0], [0, 3, 0]])  # of any length
    rows = certainty_rows(labels, 7, means, modes)
    assert rows["frame"].tolist() == [7, 7]
    assert rows["id"].tolist() == [1, 2]
    # Object 1 is at its mode and orthogonal to the other; object 2 is between them.
    assert rows["margin"].tolist() == pytest.approx([1.0, 0.2])
    assert rows["uncovered"].tolist() == [0, 0]


def test_the_margin_is_the_mean_over_the_pixels():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, (9, 11))
    labels[labels == 2] = 0  # a number that is missing
    vectors = unit(rng.normal(size=(9, 11, 5)))
    modes = unit(rng.normal(size=(4, 5)))
    rows = certainty_rows(labels, 0, means_of(labels, vectors), modes)
    assert rows["id"].tolist() == [1, 3]
    for row in rows:
        cosines = sorted(
            np.mean([vectors[y, x] @ mode for y, x in np.argwhere(labels == row["id"])]) for mode in modes
        )
        assert row["margin"] == pytest.approx(cosines[-1] - cosines[-2], abs=1e-6)


@pytest.mark.parametrize("modes", [None, np.zeros((0, 2)), np.ones((1, 2))])
def test_without_another_mode_there_is_no_margin(modes):
    rows = certainty_rows(np.array([[1, 0]]), 0, np.ones((2, 2)), modes)
    assert np.isnan(rows["margin"]).all()
    assert len(rows) == 1


def test_pixels_far_from_every_mode_are_counted_for_their_object():
    labels = np.array([[1, 1, 2], [1, 0, 2]])
    uncovered = np.array([[True, False, False], [True, True, False]])
    rows = certainty_rows(labels, 0, np.ones((3, 2)), np.eye(2), uncovered)
    assert rows["uncovered"].tolist() == [2, 0]


def test_the_table_has_final_labels_and_frame_numbers(tmp_path):
    rows = np.zeros(4, ROW)
    rows["frame"], rows["id"] = [0, 0, 1, 1], [1, 2, 1, 5]
    rows["margin"], rows["uncovered"] = [0.5, np.nan, 0.25, 0.1], [0, 3, 0, 0]
    lookups = [np.array([0, 9, 4]), np.array([0, 0, 7])]  # object 1 of the second frame was removed
    write_certainty(tmp_path / "certainty.csv", rows, (10, 11), lambda t: lookups[t])
    first, second = read_certainty(tmp_path / "certainty.csv")
    assert (first["label"], first["uncovered"]) == (4, 3)
    assert np.isnan(first["margin"])
    assert second == {"frame": 10, "label": 9, "margin": 0.5, "uncovered": 0}


def test_a_cell_put_together_from_objects_has_one_row(tmp_path):
    rows = np.zeros(5, ROW)
    rows["id"] = [1, 2, 3, 4, 5]
    rows["margin"], rows["uncovered"] = [0.5, 0.7, 0.25, np.nan, 0.125], [1, 0, 3, 2, 5]
    write_certainty(tmp_path / "certainty.csv", rows, (10,), lambda t: np.array([0, 9, 4, 9, 4, 0]))
    assert (tmp_path / "certainty.csv").read_text() == (
        "frame,label,margin,uncovered\n10,4,0.700,2\n10,9,0.250,4\n"
    )


@pytest.mark.parametrize(
    "content", [None, "", "frame,label\n1,2\n", "frame,label,margin,uncovered\n1,x,0,0\n"]
)
def test_what_is_no_such_table_is_empty(tmp_path, content):
    path = tmp_path / "certainty.csv"
    if content is not None:
        path.write_text(content)
    assert read_certainty(path) == []
