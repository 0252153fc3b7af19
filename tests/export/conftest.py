"""A result whose measurements can be worked out by hand: squares that move, and one that divides."""

import numpy as np
import pytest
from tifffile import imwrite

from cellseg.ctc import write_mask

SIZE = (40, 60)
TRACKS = "1 0 3 0\n2 0 1 0\n3 2 3 2\n4 2 3 2\n5 3 3 0\n"


def draw(frame):
    """Labels of one frame."""
    labels = np.zeros(SIZE, np.uint16)
    labels[2:6, 4 + 3 * frame : 8 + 3 * frame] = 1  # four by four, three pixels to the right in each frame
    if frame < 2:
        labels[20:30, 20:26] = 2
    else:
        labels[20:24, 20:26] = 3
        labels[26:30, 20:26] = 4
    if frame == 3:
        labels[39, 59] = 5
    return labels


def intensities(frame):
    """Every pixel its own intensity."""
    return (np.arange(SIZE[0] * SIZE[1]).reshape(SIZE) + frame).astype(np.uint16)


@pytest.fixture
def result(tmp_path):
    folder = tmp_path / "01_RES"
    folder.mkdir()
    for frame in range(4):
        write_mask(folder / f"mask{frame:03d}.tif", draw(frame))
    (folder / "res_track.txt").write_text(TRACKS)
    return folder


@pytest.fixture
def movie(tmp_path):
    """The frames, with 0.5 micrometres per pixel and 30 seconds per frame."""
    path = tmp_path / "01.tif"
    imwrite(
        path,
        np.stack([intensities(frame) for frame in range(4)]),
        imagej=True,
        resolution=(2, 2),
        metadata={"axes": "TYX", "unit": "um", "finterval": 30.0, "tunit": "s"},
    )
    return path
