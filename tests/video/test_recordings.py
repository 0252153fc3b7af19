"""Recordings of several scenes, channels and focal planes: what is chosen from them, and what is refused."""

from __future__ import annotations

import sys
import tracemalloc

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.errors import CellsegError
from cellseg.video import Selection, open_video, open_videos, scene_names

AXES = "TZCYX"
RECORDING = np.random.default_rng(3).integers(0, 60000, (4, 3, 2, 6, 8), np.uint16)


def opened(path, **selection):
    """Read all frames of the one movie that a selection gives."""
    videos = [(video, read(video)) for video in open_videos(path, Selection(**selection))]
    assert len(videos) == 1
    return videos[0]


def read(video):
    return np.stack([video.frame(t) for t in range(len(video))])


def write_ome(path):
    tifffile.imwrite(path, RECORDING, ome=True, metadata={"axes": AXES, "Channel": {"Name": ["DAPI", "488"]}})


WRITERS = {
    "a.ome.tif": (write_ome, None),
    "a.tif": (lambda path: tifffile.imwrite(path, RECORDING, imagej=True, metadata={"axes": AXES}), None),
    "shaped.tif": (lambda path: tifffile.imwrite(path, RECORDING, photometric="minisblack"), AXES),
    "plain.tif": (
        lambda path: tifffile.imwrite(
            path, RECORDING.reshape(-1, 6, 8), photometric="minisblack", metadata=None
        ),
        "TZ3C2YX",
    ),
    "a.npy": (lambda path: np.save(path, RECORDING), AXES),
    "big-endian.npy": (lambda path: np.save(path, RECORDING.astype(">u2")), AXES),
}


@pytest.fixture(params=WRITERS)
def recording(request, tmp_path):
    path = tmp_path / request.param
    write, axes = WRITERS[request.param]
    write(path)
    return path, axes


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize(("z", "planes"), [((1, 2), [1]), ((1, None), [1, 2]), ((None, None), [0, 1, 2])])
def test_channel_and_planes(recording, channel, z, planes):
    path, axes = recording
    video, frames = opened(path, channel=str(channel), z=z, axes=axes)
    assert (video.shape, video.dtype) == ((4, 6, 8), np.uint16)
    np.testing.assert_array_equal(frames, RECORDING[:, planes, channel].max(axis=1))


def test_crop_and_frames(recording):
    path, axes = recording
    video, frames = opened(path, channel="1", z=(2, 3), axes=axes, frames=(1, 3), crop=((2, None), (None, 5)))
    assert (video.frame_numbers, video.shape) == ((1, 2), (2, 4, 5))
    np.testing.assert_array_equal(frames, RECORDING[1:3, 2, 1, 2:, :5])


def test_channels_by_name_before_number(tmp_path):
    write_ome(tmp_path / "a.ome.tif")
    for name, channel in [("dapi", 0), ("DAPI", 0), ("488", 1), ("1", 1)]:
        np.testing.assert_array_equal(
            opened(tmp_path / "a.ome.tif", channel=name, z=(0, 1))[1], RECORDING[:, 0, channel]
        )


@pytest.mark.parametrize(
    ("selection", "match"),
    [
        ({"z": (0, 1)}, r"holds 2 channels: 0 \(DAPI\), 1 \(488\)[\s\S]*--channel"),
        ({"channel": "GFP", "z": (0, 1)}, r"no channel 'GFP'[\s\S]*0 \(DAPI\), 1 \(488\)"),
        ({"channel": "2", "z": (0, 1)}, "no channel '2'"),
        ({"channel": "0"}, r"3 focal planes[\s\S]*--z max"),
        ({"channel": "0", "z": (2, 4)}, r"focal planes 0:3; 2:4 is not inside"),
        ({"channel": "0", "z": (0, 1), "crop": ((0, 7), (0, 8))}, r"rows \(y\) 0:6; 0:7"),
        ({"channel": "0", "z": (0, 1), "frames": (0, 5)}, "whose frames are 0:4"),
        ({"channel": "0", "z": (0, 1), "scene": "B"}, "no scene 'B'"),
        ({"channel": "0", "z": (0, 1), "axes": "QZCYX"}, "cannot have the axes"),
        ({"channel": "0", "z": (0, 1), "axes": "T5ZCYX"}, "does not fit the axes"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, selection, match):
    write_ome(tmp_path / "a.ome.tif")
    with pytest.raises(CellsegError, match=match):
        opened(tmp_path / "a.ome.tif", **selection)


def test_every_scene_is_a_movie(tmp_path):
    path = tmp_path / "plate.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for index, name in enumerate(["A/1", "B 2"]):
            metadata = {
                "axes": "TYX",
                "Name": name,
                "PhysicalSizeX": 0.5 + index,
                "PhysicalSizeY": 0.5 + index,
            }
            writer.write(RECORDING[: 3 + index, 0, index], metadata=metadata)
    assert scene_names(path) == ("A/1", "B 2")
    videos = [(video.name, video.pixel_size_um, read(video)) for video in open_videos(path)]
    assert [(name, size) for name, size, _ in videos] == [
        ("plate_A-1", (0.5, 0.5)),
        ("plate_B-2", (1.5, 1.5)),
    ]
    for index, (_, _, frames) in enumerate(videos):
        np.testing.assert_array_equal(frames, RECORDING[: 3 + index, 0, index])
    video, frames = opened(path, scene="b 2")
    assert (video.name, len(frames)) == ("plate_B-2", 4)
    with pytest.raises(CellsegError, match="2 scenes"):
        open_video(path)


def test_the_fingerprint_tells_selections_apart(recording):
    path, axes = recording
    chosen = [{"channel": "0"}, {"channel": "1"}, {"channel": "1", "crop": ((0, 3), (0, 3))}]
    said = [opened(path, z=(0, 1), axes=axes, **one)[0].fingerprint()[0]["selection"] for one in chosen]
    assert len(set(said)) == 3


def test_frames_by_pattern(tmp_path):
    for t in range(3):
        for c, name in enumerate(["GFP", "Cy5"]):
            for z in (4, 5):
                tifffile.imwrite(tmp_path / f"scan t{t + 7} {name}_z{z}.tif", RECORDING[t, z - 4, c])
    (tmp_path / "scan t8 GFP_z4.txt").write_text("notes", encoding="utf-8")
    video, frames = opened(tmp_path / "scan t{t} {c}_z{z}.tif", channel="GFP", z=(None, None))
    assert (video.name, video.frame_numbers) == ("scan t_z", (7, 8, 9))
    np.testing.assert_array_equal(frames, RECORDING[:3, :2, 0].max(1))
    video, frames = opened(tmp_path / "scan t{t} GFP_z5.tif", frames=(8, 9))
    np.testing.assert_array_equal(frames, RECORDING[1:2, 1, 0])
    (tmp_path / "scan t8 GFP_z5.tif").unlink()
    with pytest.raises(CellsegError, match="frame 8 is missing"):
        opened(tmp_path / "scan t{t} GFP_z5.tif")
    with pytest.raises(CellsegError, match="no file for frame 8, channel GFP, plane 5"):
        opened(tmp_path / "scan t{t} {c}_z{z}.tif", channel="GFP", z=(None, None))
    with pytest.raises(CellsegError, match="no file has such a name"):
        opened(tmp_path / "scan_{t}.tif")


def test_colours_are_channels_when_asked_for(tmp_path):
    colour = np.random.default_rng(0).integers(0, 255, (3, 6, 8, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb")
    np.save(tmp_path / "a.npy", colour)
    for path, axes in [(tmp_path / "a.tif", None), (tmp_path / "a.npy", "TYXS")]:
        np.testing.assert_array_equal(opened(path, channel="green", axes=axes)[1], colour[..., 1])
        with pytest.raises(CellsegError, match=r"in colour[\s\S]*2 \(blue\)"):
            opened(path, axes=axes)


def test_a_focal_stack_is_told_from_a_movie_by_its_axes(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", RECORDING[0, :, 0], imagej=True, metadata={"axes": "ZYX"})
    assert opened(tmp_path / "a.tif")[0].shape == (3, 6, 8)
    _, frames = opened(tmp_path / "a.tif", axes="ZYX", z=(None, None))
    np.testing.assert_array_equal(frames, RECORDING[:1, :, 0].max(1))


def test_arrays_do_not_guess_much(tmp_path):
    np.save(tmp_path / "a.npy", RECORDING[:, 0, 0])
    assert opened(tmp_path / "a.npy")[0].shape == (4, 6, 8)
    np.save(tmp_path / "b.npy", RECORDING[:, 0])
    with pytest.raises(CellsegError, match="--axes"):
        opened(tmp_path / "b.npy", channel="1")
    np.save(tmp_path / "c.npy", np.array([{}], object))
    with pytest.raises(CellsegError, match="not a readable NumPy file"):
        opened(tmp_path / "c.npy")


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("a.nd2", "nd2", "formats"),
        ("a.czi", "pylibCZIrw", "formats"),
        ("a.lif", "liffile", "formats"),
        ("a.zarr", "zarr", "formats"),
        ("a.mp4", "imageio_ffmpeg", "video"),
        ("a.unknown", "bioio", "formats"),
    ],
)
def test_a_missing_extra_is_named(tmp_path, monkeypatch, name, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"{package}.czi", raising=False)
    (tmp_path / name).mkdir() if name == "a.zarr" else (tmp_path / name).write_bytes(b"any")
    with pytest.raises(CellsegError, match="is not installed") as caught:
        open_video(tmp_path / name)
    assert f'pip install "cellseg-rshn[{extra}]"' in caught.value.remedy


def test_an_array_on_disk_stays_there(tmp_path):
    """Numbers of NumPy's own are counted; the pages of a mapped file are the operating system's to drop."""
    np.save(tmp_path / "a.npy", np.ones((400, 100, 100), np.uint16))
    tracemalloc.start()
    with open_video(tmp_path / "a.npy") as video:
        for t in range(len(video)):
            video.frame(t)
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 100 * 100 * 2


@settings(deadline=None)
@given(
    st.permutations("TCZ"),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.integers(0, 3),
)
def test_any_order_of_axes(tmp_path_factory, order, sizes, left_open):
    """Planes that follow each other, with the lengths of the axes in any order, all but at most one."""
    path = tmp_path_factory.mktemp("axes") / "a.tif"
    recording = np.arange(np.prod(sizes), dtype=np.uint16).reshape(sizes)
    pages = np.broadcast_to(recording.ravel()[:, None, None], (recording.size, 2, 3))
    tifffile.imwrite(path, pages, photometric="minisblack", metadata=None)
    text = "".join(
        letter if index == left_open else f"{letter}{size}"
        for index, (letter, size) in enumerate(zip(order, sizes, strict=True))
    )
    expected = np.transpose(recording, [order.index(letter) for letter in "TCZ"])
    _, frames = opened(path, axes=f"{text}YX", channel=str(expected.shape[1] - 1), z=(0, 1))
    np.testing.assert_array_equal(frames[:, 0, 0], expected[:, -1, 0])
