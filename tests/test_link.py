"""The linker alone: masks in, a valid result out."""

import json
from pathlib import Path

import numpy as np
import pytest
from e2e.discs import draw
from tifffile import imread, imwrite

from cellseg.config import Settings, override
from cellseg.ctc import Result, evaluate, validate, write_mask, write_tracks
from cellseg.errors import CellsegError
from cellseg.link import link
from cellseg.masks import open_masks
from cellseg.types import Track
from cellseg.video import ArrayVideo, open_video

PLAIN = override(Settings(), ["linker.max_repair=0", "linker.fill_gaps=false"])


def write(folder, frames, first=0):
    folder.mkdir(parents=True)
    for t, labels in enumerate(frames, first):
        imwrite(folder / f"m{t:03}.tif", labels)
    return folder


def shuffled(labels, seed):
    """The same cells under other numbers."""
    ids = np.append(0, np.random.default_rng(seed).permutation(900)[: labels.max()] + 1)
    return ids[labels].astype(np.uint16)


@pytest.fixture
def discs():
    return [draw(t)[1] for t in range(8)]


def test_cells_get_their_tracks_back_whatever_their_numbers(tmp_path, discs):
    masks = open_masks(write(tmp_path / "scan", [shuffled(labels, t) for t, labels in enumerate(discs)]))
    tracks = link(masks, Settings(), tmp_path / "01_RES")
    assert tracks == (Track(1, 0, 7, 0), Track(2, 0, 7, 0), Track(3, 3, 7, 0))
    result = Result(tmp_path / "01_RES")
    assert tuple(result.tracks) == tracks
    for t, labels in enumerate(discs):
        np.testing.assert_array_equal(result.masks[t] > 0, labels > 0)
    assert not validate(tmp_path / "01_RES")


def test_scores_against_the_truth(tmp_path, discs):
    link(open_masks(write(tmp_path / "scan", discs, first=4)), Settings(), tmp_path / "01_RES")
    truth = tmp_path / "01_GT" / "TRA"
    truth.mkdir(parents=True)
    for t, labels in enumerate(discs, 4):
        write_mask(truth / f"man_track{t:03}.tif", labels)
    write_tracks(truth / "man_track.txt", [Track(1, 4, 11, 0), Track(2, 4, 11, 0), Track(3, 7, 11, 0)])
    scores = evaluate(tmp_path / "01_RES", tmp_path / "01_GT").scores.tracking
    assert (scores.TRA, scores.LNK) == (1, 1)


def test_labels_too_large_for_a_table(tmp_path, discs):
    large = [labels.astype(np.uint64) * (2**40 + 1) for labels in discs]
    link(open_masks(write(tmp_path / "large", large)), Settings(), tmp_path / "large_RES")
    link(open_masks(write(tmp_path / "small", discs)), Settings(), tmp_path / "small_RES")
    for t in range(8):
        np.testing.assert_array_equal(
            imread(tmp_path / f"large_RES/mask{t:03}.tif"), imread(tmp_path / f"small_RES/mask{t:03}.tif")
        )


def test_a_frame_without_background(tmp_path):
    frame = np.full((6, 8), 70_000, np.uint32)
    frame[:, 4:] = 80_000
    tracks = link(open_masks(write(tmp_path / "scan", [frame] * 3)), Settings(), tmp_path / "01_RES")
    assert tracks == (Track(1, 0, 2, 0), Track(2, 0, 2, 0))
    assert (imread(tmp_path / "01_RES/mask000.tif") > 0).all()


def test_what_lies_in_the_rim_alone_is_erased_as_a_whole_cell_is_kept(tmp_path, discs):
    settings = override(PLAIN, ["linker.border=8"])
    for labels in discs:
        labels[:5, :5] = 4
    tracks = link(open_masks(write(tmp_path / "scan", discs)), settings, tmp_path / "01_RES")
    assert len(tracks) == 3
    # The first disc reaches into the rim, and is not cut.
    assert (imread(tmp_path / "01_RES/mask000.tif") == 1).sum() == (discs[0] == 1).sum()
    with pytest.raises(CellsegError, match="nothing inside a border of 24"):
        link(
            open_masks(tmp_path / "scan"),
            override(PLAIN, ["linker.border=24"]),
            tmp_path / "other" / "01_RES",
        )


def test_a_cell_that_is_missed_is_drawn_unless_outlines_are_left_alone(tmp_path, discs):
    discs[4][discs[4] == 1] = 0
    folder = write(tmp_path / "scan", discs)
    assert link(open_masks(folder), Settings(), tmp_path / "a_RES")[0] == Track(1, 0, 7, 0)
    assert (imread(tmp_path / "a_RES/mask004.tif") == 1).any()
    tracks = link(open_masks(folder), PLAIN, tmp_path / "b_RES")
    assert (imread(tmp_path / "b_RES/mask004.tif") > 0).sum() == (discs[4] > 0).sum()
    assert {(track.begin, track.end) for track in tracks} >= {(0, 3), (5, 7)}


def test_no_cell_in_any_mask(tmp_path):
    said = []
    folder = write(tmp_path / "scan", [np.zeros((6, 8), np.uint16)] * 3)
    assert link(open_masks(folder), Settings(), tmp_path / "01_RES", say=said.append) == ()
    assert said == ["no mask holds a cell: the result is empty"]
    assert (tmp_path / "01_RES/res_track.txt").read_text() == ""
    assert len(Result(tmp_path / "01_RES").masks) == 3


def test_binary_masks_are_refused_but_one_cell_is_not_binary(tmp_path, discs):
    binary = [(labels > 0).astype(np.uint8) * 255 for labels in discs]
    with pytest.raises(CellsegError) as refused:
        link(open_masks(write(tmp_path / "binary", binary)), Settings(), tmp_path / "01_RES")
    assert "all cells have the number 255" in refused.value.reason
    assert "Number the cells" in refused.value.remedy
    assert not (tmp_path / "01_RES").exists() and not list(tmp_path.glob("partial*"))
    one = [(labels == 1).astype(np.uint8) * 255 for labels in discs]
    assert link(open_masks(write(tmp_path / "one", one)), Settings(), tmp_path / "01_RES") == (
        Track(1, 0, 7, 0),
    )


def test_the_movie_gives_the_numbers(tmp_path, discs):
    masks = open_masks(write(tmp_path / "scan", discs, first=1))
    movie = ArrayVideo(np.zeros((8, 48, 64), np.uint8))
    tracks = link(masks, Settings(), tmp_path / "01_RES", frames=movie)
    assert tracks[2] == Track(3, 3, 7, 0)
    assert sorted(Result(tmp_path / "01_RES").masks) == list(range(8))


def test_intensities_and_classes_are_no_masks_but_a_cell_in_pieces_is_one(tmp_path, discs):
    y, x = np.mgrid[:48, :64]
    near = np.maximum(
        np.exp(-((y - 14) ** 2 + (x - 14) ** 2) / 90), np.exp(-((y - 33) ** 2 + (x - 45) ** 2) / 90)
    )
    likely = [np.rint(255 * near).astype(np.uint8)] * 3
    noise = np.random.default_rng(0).poisson(100, (3, 48, 64)).astype(np.uint16)
    kinds = [np.where(labels == 1, 2, labels > 0).astype(np.uint8) for labels in discs]
    kinds = [np.maximum(kind, kind[:, ::-1]) for kind in kinds]
    for name, frames in (("likely", likely), ("noise", noise), ("kinds", kinds)):
        with pytest.raises(CellsegError) as refused:
            link(open_masks(write(tmp_path / name, frames)), Settings(), tmp_path / "01_RES")
        assert "intensities or classes" in refused.value.reason
        assert "Give the masks, not the movie" in refused.value.remedy
    assert not (tmp_path / "01_RES").exists()
    torn = [np.where((labels == 2) & (x % 3 == 0), 0, labels) for labels in discs]
    link(open_masks(write(tmp_path / "torn", torn)), PLAIN, tmp_path / "01_RES")
    assert Result(tmp_path / "01_RES").tracks


@pytest.mark.parametrize(
    ("shape", "said"),
    [((7, 48, 64), "there are 8 masks, but 7 frames"), ((8, 64, 48), "48 x 64 pixels (y, x), the frames in")],
)
def test_a_movie_that_the_masks_are_not_of(tmp_path, discs, shape, said):
    masks = open_masks(write(tmp_path / "scan", discs))
    with pytest.raises(CellsegError) as refused:
        link(masks, Settings(), tmp_path / "01_RES", frames=ArrayVideo(np.zeros(shape, np.uint8)))
    assert said in refused.value.reason


def test_the_record(tmp_path, discs):
    masks = open_masks(write(tmp_path / "scan", discs))
    link(masks, PLAIN, tmp_path / "01_RES")
    record = json.loads((tmp_path / "01_RES/run.json").read_text())
    assert (record["status"], record["tracks"], record["model"]) == ("done", 3, {})
    assert record["settings"]["linker"]["max_repair"] == 0
    assert record["input"]["masks"] == str(tmp_path / "scan") and "path" not in record["input"]
    assert [entry["path"] for entry in record["input"]["files"]] == [f"m{t:03}.tif" for t in range(8)]
    assert record["output"].keys() == {"res_track.txt", *(f"mask{t:03}.tif" for t in range(8))}


def test_a_result_is_replaced_only_if_asked(tmp_path, discs):
    folder = write(tmp_path / "scan", discs)
    link(open_masks(folder), Settings(), tmp_path / "01_RES")
    written = (tmp_path / "01_RES/run.json").stat().st_mtime_ns
    assert len(link(open_masks(folder), Settings(), tmp_path / "01_RES")) == 3
    assert (tmp_path / "01_RES/run.json").stat().st_mtime_ns == written
    with pytest.raises(CellsegError, match="is there already"):
        link(open_masks(folder), PLAIN, tmp_path / "01_RES")
    link(open_masks(folder), PLAIN, tmp_path / "01_RES", overwrite=True)
    assert (tmp_path / "01_RES/run.json").stat().st_mtime_ns > written


def test_a_result_is_known_again_by_any_path_to_its_masks(tmp_path, discs, monkeypatch):
    folder = write(tmp_path / "scan", discs)
    link(open_masks(folder), Settings(), tmp_path / "01_RES")
    monkeypatch.chdir(tmp_path)
    for path in (Path("scan"), Path("scan/m{t}.tif")):
        assert len(link(open_masks(path), Settings(), tmp_path / "01_RES")) == 3


def test_a_result_is_told_its_movie_later(tmp_path, discs):
    masks, result = open_masks(write(tmp_path / "scan", discs)), tmp_path / "01_RES"
    imwrite(tmp_path / "movie.tif", np.zeros((8, 48, 64), np.uint8), photometric="minisblack")
    link(masks, Settings(), result)
    before = json.loads((result / "run.json").read_text())
    with open_video(tmp_path / "movie.tif") as movie:
        link(masks, Settings(), result, frames=movie)
    after = json.loads((result / "run.json").read_text())
    assert after["input"].pop("path") == str(tmp_path / "movie.tif")
    assert after == before


@pytest.mark.parametrize("result", [".", "scan"])
def test_the_masks_themselves_are_never_replaced(tmp_path, discs, result):
    folder = write(tmp_path / "scan", discs)
    with pytest.raises(CellsegError, match="take the place of the masks"):
        link(open_masks(folder), Settings(), tmp_path / result, overwrite=True)
    assert len(list(folder.iterdir())) == 8


def test_a_mask_that_breaks_off_leaves_nothing_behind(tmp_path, discs):
    folder = write(tmp_path / "scan", discs)
    (folder / "m005.tif").write_bytes(b"II*\0")
    with pytest.raises(CellsegError, match=r"m005\.tif"):
        link(open_masks(folder), Settings(), tmp_path / "01_RES")
    assert [path.name for path in tmp_path.iterdir()] == ["scan"]
