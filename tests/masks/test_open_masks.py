"""Masks of any program: which files they are, what their numbers are, and what is refused."""

import numpy as np
import pytest
from PIL import Image
from tifffile import imwrite

from cellseg.errors import CellsegError
from cellseg.masks import open_masks

LABELS = np.zeros((6, 8), np.uint16)
LABELS[1:3, 1:4] = 1
LABELS[4:, 5:] = 300


def write(path, labels=LABELS):
    path.parent.mkdir(exist_ok=True, parents=True)
    if path.name.endswith("_seg.npy"):
        np.save(path, {"masks": labels, "est_diam": np.float64(3)})
    elif path.suffix == ".npy":
        np.save(path, labels)
    elif path.suffix == ".png":
        Image.fromarray(labels).save(path)
    else:
        imwrite(path, labels, photometric="minisblack")


@pytest.mark.parametrize(
    ("names", "numbers", "digits"),
    [
        (["mask000.tif", "mask001.tif"], (0, 1), 3),
        (["man_seg0009.tif", "man_seg0010.tif"], (9, 10), 4),
        (["t000_labels.tif", "t001_labels.tif"], (0, 1), 3),
        (["img_9.png", "img_10.png"], (9, 10), 3),
        (["exp12_p3_t01_w2.TIF", "exp12_p3_t02_w2.TIF"], (1, 2), 3),
        (["img_000_seg.npy", "img_001_seg.npy"], (0, 1), 3),
        (["000.npy", "001.npy"], (0, 1), 3),
        (["well 4 000012.tiff", "well 4 000013.tiff"], (12, 13), 6),
        (["only7.tif"], (7,), 3),
    ],
)
def test_numbers_come_from_the_names(tmp_path, names, numbers, digits):
    for name in names:
        write(tmp_path / "scan" / name)
    (tmp_path / "scan" / "res_track.txt").write_text("1 0 1 0\n")
    (tmp_path / "scan" / "notes.tif.txt").write_text("")
    (tmp_path / "scan" / f"._{names[0]}").write_bytes(b"what a Mac leaves beside a file")
    with open_masks(tmp_path / "scan") as masks:
        assert (masks.frame_numbers, masks.digits) == (numbers, digits)
        assert (masks.name, masks.shape) == ("scan", (len(names), 6, 8))
        np.testing.assert_array_equal(masks.frame(len(names) - 1), LABELS)
        assert [entry["path"] for entry in masks.fingerprint()] == names


@pytest.mark.parametrize(
    ("folder", "name"),
    [("01_ST/SEG", "01"), ("02_GT/TRA", "02"), ("01_RES", "01"), ("SEG", "SEG"), ("_RES", "_RES")],
)
def test_the_challenges_folders_are_named_by_their_sequence(tmp_path, folder, name):
    write(tmp_path / folder / "man_seg000.tif")
    assert open_masks(tmp_path / folder).name == name


def test_a_pattern_picks_masks_from_a_folder_that_holds_more(tmp_path):
    for t in range(3):
        write(tmp_path / f"img_{t:03}.tif", LABELS.astype(np.float32))
        write(tmp_path / f"img_{t:03}_cp_masks.png")
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path)
    assert "img_{t}.tif (3 files), img_{t}_cp_masks.png (3 files)" in refused.value.reason
    assert f"'{tmp_path / 'img_{t}_cp_masks.png'}'" in refused.value.remedy
    masks = open_masks(tmp_path / "img_{t}_cp_masks.png")
    assert (masks.name, masks.frame_numbers) == ("img_cp_masks", (0, 1, 2))
    assert open_masks(tmp_path / "img_{t}_cp_masks.png").fingerprint()[1]["path"] == "img_001_cp_masks.png"


def test_two_numbers_that_vary_need_a_pattern(tmp_path):
    write(tmp_path / "p1_t0.tif")
    write(tmp_path / "p2_t1.tif")
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path)
    assert "p1_t0.tif and p2_t1.tif" in refused.value.reason
    assert "p1_t{t}.tif" in refused.value.remedy


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "holds no numbered masks"),
        (["masks.tif"], "for example masks.tif"),
        (["m1.tif", "m01.tif"], "m1.tif: has the same frame number as m01.tif"),
        (["m1.tif", "m3.tif"], "no mask of frame 2\n"),
        (["m1.tif", "m5.tif"], "no mask of frames 2 to 4\n"),
    ],
)
def test_names_that_are_no_movie(tmp_path, names, said):
    for name in names:
        write(tmp_path / name)
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path)
    assert said in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize("kind", ["uint8", "uint16", "uint32", "int32", "int64", "uint64"])
def test_masks_of_mixed_whole_types(tmp_path, kind):
    write(tmp_path / "m0.tif", LABELS)
    write(tmp_path / "m1.tif", (LABELS > 0).astype(kind) * 7)
    masks = open_masks(tmp_path)
    assert masks.frame(0).dtype == masks.frame(1).dtype
    assert np.unique(masks.frame(1)).tolist() == [0, 7]


@pytest.mark.parametrize(
    ("labels", "said", "remedy"),
    [
        (LABELS.astype(np.float32), "float32 values, no labels", "16-bit TIFF or PNG"),
        (LABELS.astype(np.int16) - 1, "negative label -1", "0 for background"),
        (LABELS.astype(np.uint64) - 1, "the label 18446744073709551615", "0 for background"),
        (LABELS > 0, "not cell from cell", "Number the cells"),
        (np.stack([LABELS] * 2), "is not one 2-D image", None),
        (LABELS[:5], "5 x 8 pixels (y, x), the first frame is 6 x 8", "one size"),
    ],
)
def test_masks_that_are_none(tmp_path, labels, said, remedy):
    write(tmp_path / "m0.tif")
    write(tmp_path / "m1.tif", labels)
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path).frame(1)
    assert refused.value.path == tmp_path / "m1.tif"
    assert said in refused.value.reason
    assert remedy is None or remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Image.fromarray(np.zeros((6, 8, 3), np.uint8)), "picture in colour (RGB)"),
        (Image.fromarray(np.zeros((6, 8, 4), np.uint8)), "picture in colour (RGBA)"),
        (Image.fromarray(LABELS > 0), "not cell from cell"),
    ],
)
def test_pictures_are_no_masks(tmp_path, picture, said):
    picture.save(tmp_path / "m0.png")
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path)
    assert said in refused.value.reason and refused.value.remedy


def test_the_numbers_of_a_png_with_a_palette_are_labels(tmp_path):
    picture = Image.fromarray((LABELS % 255).astype(np.uint8)).convert("P")
    picture.putdata((LABELS % 255).ravel().tolist())
    picture.save(tmp_path / "m0.png")
    assert np.unique(open_masks(tmp_path).frame(0)).tolist() == [0, 1, 45]


@pytest.mark.parametrize("name", ["m1.tif", "m1.png", "m1.npy"])
def test_a_damaged_file_is_named(tmp_path, name):
    for t in range(2):
        write(tmp_path / name.replace("1", str(t)))
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:30])
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path).frame(1)
    assert refused.value.path == tmp_path / name


@pytest.mark.parametrize("name", ["movie.tif", "movie.npy"])
def test_one_file_of_all_frames(tmp_path, name):
    write(tmp_path / name, np.stack([LABELS, LABELS[::-1], LABELS]))
    with open_masks(tmp_path / name) as masks:
        assert (masks.name, masks.shape, masks.digits) == ("movie", (3, 6, 8), 3)
        np.testing.assert_array_equal(masks.frame(1), LABELS[::-1])
        assert masks.fingerprint()[0]["path"] == name


def test_one_file_of_pages_that_are_none(tmp_path):
    write(tmp_path / "movie.tif", np.zeros((3, 6, 8), np.float32))
    with pytest.raises(CellsegError, match="its first frame holds float32 values"):
        open_masks(tmp_path / "movie.tif")


@pytest.mark.parametrize("name", ["m0.tif", "m0.png", "m0_seg.npy"])
def test_one_frame_is_no_movie(tmp_path, name):
    write(tmp_path / name)
    with pytest.raises(CellsegError) as refused:
        open_masks(tmp_path / name)
    assert f"'{tmp_path}'" in refused.value.remedy


def test_what_is_not_there_or_no_image(tmp_path):
    with pytest.raises(CellsegError, match="does not exist"):
        open_masks(tmp_path / "nowhere")
    (tmp_path / "tracks.csv").write_text("a,b\n")
    with pytest.raises(CellsegError, match="is no mask"):
        open_masks(tmp_path / "tracks.csv")
