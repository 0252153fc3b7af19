"""A result that is its own ground truth, and one with errors: two cells, of which one divides."""

import json

import numpy as np
import pytest
from tifffile import imwrite

TRACKS = "1 0 3 0\n2 0 7 0\n3 4 7 1\n4 4 7 1\n"


def labels_of(t):
    y, x = np.mgrid[:100, :140]
    labels = np.zeros((100, 140), np.uint16)
    labels[np.hypot(y - 70, x - 40 - 3 * t) < 14] = 2
    if t < 4:
        labels[np.hypot(y - 30, x - 90) < 12] = 1
    else:
        labels[np.hypot(y - 30, x - 72) < 9] = 3
        labels[np.hypot(y - 30, x - 108) < 9] = 4
    return labels


@pytest.fixture
def sequence(tmp_path):
    """Folders `01`, `01_GT` and `01_RES`; the result has a speck in frame 2 and lacks cell 2 in frame 7."""
    for name in ("01", "01_GT/TRA", "01_GT/SEG", "01_RES"):
        (tmp_path / name).mkdir(parents=True)
    for t in range(8):
        labels = labels_of(t)
        noise = np.random.default_rng(t).integers(0, 20, labels.shape)
        imwrite(tmp_path / "01" / f"t{t:03d}.tif", (100 * (labels > 0) + noise).astype(np.uint8))
        imwrite(tmp_path / "01_GT" / "TRA" / f"man_track{t:03d}.tif", labels)
        imwrite(tmp_path / "01_GT" / "SEG" / f"man_seg{t:03d}.tif", labels)
        if t == 2:
            labels[5:12, 5:12] = 9
        if t == 7:
            labels[labels == 2] = 0
        imwrite(tmp_path / "01_RES" / f"mask{t:03d}.tif", labels)
    (tmp_path / "01_GT" / "TRA" / "man_track.txt").write_text(TRACKS)
    (tmp_path / "01_RES" / "res_track.txt").write_text(TRACKS.replace("2 0 7 0", "2 0 6 0") + "9 2 2 0\n")
    record = {"format": 1, "status": "done", "model": {"name": "<script>alert(1)</script>"}, "pairs": []}
    (tmp_path / "01_RES" / "run.json").write_text(json.dumps(record))
    return tmp_path
