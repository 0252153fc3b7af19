"""Exports that need an optional extra: GEFF, OME-Zarr, MP4; of the result of tests/export."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from export.conftest import TRACKS, movie, result  # noqa: F401

from cellseg.ctc import Result
from cellseg.errors import CellsegError
from cellseg.export import (
    import_tracks,
    open_experiment,
    overlays,
    read_geff,
    write_geff,
    write_mp4,
    write_ome_zarr,
)

SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def graph(result, movie, tmp_path):  # noqa: F811
    with open_experiment(result, [movie]) as experiment:
        write_geff(experiment, tmp_path / "01.geff")
    return tmp_path / "01.geff"


def test_geff_validate_finds_nothing_wrong(graph):
    done = subprocess.run([SCRIPTS / "geff", "validate", graph], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_what_the_graph_says(graph):
    geff = pytest.importorskip("geff")
    validation = pytest.importorskip("geff.validate.data").ValidationConfig(
        graph=True, lineage=True, tracklet=True
    )
    found, metadata = geff.read(graph, data_validation=validation)
    assert found.number_of_nodes() == 11 and found.number_of_edges() == 3 + 1 + 2 + 1 + 1
    assert [(axis.name, axis.unit, axis.scale, axis.scaled_unit) for axis in metadata.axes] == [
        ("frame", "frame", 30.0, "second"),
        ("y_px", "pixel", 0.5, "micrometer"),
        ("x_px", "pixel", 0.5, "micrometer"),
    ]
    assert metadata.node_props_metadata["area_um2"].unit == "micrometer^2"
    mother = next(node for node, data in found.nodes(data=True) if (data["track"], data["frame"]) == (2, 1))
    assert sorted(found.nodes[child]["track"] for child in found.successors(mother)) == [3, 4]


def test_a_geff_comes_back_as_it_went(graph, result, tmp_path):  # noqa: F811
    report = import_tracks(read_geff(graph), Result(result).masks, tmp_path / "back")
    assert (report.matched, report.discs) == (11, 0)
    assert (tmp_path / "back" / "res_track.txt").read_text() == TRACKS
    for frame, labels in Result(result).masks.items():
        np.testing.assert_array_equal(Result(tmp_path / "back").masks[frame], labels)


def test_a_geff_in_micrometres_needs_the_size_of_a_pixel(tmp_path):
    networkx, geff = pytest.importorskip("networkx"), pytest.importorskip("geff")
    drawn = networkx.DiGraph()
    drawn.add_node(7, t=0, y=2.0, x=4.0)
    drawn.add_node(3, t=1, y=3.0, x=5.0)
    drawn.add_edge(7, 3)
    geff.write(
        drawn,
        tmp_path / "foreign.geff",
        axis_names=["t", "y", "x"],
        axis_units=["frame", "micrometer", "micrometer"],
        axis_types=["time", "space", "space"],
    )
    with pytest.raises(CellsegError, match="--pixel-size"):
        read_geff(tmp_path / "foreign.geff")
    points = read_geff(tmp_path / "foreign.geff", (0.5, 0.25))
    order = np.argsort(points.frame)
    assert points.place[order].tolist() == [[4, 16], [6, 20]]
    assert points.frame[points.links].tolist() == [[0, 1]]


def test_ome_zarr_opens_with_ome_zarr_py(result, movie, tmp_path):  # noqa: F811
    pytest.importorskip("ome_zarr")
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    with open_experiment(result, [movie]) as experiment:
        write_ome_zarr(experiment, tmp_path / "01.ome.zarr")
    nodes = list(Reader(parse_url(tmp_path / "01.ome.zarr" / "labels" / "cells"))())
    data = next(node for node in nodes if node.data).data[0]
    np.testing.assert_array_equal(np.asarray(data), np.stack(list(Result(result).masks.values())))


def test_ome_zarr_levels_and_scale(result, movie, tmp_path, monkeypatch):  # noqa: F811
    import zarr

    monkeypatch.setattr("cellseg.export.ome_zarr_labels._SMALLEST_SIDE", 10)
    with open_experiment(result, [movie]) as experiment:
        write_ome_zarr(experiment, tmp_path / "01.ome.zarr")
    root = zarr.open_group(tmp_path / "01.ome.zarr", mode="r")
    assert root.metadata.zarr_format == 2
    assert root["labels"].attrs["labels"] == ["cells"]
    (scales,) = root["labels/cells"].attrs["multiscales"]
    assert scales["version"] == "0.4"
    assert scales["axes"] == [
        {"name": "t", "type": "time", "unit": "second"},
        {"name": "y", "type": "space", "unit": "micrometer"},
        {"name": "x", "type": "space", "unit": "micrometer"},
    ]
    whole = np.stack(list(Result(result).masks.values()))
    for level, step in enumerate((1, 2, 4)):
        data = scales["datasets"][level]
        assert data["coordinateTransformations"] == [
            {"type": "scale", "scale": [30.0, 0.5 * step, 0.5 * step]}
        ]
        np.testing.assert_array_equal(root[f"labels/cells/{data['path']}"][:], whole[:, ::step, ::step])
    assert len(scales["datasets"]) == 3


def test_mp4(result, movie, tmp_path):  # noqa: F811
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    with open_experiment(result, [movie]) as experiment:
        write_mp4(experiment, tmp_path / "01.mp4")
        drawn = list(overlays(experiment))
    reader = ffmpeg.read_frames(str(tmp_path / "01.mp4"))
    size = next(reader)["size"]
    shown = [np.frombuffer(frame, np.uint8).reshape(size[1], size[0], 3) for frame in reader]
    assert len(shown) == 4 and shown[0].shape == drawn[0].shape
    for one, other in zip(shown, drawn, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 12
