"""One thread for all tests that ask for no other number, and a result that many of them look at."""

import os

import numpy as np
import pytest

# Before torch is loaded, here and in processes that tests start. The movies of tests are so small that the
# threads of an operation wait for each other most of the time, and for long where a core is busy otherwise.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def divided(tmp_path):
    """A result whose frames begin at 4, and whose cell 1 divides into 2 and 3."""
    from cellseg.ctc import write_mask

    folder = tmp_path / "01_RES"
    folder.mkdir()
    for frame in range(4, 8):
        labels = np.zeros((10, 12), np.uint16)
        labels[2:5, 3:6] = 1 if frame < 6 else 2
        labels[7:9, 3:5] = 0 if frame < 6 else 3
        write_mask(folder / f"mask{frame:03d}.tif", labels)
    (folder / "res_track.txt").write_text("1 4 5 0\n2 6 7 1\n3 6 7 1\n")
    return folder
