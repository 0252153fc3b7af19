"""Tracking from Python gives what the command gives, from paths and arrays alike."""

import gc
import subprocess
import sys

import numpy as np
import pytest
from e2e.conftest import draw, model, movie  # noqa: F401
from tifffile import imread

import cellseg
from cellseg.api import Labels, TrackingResult
from cellseg.config import Settings
from cellseg.ctc import LabelImages, Result, validate
from cellseg.errors import CellsegError
from cellseg.video import ArrayVideo, open_video

SMALL = {"instances.min_area": 20}


class Chunked:
    """Gives a frame at a time, as an array on disk does; remembers which were asked for."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.asked = array, array.shape, array.dtype, []

    def __getitem__(self, t):
        self.asked.append(t)
        return self.array[t]


@pytest.fixture
def frames():
    return np.stack([draw(t)[0] for t in range(8)])


@pytest.fixture
def tracked(frames, model):  # noqa: F811
    return cellseg.track(frames, model, device="cpu", settings=SMALL, pixel_size=0.5)


def test_importing_it_costs_nothing():
    script = "import sys, cellseg; print('torch' in sys.modules or 'numpy' in sys.modules, cellseg.__all__)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.startswith("False") and "track" in said
    with pytest.raises(AttributeError, match="no attribute 'untrack'"):
        _ = cellseg.untrack


def test_a_path_an_array_and_an_open_movie_give_the_same(tracked, frames, movie, model, tmp_path):  # noqa: F811
    done = []
    options = {"device": "cpu", "settings": SMALL}
    path = cellseg.track(movie, model, output=tmp_path / "out", progress=done.append, **options)
    assert sum(done) == 8
    assert path.folder == tmp_path / "out" / "01_RES"
    chunked = Chunked(frames)
    lazy = cellseg.track(chunked, model, **options)
    assert set(chunked.asked) == set(range(8))
    with open_video(movie) as video:
        opened = cellseg.track(video, model, **options)
        for result in (path, lazy, opened):
            assert [tuple(track) for track in result.tracks] == [(1, 0, 7, 0), (2, 0, 7, 0), (3, 3, 7, 0)]
            np.testing.assert_array_equal(result.labels, tracked.labels)
    settings = Settings.model_validate({"instances": {"min_area": 20}})
    whole = cellseg.track(frames, model, device="cpu", settings=settings)
    np.testing.assert_array_equal(whole.labels, tracked.labels)


def test_labels_index_like_an_array(tracked):
    whole = np.asarray(tracked.labels)
    assert whole.shape == tracked.labels.shape == (8, 48, 64)
    assert whole.dtype == tracked.labels.dtype == np.uint16 and tracked.labels.ndim == 3
    for index in (
        3,
        -1,
        slice(2, 5),
        slice(9, 9),
        (4, slice(10, 20)),
        (slice(None, None, 3), 12, 12),
        [1, 6],
        Ellipsis,
        (Ellipsis, 5),
        np.arange(8) % 2 == 0,
    ):
        np.testing.assert_array_equal(tracked.labels[index], whole[index])
    with pytest.raises(IndexError):
        tracked.labels[8]
    assert [image.shape for image in tracked.labels] == [(48, 64)] * 8


def test_only_the_frames_asked_for_are_read(tracked, monkeypatch):
    read = []
    original = LabelImages.__getitem__
    monkeypatch.setattr(LabelImages, "__getitem__", lambda self, t: read.append(t) or original(self, t))
    labels = Labels(Result(tracked.folder).masks)
    read.clear()
    labels[2:4]
    assert read == [2, 3]


def test_the_temporary_folder_lives_as_long_as_the_result(frames, model):  # noqa: F811
    result = cellseg.track(frames, model, device="cpu", settings=SMALL)
    folder = result.folder
    assert folder.is_dir()
    labels = result.labels
    del result
    gc.collect()
    assert labels[0].any()
    del labels
    gc.collect()
    assert not folder.exists()


def test_exports(tracked, tmp_path):
    assert validate(tracked.to_ctc(tmp_path / "01_RES")) == []
    np.testing.assert_array_equal(TrackingResult(tmp_path / "01_RES").labels, tracked.labels)
    table = (tracked.to_csv(tmp_path / "tables") / "objects.csv").read_text().splitlines()
    assert len(table) == 1 + 21
    assert {"area_um2", "mean_ch1"} <= set(table[0].split(","))
    assert tracked.to_trackmate(tmp_path / "01.xml").read_text().count("<Spot ") == 21
    with pytest.raises(CellsegError, match="is there already"):
        tracked.to_csv(tmp_path / "tables")


def test_layers_of_napari(divided):
    from cellseg.ctc import write_mask

    (labels, _, kind), (tracks, options, tracks_kind) = TrackingResult(divided).to_napari()
    assert (kind, tracks_kind) == ("labels", "tracks")
    # Frames count from 0, like the slices of the labels.
    assert tracks.tolist() == [
        [1, 0, 3, 4],
        [1, 1, 3, 4],
        [2, 2, 3, 4],
        [2, 3, 3, 4],
        [3, 2, 7.5, 3.5],
        [3, 3, 7.5, 3.5],
    ]
    assert options["graph"] == {2: [1], 3: [1]}
    for label, t, y, x in tracks[:4].astype(int):
        assert labels[t, y, x] == label
    # Without a track file there are no divisions; without cells no tracks, of which napari has no empty ones.
    (divided / "res_track.txt").unlink()
    assert TrackingResult(divided).to_napari()[1][1]["graph"] == {}
    for frame in range(4, 8):
        write_mask(divided / f"mask{frame:03d}.tif", np.zeros((10, 12), np.uint16))
    assert [kind for *_, kind in TrackingResult(divided).to_napari()] == ["labels"]


def test_an_array_that_is_no_movie():
    for array in (
        np.zeros((4, 5), np.uint8),
        np.zeros((2, 3, 4, 5), np.uint8),
        np.zeros((0, 4, 5), np.uint8),
    ):
        with pytest.raises(CellsegError, match=r"not a movie \(T, Y, X\)"):
            ArrayVideo(array)
    with pytest.raises(CellsegError, match="holds no intensities"):
        ArrayVideo(np.zeros((2, 4, 5), complex))


def test_frames_of_an_array(frames):
    video = ArrayVideo(frames.astype(">u2"), (0.5, 0.5), 60.0)
    assert (video.shape, video.dtype, video.frame_numbers) == (
        (8, 48, 64),
        np.dtype("uint16"),
        tuple(range(8)),
    )
    np.testing.assert_array_equal(video.frame(7), frames[7])
    assert video.frame(7).dtype.isnative
    assert ArrayVideo(frames > 100).frame(0).max() == 1
    with pytest.raises(CellsegError, match="frame 1 holds 1 pixels that are NaN"):
        bad = frames.astype(float)
        bad[1, 0, 0] = np.nan
        ArrayVideo(bad).frame(1)


def test_another_array_is_never_taken_for_the_first(frames, model, tmp_path):  # noqa: F811
    options = {"device": "cpu", "settings": SMALL, "output": tmp_path}
    cellseg.track(frames, model, **options)
    with pytest.raises(CellsegError):
        cellseg.track(frames[:, ::-1], model, **options)
    flipped = cellseg.track(frames[:, ::-1], model, overwrite=True, **options)
    first = imread(sorted(flipped.folder.glob("mask*.tif")))
    assert first[0, 48 - 1 - 12, 12] > 0
