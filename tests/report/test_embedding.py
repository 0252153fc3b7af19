"""Saved embeddings as pictures: two cells of two directions, in a movie of three frames."""

import base64

import numpy as np
import pytest
from imagecodecs import jpeg8_decode

from cellseg.embeddings import SavedEmbeddings, SavedFrame, SavedPair
from cellseg.report.embedding import EmbeddingPictures, Palette

SHAPE = (40, 60)
FIRST, SECOND = np.eye(6)[1], np.eye(6)[2]


def cells(t):
    """Masks of both cells in frame t."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.hypot(y - 12, x - 14 - t) < 8, np.hypot(y - 26, x - 42) < 8


def decoded(uri):
    return jpeg8_decode(base64.b64decode(uri.partition(",")[2])).astype(int)


@pytest.fixture
def saved(tmp_path):
    folder = SavedEmbeddings(tmp_path)
    rng = np.random.default_rng(0)
    for t in range(3):
        vectors = np.zeros((6, *SHAPE), np.float32)
        vectors[0] = 1
        for inside, direction in zip(cells(t), (FIRST, SECOND), strict=True):
            vectors[:, inside] = direction[:, None] + 0.02 * rng.normal(size=(6, inside.sum()))
        vectors /= np.linalg.norm(vectors, axis=0)
        folder.write_frame(t, 3, SavedFrame.of(vectors, 0.5))
    for t in range(2):
        pair = SavedPair(
            seeds=np.array([[0, 12, 14 + t], [1, 26, 42]], np.int32),
            seed_vectors=np.stack([FIRST, SECOND]).astype(np.float16),
            modes=np.stack([FIRST, SECOND, np.eye(6)[3]]).astype(np.float16),
            counts=np.array([300, 300, 1]),
        )
        folder.write_pair(t, 3, pair)
    return SavedEmbeddings(tmp_path)


def test_a_cell_keeps_its_colour_and_cells_differ(saved):
    pictures = EmbeddingPictures.of(saved, 100_000)
    assert pictures.factor == 1
    colours = []
    for t in range(3):
        image = decoded(pictures.frame(t)["embedding"])
        assert image.shape == (*SHAPE, 3)
        inner = [image[inside].mean(axis=0) for inside in cells(t)]
        assert np.abs(inner[0] - inner[1]).max() > 80
        outside = image[~(cells(t)[0] | cells(t)[1])]
        assert np.median(outside.max(axis=1)) < 40 < min(colour.max() for colour in inner)
        colours.append(inner)
    assert np.ptp(np.array(colours), axis=0).max() < 12


def test_the_foreground_is_white(saved):
    image = decoded(EmbeddingPictures.of(saved, 100_000).frame(1)["foreground"])
    first, second = cells(1)
    assert np.median(image[first | second].min(axis=1)) > 230
    assert np.median(image[~(first | second)].max(axis=1)) < 25


def test_seeds_and_modes_lie_where_they_are(saved):
    pictures = EmbeddingPictures.of(saved, 100_000)
    for t, here in ((0, [1, 0]), (1, [0, 1]), (2, [0, 1])):
        seen = pictures.frame(t)
        seeds = np.frombuffer(base64.b64decode(seen["seeds"]), "<u2").reshape(-1, 6)
        # Frame 0 is the first of its pair, the others are the second of theirs.
        assert seeds[:, 0].tolist() == here
        assert seen["seed_count"] == 2
        y, x = (seeds[:, 1:3] / 65_536 * SHAPE).T
        assert [round(value - 0.5, 1) for value in (y[1], x[1])] == [26, 42]
        first, second = cells(t)
        for mode, inside in zip(seen["modes"], (first, second), strict=False):
            place = np.floor(np.array(mode[:2]) * SHAPE).astype(int)
            assert inside[tuple(place)]
            assert mode[5] == inside.sum()
        assert seen["modes"][2][:2] == [None, None] and seen["modes"][2][5] == 0
        colours = Palette.of(saved).colours(np.stack([FIRST, SECOND])).tolist()
        assert [mode[2:5] for mode in seen["modes"][:2]] == colours == seeds[:, 3:].tolist()


def test_pictures_keep_to_their_budget_and_cover_the_frame(saved):
    budget = 2500
    pictures = EmbeddingPictures.of(saved, budget)
    seen = pictures.frame(1)
    assert (
        sum(len(base64.b64decode(seen[kind].partition(",")[2])) for kind in ("embedding", "foreground"))
        <= budget
    )
    shape = np.array(decoded(seen["embedding"]).shape[:2])
    assert (shape * seen["covers"] >= 1 - 1e-5).all()


def test_nothing_is_shown_where_nothing_was_kept(tmp_path, saved):
    assert EmbeddingPictures.of(SavedEmbeddings(tmp_path / "nowhere"), 1000) is None
    assert EmbeddingPictures.of(saved, 100_000).frame(9) is None
    empty = np.zeros((6, *SHAPE), np.float32)
    empty[0] = 1
    only = SavedEmbeddings(tmp_path / "empty")
    only.write_frame(0, 3, SavedFrame.of(empty, 0.5))
    assert EmbeddingPictures.of(SavedEmbeddings(only.folder), 1000) is None


def test_fewer_dimensions_than_colours(tmp_path):
    vectors = np.zeros((2, 4, 4), np.float32)
    vectors[1] = 1
    saved = SavedEmbeddings(tmp_path)
    saved.write_frame(0, 3, SavedFrame.of(vectors, 0.5))
    seen = EmbeddingPictures.of(SavedEmbeddings(tmp_path), 100_000).frame(0)
    assert decoded(seen["embedding"]).min() > 20
    assert seen["modes"] == [] and seen["seeds"] == ""
