"""Masks in NumPy files: what Cellpose pickles is read, and nothing in a pickle is ever run."""

import os
import pathlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cellseg.errors import CellsegError
from cellseg.masks.numpy_mask import read_numpy
from cellseg.masks.safe_pickle import PickledArray, Unsafe, load_pickle

MASKS = np.arange(12, dtype=np.uint16).reshape(3, 4)


def as_cellpose(masks):
    """What Cellpose keeps of an image, with values of every kind it has."""
    return {
        "masks": masks,
        "outlines": MASKS > 3,
        "colors": np.zeros((11, 3), np.uint8),
        "flows": [np.zeros((2, 3), np.float32), None, (np.zeros(2), [])],
        "filename": "img_000.tif",
        "chan_choose": [0, 0],
        "est_diam": np.float64(30.5),
        "ismanual": np.zeros(11, bool),
        "manual_changes": [],
        "normalize_params": {"lowhigh": None, "percentile": [1.0, 99.0], "names": np.array(["a", "bc"])},
    }


class Runs:
    """Pickles as a call of `os.system`, or of whatever it is given."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


def write(path, content):
    np.save(path, np.array(content, dtype=object), allow_pickle=True)
    return path


@pytest.mark.parametrize("masks", [MASKS, MASKS.astype(">i4"), np.asfortranarray(MASKS), MASKS.astype("u4")])
def test_masks_of_cellpose(tmp_path, masks):
    found = read_numpy(write(tmp_path / "img_000_seg.npy", as_cellpose(masks)))
    assert found.dtype == masks.dtype
    np.testing.assert_array_equal(found, MASKS)


@pytest.mark.parametrize("kind", [Path, pathlib.PurePosixPath, pathlib.PureWindowsPath])
def test_the_name_of_the_image_may_be_a_path(tmp_path, kind):
    content = as_cellpose(MASKS) | {"filename": kind("scan/img_000.tif")}
    np.testing.assert_array_equal(read_numpy(write(tmp_path / "img_000_seg.npy", content)), MASKS)


def test_what_older_numpy_called_its_modules(tmp_path):
    path = write(tmp_path / "img_000_seg.npy", as_cellpose(MASKS))
    content = path.read_bytes()
    # 'numpy._core.multiarray' is 22 letters long, and lies in a frame whose length is stated.
    header, body = content[:128], pickle.dumps(pickle.loads(content[128:]), protocol=2)
    path.write_bytes(header + body.replace(b"numpy._core.", b"numpy.core."))
    with path.open("rb") as file:
        file.seek(128)
        with pytest.raises(Unsafe, match="_codecs"):  # bytes in protocol 2 need a function to be called
            load_pickle(file)
    body = pickle.dumps(pickle.loads(content[128:]), protocol=3)
    path.write_bytes(header + body.replace(b"numpy._core.", b"numpy.core."))
    np.testing.assert_array_equal(read_numpy(path), MASKS)


def test_a_plain_array(tmp_path):
    np.save(tmp_path / "000.npy", MASKS)
    np.testing.assert_array_equal(read_numpy(tmp_path / "000.npy"), MASKS)


@pytest.mark.parametrize(
    "hostile",
    [
        lambda trap: Runs(os.system, f"touch {trap}"),
        lambda trap: Runs(eval, f"open({str(trap)!r}, 'w')"),
        lambda trap: Runs(pathlib.Path.touch, pathlib.Path(trap)),
        lambda trap: Runs(np.savetxt, str(trap), np.zeros(1)),
        lambda trap: Runs(np.memmap, str(trap), "u1", "w+", 0, (4,)),
    ],
)
@pytest.mark.parametrize("place", ["masks", "filename", "whole"])
def test_nothing_is_run(tmp_path, hostile, place):
    trap = tmp_path / "trap"
    content = as_cellpose(MASKS) | {place: hostile(trap)}
    path = write(tmp_path / "img_000_seg.npy", hostile(trap) if place == "whole" else content)
    with pytest.raises(CellsegError) as refused:
        read_numpy(path)
    assert not trap.exists()
    assert refused.value.path == path
    assert "could run anything" in refused.value.reason and "TIFF or PNG" in refused.value.remedy
    # The trap works: whoever trusts the file is caught.
    np.load(path, allow_pickle=True)
    assert trap.exists()


def test_numpy_is_not_handed_a_forged_type(tmp_path):
    """An array of pointers that claims to be one of bytes: NumPy itself would follow them."""
    forged = np.zeros(1, np.dtype([("a", object)]))
    path = write(tmp_path / "img_000_seg.npy", as_cellpose(forged))
    with pytest.raises(CellsegError, match="structures"):
        read_numpy(path)


@pytest.mark.parametrize(
    "content", [{"outlines": MASKS}, {"masks": None}, {"masks": [1, 2]}, [1, 2], {"masks": np.array([{}])}]
)
def test_no_masks(tmp_path, content):
    with pytest.raises(CellsegError) as refused:
        read_numpy(write(tmp_path / "img_000_seg.npy", content))
    assert "TIFF or PNG" in refused.value.remedy


@pytest.mark.parametrize("cut", [0, 5, 100, 128, 140, 400])
def test_a_file_that_ends_early(tmp_path, cut):
    path = write(tmp_path / "img_000_seg.npy", as_cellpose(MASKS))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CellsegError, match=r"img_000_seg\.npy"):
        read_numpy(path)


@given(arrays(st.sampled_from(["u1", "<u2", ">u4", "i8", "f4", "?", "U3"]), array_shapes(min_dims=0)))
def test_arrays_are_what_pickle_makes_of_them(array):
    import io

    for order in (array, np.asfortranarray(array)):
        found = load_pickle(io.BytesIO(pickle.dumps(order, protocol=4)))
        assert isinstance(found, PickledArray)
        np.testing.assert_array_equal(found.array(), array)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_error_for_the_user_or_in_masks(tmp_path_factory, body):
    path: Path = tmp_path_factory.getbasetemp() / "any_seg.npy"
    write(path, None)
    path.write_bytes(path.read_bytes()[:128] + body)
    with pytest.raises(CellsegError):
        read_numpy(path)
