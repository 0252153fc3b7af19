"""The installed command: masks of other programs become tracks."""

import numpy as np
import pytest
from e2e.commands import command, here
from e2e.discs import draw
from PIL import Image
from tifffile import imwrite


@pytest.fixture
def scan(tmp_path):
    """A folder as Cellpose leaves it: the frames, and what it found beside them."""
    folder = tmp_path / "scan"
    folder.mkdir()
    for t in range(1, 9):
        image, labels = draw(t - 1)
        imwrite(folder / f"img_{t}.tif", image)
        Image.fromarray(labels).save(folder / f"img_{t}_cp_masks.png")
        np.save(folder / f"img_{t}_seg.npy", {"masks": labels, "est_diam": np.float64(12)})
    return folder


@pytest.mark.parametrize("name", ["img_{t}_cp_masks.png", "img_{t}_seg.npy"])
def test_masks_of_cellpose(scan, tmp_path, name):
    movie = tmp_path / "movie.tif"
    imwrite(movie, np.stack([draw(t)[0] for t in range(8)]))
    done = here("link", scan / name, "--frames", movie, "--output", tmp_path / "out")
    result = tmp_path / "out" / f"{name.replace('_{t}', '').rpartition('.')[0]}_RES"
    assert done.stdout == f"{result}: 3 tracks\n"
    assert "reading: 8/8 frames" in done.stderr and "writing: 8/8 frames" in done.stderr
    assert (result / "res_track.txt").read_text() == "1 0 7 0\n2 0 7 0\n3 3 7 0\n"
    here("validate", result)
    # Intensities are the movie's, which the record names.
    tables = here("export", result, "--to", "csv")
    assert f"from {movie}" in tables.stderr
    assert here("link", scan / name, "--frames", movie, "--output", tmp_path / "out").stdout == done.stdout


def test_a_folder_of_everything_asks_which(scan):
    said = here("link", scan, check=1).stderr
    assert "images of several kinds" in said and f"'{scan / 'img_{t}_seg.npy'}'" in said


def test_a_result_is_linked_anew_and_scored(movie, tmp_path):
    truth = movie.with_name("01_GT")
    command("link", truth / "SEG", "--output", tmp_path, "--set", "linker.method=published")
    assert "3 tracks complete" in here("evaluate", tmp_path / "01_RES", truth).stdout
    here("link", tmp_path / "01_RES", "--output", tmp_path / "again", "--dataset", "DIC-C2DH-HeLa", check=1)
    here("link", tmp_path / "01_RES", "--output", tmp_path / "again")
    for name in ("mask000.tif", "res_track.txt"):
        assert (tmp_path / "01_RES" / name).read_bytes() == (tmp_path / "again/01_RES" / name).read_bytes()
    said = here("link", tmp_path / "01_RES", "--overwrite", check=1).stderr
    assert "take the place of the masks" in said


def test_wrong_usage(scan, tmp_path):
    said = here("link", scan, "--set", "clustering.bandwidth=0.2", check=2).stderr
    assert "no setting of the linker" in said
    assert "does not exist" in here("link", tmp_path / "nowhere", check=1).stderr
    assert "nearest is linker.max_gap" in here("link", scan, "--set", "linker.max_gaps=1", check=2).stderr
