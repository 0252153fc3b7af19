"""Measurements of hand-made objects and tracks."""

import csv
import math

import numpy as np
import pytest
from skimage.measure import regionprops

from cellseg.ctc import write_mask
from cellseg.errors import CellsegError
from cellseg.export import measure, open_experiment, write_csv


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tables(result, movie, tmp_path):
    with open_experiment(result, [movie]) as experiment:
        write_csv(experiment, tmp_path / "tables")
    return read(tmp_path / "tables" / "objects.csv"), read(tmp_path / "tables" / "tracks.csv")


def test_an_object_by_hand(tables):
    row = next(row for row in tables[0] if (row["track"], row["frame"]) == ("1", "2"))
    # Rows 2-5, columns 10-13 of a frame 60 pixels wide whose intensities count the pixels, from 2 on.
    values = [60 * y + x + 2 for y in range(2, 6) for x in range(10, 14)]
    mean = sum(values) / 16
    expected = {
        "time_s": 60,
        "y_px": 3.5,
        "x_px": 11.5,
        "y_um": 1.75,
        "x_um": 5.75,
        "area_px": 16,
        "area_um2": 4,
        "perimeter_px": 12,
        "perimeter_um": 6,
        "eccentricity": 0,
        "solidity": 1,
        "circularity": 4 * math.pi * 16 / 144,
        "touches_border": 0,
        "mean_ch1": mean,
        "std_ch1": math.sqrt(sum((value - mean) ** 2 for value in values) / 16),
        "min_ch1": min(values),
        "max_ch1": max(values),
        "median_ch1": (sorted(values)[7] + sorted(values)[8]) / 2,
        "sum_ch1": sum(values),
    }
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=1e-6)
    # The ellipse of equal second moments of a square of side a has axes of length 4 a / sqrt(12), for a
    # lattice of 4 x 4 pixels with (a^2 - 1) / 12.
    assert float(row["major_axis_px"]) == pytest.approx(4 * math.sqrt(15 / 12 + 1 / 12), rel=0.05)


def test_one_pixel_at_the_border(tables):
    row = next(row for row in tables[0] if row["track"] == "5")
    assert (row["area_px"], row["touches_border"], row["circularity"], row["std_ch1"]) == ("1", "1", "", "0")


def test_tracks_by_hand(tables):
    rows = {row["track"]: row for row in tables[1]}
    moving = {
        "path_px": 9,
        "displacement_px": 9,
        "directness": 1,
        "path_um": 4.5,
        "duration_frames": 3,
        "duration_s": 90,
        "speed_px_per_frame": 3,
        "speed_um_per_min": 3,
        "mean_area_um2": 4,
        "frames": 4,
        "begin_s": 0,
    }
    assert {name: float(rows["1"][name]) for name in moving} == pytest.approx(moving)
    mother = rows["2"]
    assert (mother["daughters"], mother["division_frame"], mother["division_s"]) == ("3 4", "2", "60")
    assert mother["directness"] == ""  # it never moved
    assert [(rows[name]["parent"], rows[name]["lineage"]) for name in "345"] == [
        ("2", "2"),
        ("2", "2"),
        ("0", "5"),
    ]
    assert rows["1"]["division_frame"] == "" and rows["5"]["speed_px_per_frame"] == ""


def test_without_units_there_are_pixels_alone(result, tmp_path):
    with open_experiment(result) as experiment:
        write_csv(experiment, tmp_path / "tables")
    for table in ("objects", "tracks"):
        names = set(read(tmp_path / "tables" / f"{table}.csv")[0])
        assert not [name for name in names if "_um" in name or name.endswith("_s") or "_ch" in name]


def test_a_given_unit_replaces_the_movies(result, movie):
    with open_experiment(result, [movie, movie], pixel_size=2.0, frame_interval=1.0) as experiment:
        columns = next(measure(experiment))
    assert columns["area_um2"].tolist() == [64, 240]
    np.testing.assert_array_equal(columns["mean_ch1"], columns["mean_ch2"])


def test_against_regionprops_one_by_one(result, movie):
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, (10, 15)).repeat(4, 0).repeat(4, 1).astype(np.uint16) * 7
    write_mask(result / "mask000.tif", labels)
    (result / "res_track.txt").write_text("7 0 0 0\n14 0 0 0\n21 0 0 0\n")
    with open_experiment(result, [movie]) as experiment:
        columns = next(measure(experiment))
        image = experiment.images(0)[0]
    for index, region in enumerate(regionprops(labels, image)):
        inside = image[labels == region.label]
        found = {name: values[index] for name, values in columns.items()}
        assert found["area_px"] == region.area
        assert (found["y_px"], found["x_px"]) == pytest.approx(region.centroid, rel=1e-5)
        assert found["perimeter_px"] == region.perimeter
        assert found["solidity"] == region.solidity
        for name, function in {"mean": np.mean, "std": np.std, "median": np.median, "sum": np.sum}.items():
            assert found[f"{name}_ch1"] == pytest.approx(function(inside))


def test_a_frame_at_a_time(result):
    asked = []
    with open_experiment(result) as experiment:
        rows = measure(experiment, lambda frames: (asked.append(frame) or frame for frame in frames))
        next(rows)
        assert asked == [0]


def test_masks_and_tracks_must_agree(result):
    (result / "res_track.txt").write_text("1 0 3 0\n")
    with open_experiment(result) as experiment, pytest.raises(CellsegError, match="on label 2"):
        list(measure(experiment))


def test_a_movie_of_another_size_is_refused(result, movie, tmp_path):
    from tifffile import imwrite

    imwrite(tmp_path / "other.tif", np.zeros((4, 10, 10), np.uint8), photometric="minisblack")
    with pytest.raises(CellsegError, match="10 x 10"), open_experiment(result, [tmp_path / "other.tif"]):
        pass
    imwrite(tmp_path / "short.tif", np.zeros((2, 40, 60), np.uint8))
    with (
        pytest.raises(CellsegError, match="lacks frame 2"),
        open_experiment(result, [tmp_path / "short.tif"]),
    ):
        pass
