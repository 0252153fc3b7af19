"""OME-TIFF recordings that are spread over several files."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from cellseg.errors import CellsegError
from cellseg.video import Selection, look_into, open_video, open_videos

MOVIE = np.random.default_rng(3).integers(0, 60000, (6, 16, 24), np.uint16)
PARTS = {"a_0.ome.tif": MOVIE[:2], "a_1.ome.tif": MOVIE[2:5], "a_2.ome.tif": MOVIE[5:]}


def write(folder, images):
    """Write files that all describe all images: each a name, and its planes by file."""
    folder.mkdir(exist_ok=True)
    described, uuids = "", {}
    for image, (name, parts) in enumerate(images.items()):
        blocks, first = "", 0
        for file, frames in parts.items():
            uuids[file] = f"urn:uuid:00000000-0000-0000-0000-{len(uuids):012d}"
            blocks += "".join(
                f'<TiffData FirstT="{first + t}" FirstC="0" FirstZ="0" IFD="{t}" PlaneCount="1">'
                f'<UUID FileName="{file}">{uuids[file]}</UUID></TiffData>'
                for t in range(len(frames))
            )
            first += len(frames)
        y, x = MOVIE.shape[1:]
        described += (
            f'<Image ID="Image:{image}" Name="{name}"><Pixels ID="Pixels:{image}" DimensionOrder="XYZCT" '
            f'Type="uint16" SizeX="{x}" SizeY="{y}" SizeZ="1" SizeC="1" SizeT="{first}" '
            f'PhysicalSizeX="0.25" PhysicalSizeY="0.5" TimeIncrement="30">{blocks}</Pixels></Image>'
        )
    schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    for parts in images.values():
        for file, frames in parts.items():
            text = f'<?xml version="1.0"?><OME xmlns="{schema}" UUID="{uuids[file]}">{described}</OME>'
            with tifffile.TiffWriter(folder / file, bigtiff=False) as writer:
                for t, frame in enumerate(frames):
                    writer.write(frame, description=text if t == 0 else None, metadata=None)
    return folder


@pytest.mark.parametrize("file", PARTS)
def test_every_file_opens_the_whole(tmp_path, file):
    folder = write(tmp_path, {"a": PARTS})
    with open_video(folder / file) as video:
        assert (len(video), video.pixel_size_um, video.frame_interval_s) == (6, (0.5, 0.25), 30)
        for t in (5, 0, 3, 1, 4, 2):
            np.testing.assert_array_equal(video.frame(t), MOVIE[t])
        assert [record["path"] for record in video.fingerprint()] == list(PARTS)
    assert look_into(folder / file) == (("0",), tuple(folder / name for name in PARTS))
    for name in PARTS:
        (folder / name).rename(folder / f"moved_{name}")  # nothing is held open


def test_a_scene_in_a_file_of_its_own(tmp_path):
    halves = {"left": {"l.ome.tif": MOVIE[:3]}, "right": {"r.ome.tif": MOVIE[3:]}}
    folder = write(tmp_path, halves)
    for file in ("l.ome.tif", "r.ome.tif"):
        found = {video.name: video.frame(1) for video in open_videos(folder / file)}
        prefix = file[0]
        assert list(found) == [f"{prefix}_left", f"{prefix}_right"]
        np.testing.assert_array_equal(found[f"{prefix}_left"], MOVIE[1])
        np.testing.assert_array_equal(found[f"{prefix}_right"], MOVIE[4])
    with open_video(folder / "l.ome.tif", selection=Selection(scene="right", crop=((2, 9), (0, 5)))) as video:
        np.testing.assert_array_equal(video.frame(0), MOVIE[3, 2:9, :5])


def test_a_missing_or_damaged_file_is_named_at_its_frames(tmp_path):
    folder = write(tmp_path, {"a": PARTS})
    whole = (folder / "a_1.ome.tif").read_bytes()
    (folder / "a_1.ome.tif").unlink()
    with open_video(folder / "a_0.ome.tif") as video:
        np.testing.assert_array_equal(video.frame(5), MOVIE[5])
        with pytest.raises(CellsegError, match=r"frame 3 .*is missing") as caught:
            video.frame(3)
        assert "all files" in caught.value.remedy
    with open_video(folder / "a_0.ome.tif", (0, 2)) as video:
        np.testing.assert_array_equal(video.frame(1), MOVIE[1])
    (folder / "a_1.ome.tif").write_bytes(whole)
    with open_video(folder / "a_0.ome.tif") as video:
        position = whole.index(MOVIE[2].tobytes())
        (folder / "a_1.ome.tif").write_bytes(whole[: position + 10])
        with pytest.raises(CellsegError) as caught:
            video.frame(4)
        assert caught.value.path == folder / "a_1.ome.tif"
