"""The napari plugin, without a screen: manifest, readers, and the widget at work in a viewer's model."""

import os
import time

import numpy as np
import pytest
from e2e.conftest import draw, model, movie  # noqa: F401
from tifffile import imwrite

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

napari = pytest.importorskip("napari")
npe2 = pytest.importorskip("npe2")
pytest.importorskip("qtpy.QtWidgets", exc_type=Exception)

from napari.components import ViewerModel  # noqa: E402
from napari.layers import Layer  # noqa: E402
from napari.qt import get_qapp  # noqa: E402

import cellseg  # noqa: E402
from cellseg.ctc import validate  # noqa: E402
from cellseg.errors import CellsegError  # noqa: E402
from cellseg.napari.readers import get_movie_reader, get_result_reader  # noqa: E402
from cellseg.napari.widget import TrackCells  # noqa: E402

SMALL = {"instances.min_area": 20}


@pytest.fixture(scope="session")
def application():
    return get_qapp()


@pytest.fixture
def viewer(application, model, monkeypatch):  # noqa: F811
    monkeypatch.setenv("CELLSEG_MODELS", str(model.parent))
    return ViewerModel()


@pytest.fixture
def result(movie, model, tmp_path):  # noqa: F811
    return cellseg.track(movie, model, output=tmp_path / "out", device="cpu", settings=SMALL).folder


@pytest.fixture
def manager():
    """What napari finds plugins with."""
    manager = npe2.PluginManager()
    manager.register(npe2.PluginManifest.from_distribution("cellseg-rshn"))
    manager.activate("cellseg-rshn")
    return manager


def until(application, happened, seconds=120):
    """Let the window's events happen until something is so."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        application.processEvents()
        time.sleep(0.005)


def opened(viewer, layers):
    return [viewer.add_layer(Layer.create(*layer)) for layer in layers]


def test_the_manifest_is_valid_and_everything_it_names_is_there():
    manifest = npe2.PluginManifest.from_distribution("cellseg-rshn")
    manifest.validate_imports()
    assert {command.id for command in manifest.contributions.commands} == {
        "cellseg-rshn.read_result",
        "cellseg-rshn.read_movie",
        "cellseg-rshn.write_result",
        "cellseg-rshn.track",
    }


def test_no_qt_binding_is_required():
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in requires("cellseg-rshn")]
    bindings = [
        (requirement.name, str(requirement.marker))
        for requirement in wanted
        if requirement.name.lower().startswith(("pyqt", "pyside"))
    ]
    assert all("qt" in marker for _, marker in bindings)


def test_a_result_opens_with_its_lineage(viewer, divided):
    assert get_movie_reader(str(divided)) is None
    labels, tracks = opened(viewer, get_result_reader(str(divided))(str(divided)))
    assert (labels.name, tracks.name) == ("01_RES cells", "01_RES tracks")
    assert tracks.graph == {2: [1], 3: [1]}
    # The slider shows the numbers of the frames.
    assert viewer.dims.range[0].start == 4
    viewer.dims.set_point(0, 6)
    assert labels.get_value((6, 8, 4), world=True) == 3
    labels.paint((2, 0, 0), 9)  # frame 6, to correct it
    assert labels.data[2, 0, 0] == 9


def test_a_corrected_result_is_saved_as_one(viewer, manager, result, tmp_path):
    labels, tracks = opened(viewer, get_result_reader(str(result))(str(result)))
    labels.data[4:][labels.data[4:] == 1] = 7  # cell 1 is another one from frame 4 on: a daughter
    labels.data[3:5][labels.data[3:5] == 2] = 0  # and cell 2 out of sight for two frames
    corrected = tmp_path / "corrected_RES"
    writer, path = manager.get_writer(str(corrected), ["labels", "tracks"])
    assert writer.command == "cellseg-rshn.write_result"
    layers = [layer.as_layer_data_tuple() for layer in (labels, tracks)]
    graph = {"graph": {7: [1]}}
    layers[1] = (layers[1][0], {**layers[1][1], **graph}, layers[1][2])
    assert manager.commands.get(writer.command)(path, layers) == [path]
    assert [found for found in validate(corrected) if found.severity == "error"] == []
    assert (corrected / "res_track.txt").read_text() == "1 0 3 0\n2 0 2 0\n3 3 7 0\n4 5 7 2\n7 4 7 1\n"
    with pytest.raises(CellsegError, match="is there already"):
        manager.commands.get(writer.command)(path, layers)


def test_a_movie_is_read_as_it_is_looked_at(viewer, movie):  # noqa: F811
    assert get_result_reader(str(movie)) is None
    (image,) = opened(viewer, get_movie_reader(str(movie))(str(movie)))
    assert image.data.shape == (8, 48, 64)
    viewer.dims.set_point(0, 5)
    np.testing.assert_array_equal(np.asarray(image.data[5]), draw(5)[0])
    assert image.get_value((5, 12, 12), world=True) == 200


def test_what_is_neither_is_left_to_others(tmp_path):
    (tmp_path / "notes.txt").write_text("no movie")
    for path in (tmp_path, tmp_path / "notes.txt", tmp_path / "nowhere.tif"):
        assert get_result_reader(str(path)) is None
        assert get_movie_reader(str(path)) is None
    assert get_movie_reader([str(tmp_path)]) is None


def test_through_npe2_napari_finds_the_readers(manager, result, movie):  # noqa: F811
    for path, command in ((result, "read_result"), (movie, "read_movie")):
        found = [reader.command for reader in manager.iter_compatible_readers([str(path)])]
        assert f"cellseg-rshn.{command}" in found
        assert manager.commands.get(f"cellseg-rshn.{command}")(str(path)) is not None


def test_the_widget_tracks_and_the_result_arrives_as_layers(viewer, application, movie, result):  # noqa: F811
    widget = TrackCells(viewer)
    assert widget.movie.value is None
    widget.run.changed.emit(True)
    assert widget.said.value == "Open a movie first."
    (image,) = opened(viewer, get_movie_reader(str(movie))(str(movie)))
    assert widget.movie.value is image
    widget.model.value, widget.device.value = "bright", "cpu"
    widget.run.changed.emit(True)
    assert widget.cancel.enabled and not widget.run.enabled
    until(application, lambda: widget.run.enabled)
    assert widget.said.value == "3 tracks."
    assert widget.progress.value == 8
    labels, tracks = viewer.layers[1:]
    assert (type(labels).__name__, type(tracks).__name__) == ("Labels", "Tracks")
    whole = cellseg.TrackingResult(result)
    assert np.unique(tracks.data[:, 0]).tolist() == [track.label for track in whole.tracks]
    assert [(labels.data[t] > 0).any() for t in range(8)] == [True] * 8
    assert labels.data[7, 12, 50] == 3


def test_cancelling_stops_it_and_leaves_nothing(viewer, application, model):  # noqa: F811
    frames = np.stack([draw(t % 8)[0] for t in range(600)])
    viewer.add_image(frames, name="long")
    widget = TrackCells(viewer)
    widget.model.value, widget.device.value, widget.diameter.value = "bright", "cpu", 10
    widget.run.changed.emit(True)
    until(application, lambda: widget.progress.value > 2)
    widget.cancel.changed.emit(True)
    until(application, lambda: widget.run.enabled)
    assert widget.said.value == "Cancelled."
    assert widget.progress.value < 600
    assert [layer.name for layer in viewer.layers] == ["long"]
    # And it goes again.
    viewer.layers.clear()
    viewer.add_image(frames[:8], name="short")
    widget.run.changed.emit(True)
    until(application, lambda: widget.run.enabled)
    assert widget.said.value == "3 tracks."


def test_errors_are_said_in_the_widget(viewer, application, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("cellseg.napari.widget.show_error", said.append)
    widget = TrackCells(viewer)
    viewer.add_image(np.zeros((2, 3, 20, 20), np.uint8), name="channels")
    widget.run.changed.emit(True)
    assert "is not a movie (T, Y, X)" in widget.said.value
    viewer.layers.clear()
    for t in range(3):
        imwrite(tmp_path / f"t{t:03d}.tif", draw(t)[0])
    opened(viewer, get_movie_reader(str(tmp_path))(str(tmp_path)))
    (tmp_path / "t001.tif").write_bytes(b"")
    widget.model.value, widget.device.value = "bright", "cpu"
    widget.run.changed.emit(True)
    until(application, lambda: widget.run.enabled)
    assert "t001.tif" in widget.said.value
    assert len(said) == 2
    assert len(viewer.layers) == 1
