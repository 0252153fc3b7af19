"""Formats of microscopes and films; needs the extras `formats` and `video`, each test what it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellseg.errors import CellsegError
from cellseg.video import Selection, open_video, open_videos, scene_names

REAL_FILES = Path(__file__).resolve().parents[2] / "../shared/data/formats"
# The library leaves pipes of finished programs to the garbage collector.
FILM = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
RECORDING = np.random.default_rng(5).integers(0, 60000, (3, 2, 4, 32, 48), np.uint16)
"""TCZYX."""


def opened(path, **selection):
    """Read all frames of the one movie that a selection gives."""
    videos = [(video, read(video)) for video in open_videos(path, Selection(**selection))]
    assert len(videos) == 1
    return videos[0]


def read(video):
    return np.stack([video.frame(t) for t in range(len(video))])


def real(name):
    path = REAL_FILES / name
    if not path.exists():
        pytest.skip(f"no {name}")
    return path


def ome(version, names=("GFP", "Cy5")):
    axes = [
        {"name": "t", "type": "time", "unit": "minute"},
        {"name": "c", "type": "channel"},
        *({"name": name, "type": "space", "unit": "nanometer"} for name in "zyx"),
    ]
    scale = [{"type": "scale", "scale": [2.0, 1.0, 900.0, 300.0, 250.0]}]
    multiscales = [
        {"version": version, "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ]
    found = {"multiscales": multiscales, "omero": {"channels": [{"label": name} for name in names]}}
    return found if version == "0.4" else {"ome": {"version": version, **found}}


def write_zarr(folder, version, recording=RECORDING):
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(folder, mode="w", zarr_format=2 if version == "0.4" else 3)
    array = group.create_array("0", shape=recording.shape, chunks=(1, 1, 1, 16, 16), dtype=recording.dtype)
    array[:] = recording
    group.attrs.update(ome(version))
    return group


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("remote", [False, True])
def test_ome_zarr(tmp_path, version, remote):
    path = tmp_path / "a.ome.zarr"
    write_zarr(path, version)
    place = path.as_uri() if remote else path
    video, frames = opened(place, channel="cy5", z=(1, 3), crop=((4, 20), (8, None)))
    assert (video.name, video.digits) == ("a", 3)
    assert video.pixel_size_um == pytest.approx((0.3, 0.25))
    assert video.frame_interval_s == 120
    np.testing.assert_array_equal(frames, RECORDING[:, 1, 1:3, 4:20, 8:].max(1))
    assert "channel=1" in video.fingerprint()[0]["selection"]
    with pytest.raises(CellsegError, match=r"2 channels: 0 \(GFP\), 1 \(Cy5\)"):
        open_video(place)


@pytest.mark.parametrize("listed", [True, False])
def test_series_one_level_below_the_root(tmp_path, listed):
    zarr = pytest.importorskip("zarr")
    root = zarr.open_group(tmp_path / "raw.zarr", mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    for series in range(2):
        write_zarr(tmp_path / "raw.zarr" / str(series), "0.4", RECORDING[series:])
    if listed:
        root.create_group("OME").attrs["series"] = ["0", "1"]
    assert scene_names(tmp_path / "raw.zarr") == ("0", "1")
    lengths = [
        (video.name, len(video))
        for video in open_videos(tmp_path / "raw.zarr", Selection(channel="0", z=(0, 1)))
    ]
    assert lengths == [("raw_0", 3), ("raw_1", 2)]


def test_fields_of_a_plate_are_scenes(tmp_path):
    zarr = pytest.importorskip("zarr")
    path = tmp_path / "plate.zarr"
    root = zarr.open_group(path, mode="w", zarr_format=2)
    root.attrs["plate"] = {"wells": [{"path": "A/1"}, {"path": "B/2"}]}
    for well in ("A/1", "B/2"):
        zarr.open_group(path / well, mode="w", zarr_format=2).attrs["well"] = {"images": [{"path": "0"}]}
        write_zarr(path / well / "0", "0.4")
    assert scene_names(path) == ("A/1/0", "B/2/0")
    video, frames = opened(path, scene="b/2/0", channel="0", z=(0, 1))
    assert video.name == "plate_B-2-0"
    np.testing.assert_array_equal(frames, RECORDING[:, 0, 0])


def test_plain_zarr_array(tmp_path):
    zarr = pytest.importorskip("zarr")
    zarr.create_array(tmp_path / "a.zarr", data=RECORDING)
    _, frames = opened(tmp_path / "a.zarr", axes="TCZYX", channel="1", z=(3, 4))
    np.testing.assert_array_equal(frames, RECORDING[:, 1, 3])
    with pytest.raises(CellsegError, match="--axes"):
        open_video(tmp_path / "a.zarr")


def test_zarr_without_an_image(tmp_path):
    pytest.importorskip("zarr").open_group(tmp_path / "a.zarr", mode="w")
    with pytest.raises(CellsegError, match="no OME-Zarr image"):
        open_video(tmp_path / "a.zarr")
    (tmp_path / "b.zarr").mkdir()
    with pytest.raises(CellsegError, match="not readable Zarr"):
        open_video(tmp_path / "b.zarr")


def write_film(path, frames, read_as, written_as):
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    size = frames.shape[2], frames.shape[1]
    writer = ffmpeg.write_frames(
        str(path), size, pix_fmt_in=read_as, pix_fmt_out=written_as, codec="ffv1", macro_block_size=1
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame))
    writer.close()


@FILM
@pytest.mark.parametrize(("pixel_format", "dtype"), [("gray", np.uint8), ("gray16le", np.uint16)])
def test_grey_film(tmp_path, pixel_format, dtype):
    movie = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (7, 32, 48), dtype)
    write_film(tmp_path / "a.avi", movie, pixel_format, pixel_format)
    with open_video(tmp_path / "a.avi") as video:
        assert (video.shape, video.dtype, video.frame_interval_s) == ((7, 32, 48), dtype, None)
        for t in (0, 4, 4, 6, 1, 0):
            np.testing.assert_array_equal(video.frame(t), movie[t])


@FILM
def test_film_in_colour(tmp_path):
    movie = np.random.default_rng(0).integers(0, 255, (4, 32, 48, 3), np.uint8)
    write_film(tmp_path / "a.mkv", movie, "rgb24", "bgr0")
    with pytest.raises(CellsegError, match=r"in colour: 0 \(red\), 1 \(green\), 2 \(blue\)[\s\S]*--channel"):
        open_video(tmp_path / "a.mkv")
    np.testing.assert_array_equal(opened(tmp_path / "a.mkv", channel="blue")[1], movie[..., 2])
    grey = np.repeat(movie[..., :1], 3, -1)
    write_film(tmp_path / "b.mkv", grey, "rgb24", "bgr0")
    np.testing.assert_array_equal(opened(tmp_path / "b.mkv")[1], grey[..., 0])


@pytest.mark.parametrize("name", ["a.avi", "a.nd2", "a.czi", "a.lif", "a.unknown"])
def test_damaged_files(tmp_path, name):
    packages = {"avi": "imageio_ffmpeg", "czi": "pylibCZIrw", "lif": "liffile", "unknown": "bioio"}
    pytest.importorskip(packages.get(name[2:], "nd2"))
    (tmp_path / name).write_bytes(b"no such format" * 100)
    with pytest.raises(CellsegError) as caught:
        open_video(tmp_path / name)
    assert caught.value.path == tmp_path / name
    assert caught.value.remedy


@pytest.mark.parametrize("compression", ["uncompressed:", "zstd1:ExplicitLevel=3"])
def test_czi(tmp_path, compression):
    czi = pytest.importorskip("pylibCZIrw.czi")
    path = tmp_path / "a.czi"
    with czi.create_czi(str(path)) as file:
        for (t, c, z), _ in np.ndenumerate(RECORDING[..., 0, 0]):
            for scene in range(2):
                file.write(
                    RECORDING[t, c, z, scene:, :, None],
                    plane={"T": t, "C": c, "Z": z},
                    scene=scene,
                    location=(100 * scene, 7),
                    compression_options=compression,
                )
        file.write_metadata("a", channel_names={0: "GFP", 1: "Cy5"}, scale_x=0.25e-6, scale_y=0.5e-6)
    videos = [
        (video.name, video.pixel_size_um, read(video))
        for video in open_videos(path, Selection(channel="Cy5", z=(None, None)))
    ]
    assert [name for name, _, _ in videos] == ["a_0", "a_1"]
    for scene, (_, size, frames) in enumerate(videos):
        assert size == pytest.approx((0.5, 0.25))
        np.testing.assert_array_equal(frames, RECORDING[:, 1, :, scene:].max(1))


def test_bioio(tmp_path):
    """A TIFF file, which the program itself would read, through the plugin for such."""
    pytest.importorskip("bioio_tifffile")
    from tifffile import imwrite

    from cellseg.video.bioio_file import Bioio
    from cellseg.video.recorded_video import RecordedVideo

    path = tmp_path / "a.tif"
    imwrite(path, RECORDING, metadata={"axes": "TCZYX"}, photometric="minisblack")
    recording = Bioio(path)
    with RecordedVideo(recording, 0, Selection(channel="1", z=(0, 1))) as video:
        np.testing.assert_array_equal(read(video), RECORDING[:, 1, 0])


def test_real_nd2():
    pytest.importorskip("nd2")
    video, frames = opened(real("bacteria_T53.nd2"), frames=(50, None))
    assert (video.frame_numbers, frames.shape, frames.dtype) == ((50, 51, 52), (3, 64, 64), np.uint16)
    assert video.pixel_size_um == pytest.approx((0.325, 0.325))
    assert video.frame_interval_s == pytest.approx(0.5, abs=0.001)
    assert len({frame.tobytes() for frame in frames}) == 3


def test_a_frame_of_an_nd2_file_outlives_it():
    pytest.importorskip("nd2")
    with open_video(real("bacteria_T53.nd2")) as video:
        frame = video.frame(50)
    # A view of the closed file would not fail: to look at it would end Python.
    owner = frame if frame.base is None else frame.base
    is_a_copy = owner.flags.owndata
    assert is_a_copy
    assert frame.any()


def test_real_czi():
    pytest.importorskip("pylibCZIrw")
    path = real("cell_division_T3_Z5_C2.czi")
    with pytest.raises(CellsegError, match=r"0 \(LED555\), 1 \(LED470\)"):
        open_video(path)
    video, frames = opened(path, channel="LED470", z=(None, None))
    planes = [opened(path, channel="1", z=(z, z + 1))[1] for z in range(5)]
    assert video.pixel_size_um == pytest.approx((0.0906, 0.0906), abs=1e-4)
    np.testing.assert_array_equal(frames, np.max(planes, axis=0))


def test_real_lif():
    pytest.importorskip("liffile")
    path = real("wavelength_sweep_T2.lif")
    assert scene_names(path) == ("x_y_lambdaEmi", "x_y_lambdaExc", "x_y_z_t_lambdaEmi")
    video, frames = opened(path, scene="2", channel="555 nm", z=(4, 5))
    assert (video.name, frames.shape) == ("wavelength_sweep_T2_x_y_z_t_lambdaEmi", (2, 64, 64))
    assert video.pixel_size_um == pytest.approx((0.1048, 0.1048), abs=1e-4)
    assert video.frame_interval_s == pytest.approx(80.91)


def test_real_ome_zarr():
    pytest.importorskip("zarr")
    video, frames = opened(real("mitosis_T2_C2_Z5_v04.ome.zarr"), channel="0", z=(None, None))
    assert (video.pixel_size_um, frames.shape, frames.dtype) == (None, (2, 196, 171), np.uint16)


@FILM
def test_real_film_in_colour():
    pytest.importorskip("imageio_ffmpeg")
    path = real("overlay_T114.avi")
    with pytest.raises(CellsegError, match="in colour"):
        open_video(path)
    assert opened(path, channel="green", frames=(100, 103))[1].shape == (3, 520, 696)
