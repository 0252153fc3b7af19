"""Still images: which belong together, how they are read, and how they move when they are played."""

import numpy as np
import pytest
import torch
from imagecodecs import png_encode
from tifffile import imwrite

from cellseg.config import Preparation
from cellseg.errors import CellsegError
from cellseg.training import Movie, OwnStills, TrainingSettings
from cellseg.training.labels import IGNORED
from cellseg.training.player import Player
from cellseg.training.stills import StillVideo, pair_stills

SETTINGS = TrainingSettings(preparation=Preparation(input_px_per_network_px=(1, 1)), cell_diameter=10)


def write(path, image):
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".png":
        path.write_bytes(png_encode(image))
    else:
        imwrite(path, image, photometric="rgb" if image.shape[-1] == 3 else "minisblack")


def blobs(seed, size=(40, 50)):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    masks = np.zeros(size, np.uint16)
    for label, (v, u) in enumerate([(10, 10), (28, 30)], start=1):
        masks[np.hypot(y - v - rng.uniform(-2, 2), x - u) < 6] = label
    return np.where(masks > 0, 200, 30).astype(np.uint8), masks


@pytest.fixture
def folders(tmp_path):
    """Four images, TIFF and PNG, of which three have masks."""
    for index, suffixes in enumerate([(".tif", ".png"), (".png", ".tif"), (".PNG", ".png"), (".tif", None)]):
        image, masks = blobs(index)
        write(tmp_path / "images" / f"cell {index}{suffixes[0].lower()}", image)
        if suffixes[1]:
            write(tmp_path / "masks" / f"cell {index}{suffixes[1]}", masks)
    return tmp_path / "images", tmp_path / "masks"


def test_images_are_paired_with_masks_by_name(folders):
    stills = pair_stills(*folders)
    assert [still.name for still in stills] == ["cell 0", "cell 1", "cell 2"]
    for index, still in enumerate(stills):
        image, masks = blobs(index)
        assert np.array_equal(still.image(), image)
        assert np.array_equal(still.masks(), masks)
        assert not still.pieces


def test_an_image_is_a_movie_in_which_nothing_moves(folders):
    with StillVideo(pair_stills(*folders)[1], 4) as video:
        assert video.shape == (4, 40, 50)
        assert np.array_equal(video.frame(0), video.frame(3))
        assert video.fingerprint()[0]["path"] == "cell 1.png"


def test_colours_that_are_equal_are_grey(folders):
    image, _ = blobs(1)
    write(folders[0] / "cell 1.png", np.dstack([image] * 3 + [np.full_like(image, 255)]))
    assert np.array_equal(pair_stills(*folders)[1].image(), image)


@pytest.mark.parametrize(
    ("cells", "suffixes"), [(np.uint8(255), (".png", ".tif", ".png")), (np.True_, (".tif", ".tif", ".tif"))]
)
def test_binary_masks_are_taken_apart(folders, cells, suffixes):
    for path, suffix in zip(sorted(folders[1].iterdir()), suffixes, strict=True):
        path.unlink()
        write(path.with_suffix(suffix), (blobs(int(path.stem[-1]))[1] > 0) * cells)
    stills = pair_stills(*folders)
    assert np.array_equal(stills[2].masks(), blobs(2)[1])


def damage(name, image):
    return lambda images, masks: write((masks if name.startswith("m") else images) / name[2:], image)


COLOURS = np.dstack([blobs(0)[0], blobs(0)[0] * 0, blobs(0)[0]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            damage("m/cell 0.png", np.ones((40, 49), np.uint8)),
            "is 40 x 49 pixels (y, x), but its image is 40 x 50",
        ),
        (damage("m/cell 1.tif", np.ones((40, 50), np.float32)), "holds float32 values"),
        (damage("m/cell 0.png", COLOURS), "is in colour"),
        (damage("i/cell 1.png", COLOURS), "is in colour"),
        (damage("i/cell 0.tif", COLOURS), "is in colour"),
        (damage("i/cell 0.tif", np.zeros((3, 40, 50), np.uint8)), "holds 3 pages"),
        (damage("m/stray.png", np.ones((40, 50), np.uint8)), "1 of 4 masks have no image"),
        (damage("m/cell 0.tif", np.ones((40, 50), np.uint8)), "holds cell 0.png and cell 0.tif"),
        (lambda images, masks: (images / "cell 1.png").write_bytes(b"no picture"), "cannot be read as PNG"),
        (lambda images, masks: [path.unlink() for path in masks.iterdir()], "holds no masks"),
        (lambda images, masks: [path.unlink() for path in images.iterdir()], "holds no images"),
    ],
)
def test_what_is_wrong_is_said(folders, change, words):
    change(*folders)
    with pytest.raises(CellsegError) as caught:
        pair_stills(*folders)
    assert words in str(caught.value)
    assert caught.value.path is not None
    assert caught.value.remedy


def test_images_and_masks_that_are_mistaken_for_each_other_are_refused(folders):
    images, masks = folders
    noise = np.random.default_rng(0).integers(1, 200, (40, 50)).astype(np.uint8)
    write(masks / "cell 0.png", noise)
    with pytest.raises(CellsegError, match="looks like an image of grey values") as caught:
        pair_stills(images, masks)[0].masks()
    assert caught.value.path == masks / "cell 0.png"
    narrow = np.repeat(np.arange(1, 17), 3)[None].repeat(40, 0)  # cells of 3 pixels, side by side
    write(masks / "cell 0.png", np.pad(narrow, ((0, 0), (0, 2))).astype(np.uint8))
    assert len(np.unique(pair_stills(images, masks)[0].masks())) == 17


def test_one_folder_cannot_hold_both(folders):
    with pytest.raises(CellsegError, match="for images and for masks"):
        pair_stills(folders[0], folders[0])
    with pytest.raises(CellsegError, match="is no folder of masks"):
        pair_stills(folders[0], folders[0] / "none")


def test_stills_come_to_the_scale_of_their_cells(folders):
    said = []
    material = OwnStills(*folders).material(SETTINGS, said.append)
    assert len(material.movies) == 2
    assert all(movie.images.shape[0] == 1 for movie in material.movies)
    assert material.diameter == pytest.approx(12, abs=0.5)
    assert material.movies[0].images.shape[1:] == (
        round(40 / material.diameter * 10),
        round(50 / material.diameter * 10),
    )
    assert [still.name for still in material.validation.stills] == ["cell 2"]
    assert "3 images have masks, cells about 1" in said[0]
    everything = OwnStills(*folders, diameter=20, all_learnt=True).material(SETTINGS, said.append)
    assert len(everything.movies) == 3
    assert everything.validation is None
    assert everything.movies[0].images.shape[1:] == (20, 25)


def test_scoring_on_empty_masks_alone_is_said(folders):
    write(folders[1] / "cell 2.png", np.zeros((40, 50), np.uint8))
    said = []
    OwnStills(*folders).material(SETTINGS, said.append)
    assert any("none of those that are scored has a cell" in message for message in said)


def test_empty_masks_everywhere_are_refused(folders):
    for path in folders[1].iterdir():
        write(path, np.zeros((40, 50), np.uint8))
    with pytest.raises(CellsegError, match="no cell in the ground truth"):
        OwnStills(*folders).material(SETTINGS, lambda message: None)


def still_clips(count=4, crop=(64, 64), **changes):
    """Clips of one still whose image is its label image, without any other change."""
    y, x = np.mgrid[:80, :80]
    labels = ((y // 16) * 5 + x // 16 + 1).astype(np.int32)
    plan = SETTINGS.model_copy(
        update={"rotation": 0, "scale": 0, "elastic_px": 0, "intensity": 0, "clip_frames": 4, "crop": crop}
        | {"reset_probability": 1e-9}
        | changes
    )
    player = Player([Movie(labels[None].astype(np.float32), labels[None])], [], plan, crop, 0)
    return [player.clip(index) for index in range(count)]


def test_a_still_moves_a_little_from_frame_to_frame_and_on_from_clip_to_clip():
    labels = torch.cat([clip.labels for clip in still_clips()])
    changed = (labels[1:] != labels[:-1]).float().mean((1, 2))
    assert (changed > 0.01).all()
    assert (changed < 0.5).all()
    assert (labels[8:] != labels[:8]).float().mean() > 0.05  # and not to and fro between two places
    assert len(set(labels[0].unique().tolist()) & set(labels[-1].unique().tolist())) > 8


def test_images_and_labels_of_a_still_move_together():
    clip = still_clips(1)[0]
    seen = clip.labels > IGNORED
    assert seen.float().mean() > 0.7
    agree = (clip.images[seen] - clip.labels[seen]).abs() < 1e-3
    assert agree.float().mean() > 0.6  # the rest are interpolated outlines


def test_motion_may_be_left_out():
    labels = still_clips(1, motion_px=0)[0].labels
    assert (labels == labels[0]).all()


def test_a_movie_moves_by_itself_alone():
    y, x = np.mgrid[:80, :80]
    labels = np.repeat((((y // 16) * 5 + x // 16 + 1).astype(np.int32))[None], 2, 0)
    plan = SETTINGS.model_copy(update={"clip_frames": 3, "crop": (64, 64)})
    clip = Player([Movie(labels.astype(np.float32), labels)], [], plan, (64, 64), 0).clip(0)
    assert (clip.labels == clip.labels[0]).all()
