"""What is kept of a run, written and read again."""

import numpy as np
import pytest

from cellseg.embeddings import SavedEmbeddings, SavedFrame, SavedPair
from cellseg.errors import CellsegError


def embedded(seed=0, shape=(6, 7), size=5):
    vectors = np.random.default_rng(seed).normal(size=(size, *shape)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=0)


def test_a_frame_comes_back_in_half_precision(tmp_path):
    vectors, saved = embedded(), SavedEmbeddings(tmp_path / "embeddings")
    saved.write_frame(12, 4, SavedFrame.of(vectors, 0.3))
    assert [path.name for path in saved.folder.iterdir()] == ["frame0012.npz"]
    found = SavedEmbeddings(saved.folder).frame(12)
    inside = vectors[0] ** 2 < 0.3
    np.testing.assert_array_equal(found.foreground, inside)
    np.testing.assert_allclose(found.background / 255, vectors[0] ** 2, atol=0.5 / 255)
    assert found.vectors.dtype == np.float16
    for (y, x), vector in zip(np.argwhere(inside), found.vectors, strict=True):
        np.testing.assert_allclose(vector, vectors[:, y, x], atol=1e-3)


def test_frames_and_pairs_are_found_by_their_numbers(tmp_path):
    saved = SavedEmbeddings(tmp_path)
    for number in (3, 100, 7):
        saved.write_frame(number, 3, SavedFrame.of(embedded(number), 0.5))
    pair = SavedPair(
        np.array([[0, 1, 2]], np.int32),
        np.ones((1, 5), np.float16),
        np.eye(5, dtype=np.float16),
        np.arange(5),
    )
    saved.write_pair(3, 3, pair)
    (tmp_path / "frame.npz").touch()  # has no number
    found = SavedEmbeddings(tmp_path)
    assert found.frames() == [3, 7, 100]
    assert found.frame(4) is None and found.pair(7) is None
    for name, value in vars(pair).items():
        np.testing.assert_array_equal(getattr(found.pair(3), name), value)


def test_equal_contents_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        SavedEmbeddings(tmp_path / name).write_frame(0, 3, SavedFrame.of(embedded(), 0.5))
    assert (tmp_path / "a" / "frame000.npz").read_bytes() == (tmp_path / "b" / "frame000.npz").read_bytes()


def test_no_folder_holds_nothing_and_damage_is_named(tmp_path):
    assert SavedEmbeddings(tmp_path / "nowhere").frames() == []
    SavedEmbeddings(tmp_path).write_frame(0, 3, SavedFrame.of(embedded(), 0.5))
    whole = (tmp_path / "frame000.npz").read_bytes()
    (tmp_path / "frame000.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CellsegError, match=r"frame000.npz: cannot be read"):
        SavedEmbeddings(tmp_path).frame(0)
