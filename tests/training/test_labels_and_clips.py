"""What training is shown: label rules, geometry that images and labels share, passes that keep state."""

import numpy as np
import pytest
import torch

from cellseg.config import Preparation
from cellseg.training import Movie, TrainingSettings, find_truth, read_movies
from cellseg.training.augment import Geometry, rescaled
from cellseg.training.labels import FOREGROUND, IGNORED, training_labels
from cellseg.training.player import Player
from cellseg.video import prepare

PREPARATION = Preparation(input_px_per_network_px=(1, 1))


def test_markers_name_the_objects_they_lie_in():
    objects = np.zeros((20, 40), np.uint16)
    objects[2:8, 2:8] = 1  # one marker: takes its id
    objects[2:8, 10:16] = 2  # two markers: ignored
    objects[2:8, 20:26] = 3  # no marker: foreground only
    markers = np.zeros_like(objects)
    markers[4:6, 4:6] = 77
    markers[3:5, 11:13], markers[3:5, 13:15] = 5, 6
    markers[14:16, 30:32] = 9  # no object: an ignored disc
    labels = training_labels(markers, objects, border=0)
    assert set(np.unique(labels[objects == 1])) == {77}
    assert set(np.unique(labels[objects == 2])) == {IGNORED}
    assert set(np.unique(labels[objects == 3])) == {FOREGROUND}
    radius = (36 / np.pi) ** 0.5  # of the median object, 36 pixels
    y, x = np.mgrid[:20, :40]
    distance = np.min([np.hypot(y - v, x - u) for v in (14, 15) for u in (30, 31)], axis=0)
    assert np.array_equal(labels == IGNORED, (distance <= radius) | (objects == 2))


def test_a_marker_belongs_where_most_of_it_lies():
    objects = np.zeros((8, 20), np.uint16)
    objects[:, :4], objects[:, 4:] = 1, 2
    markers = np.zeros_like(objects)
    markers[3:5, 3:11] = 7  # one of its eight columns on object 1
    labels = training_labels(markers, objects, 0)
    assert set(np.unique(labels[objects == 1])) == {FOREGROUND}
    assert set(np.unique(labels[objects == 2])) == {7}


def test_outside_the_field_of_interest_only_objects_teach():
    objects = np.zeros((10, 10), np.uint16)
    objects[0:3, 0:3] = 1
    markers = np.zeros_like(objects)
    markers[1, 1] = 4
    labels = training_labels(markers, objects, border=2)
    inside = np.zeros((10, 10), bool)
    inside[2:-2, 2:-2] = True
    assert (labels[objects > 0] == 4).all()
    assert (labels[~inside & (objects == 0)] == IGNORED).all()
    assert (labels[inside & (objects == 0)] == 0).all()


def test_full_masks_need_no_second_segmentation():
    markers = np.array([[0, 300], [2, 0]], np.uint16)
    assert np.array_equal(training_labels(markers, None, 0), markers)


def settings(**changes):
    return TrainingSettings(preparation=PREPARATION, **changes)


@pytest.mark.parametrize("seed", range(5))
def test_images_and_labels_move_together(seed):
    """The image is the label image: after the warp they must still agree, away from outlines."""
    y, x = np.mgrid[:40, :60]
    labels = torch.from_numpy(((y // 10) * 6 + x // 10 + 1).astype(np.int32))[None]
    geometry = Geometry.draw(np.random.default_rng(seed), (40, 60), (48, 48), settings())
    images, moved = geometry.apply(labels.float(), labels)
    assert images.shape == moved.shape == (1, 48, 48)
    seen = moved > 0
    assert seen.float().mean() > 0.2
    assert (moved[~seen] == IGNORED).all()
    agree = (images[seen] - moved[seen]).abs() < 1e-3
    assert agree.float().mean() > 0.7  # the rest are interpolated outlines
    assert torch.isfinite(images).all()


def movie(length, value=0.0):
    frames = np.arange(length, dtype=np.float32)[:, None, None] / 100 + value
    return Movie(np.broadcast_to(frames, (length, 8, 8)).copy(), np.ones((length, 8, 8), np.int32))


STILL = {"rotation": 0, "scale": 0, "elastic_px": 0, "intensity": 0, "clip_frames": 3, "crop": (8, 8)}


def frame_numbers(clip):
    return (clip.images.amax((1, 2)) * 100).round().int().tolist()


def test_clips_of_a_pass_follow_each_other_to_and_fro():
    plan = settings(**STILL, reset_probability=0.2, seed=3)
    player = Player([movie(5)], [], plan, (8, 8), 0)
    clips = [player.clip(index) for index in range(60)]
    circle = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]
    turn = "".join(map(str, circle * 3))
    numbers = []
    for clip in clips:
        numbers = frame_numbers(clip) if clip.fresh else numbers + frame_numbers(clip)
        assert "".join(map(str, numbers[-20:])) in turn
    resets = sum(clip.fresh for clip in clips)
    assert clips[0].fresh
    assert 4 <= resets <= 25  # 0.2 of 60


def test_clips_lie_around_cells_as_often_as_wanted():
    images, labels = np.zeros((3, 90, 120), np.float32), np.zeros((3, 90, 120), np.int32)
    labels[:, 40:43, 2:5] = 7  # small, and at the edge
    plan = {"crop": (24, 24), "clip_frames": 2}
    share = {}
    for focus in (0.0, 0.5, 1.0):
        player = Player([Movie(images, labels)], [], settings(**plan, focus=focus), (24, 24), 0)
        share[focus] = np.mean([bool((player.clip(index).labels == 7).any()) for index in range(60)])
    assert share[1.0] == 1
    assert share[0.0] < 0.2 < 0.35 < share[0.5] < 0.75


def test_a_window_training_starts_every_clip_anew():
    player = Player([movie(5)], [], settings(**STILL, reset_probability=1.0), (8, 8), 0)
    assert all(player.clip(index).fresh for index in range(10))


def test_clips_do_not_depend_on_how_they_were_reached():
    plan = settings(clip_frames=2, crop=(8, 8), reset_probability=0.3)
    forward, backward = (Player([movie(5)], [movie(9, 1.0)], plan, (8, 8), 1) for _ in range(2))
    clips = [forward.clip(index) for index in range(8)]
    for index in reversed(range(8)):
        again = backward.clip(index)
        assert torch.equal(clips[index].images, again.images)
        assert torch.equal(clips[index].labels, again.labels)


def test_the_share_of_simulated_passes():
    plan = settings(**STILL, reset_probability=1.0, simulated_share=0.25)
    player = Player([movie(5)], [movie(5, 1.0)], plan, (8, 8), 0)
    simulated = [frame_numbers(player.clip(index))[0] >= 90 for index in range(200)]
    assert 0.15 < np.mean(simulated) < 0.35


def test_a_gap_in_the_numbering_starts_another_movie(tmp_path):
    from tifffile import imwrite

    (tmp_path / "02").mkdir()
    (tmp_path / "02_GT" / "TRA").mkdir(parents=True)
    for number in (0, 1, 2, 5, 6):
        imwrite(tmp_path / "02" / f"t{number:03d}.tif", np.full((8, 8), number, np.uint8))
        imwrite(
            tmp_path / "02_GT" / "TRA" / f"man_track{number:03d}.tif", np.full((8, 8), number + 1, np.uint16)
        )
    movies = read_movies(tmp_path / "02", PREPARATION, frames=(1, None), border=0)
    assert [m.labels[:, 0, 0].tolist() for m in movies] == [[2, 3], [6, 7]]


def write_movie(folder, frames, labelled):
    """Frames valued with their number, and masks of one cell of some of them."""
    from tifffile import imwrite

    masks = folder.with_name(folder.name + "_GT") / "SEG"
    for path in (folder, masks):
        path.mkdir(parents=True)
    for number in range(frames):
        imwrite(folder / f"t{number:03d}.tif", np.full((8, 8), number, np.uint8))
    for number in labelled:
        imwrite(masks / f"man_seg{number:03d}.tif", np.pad(np.full((4, 4), 7, np.uint16), 2))


def test_frames_without_masks_are_ignored_between_others_and_left_out_elsewhere(tmp_path):
    write_movie(tmp_path / "01", 20, [3, 5, 6, 12, 19])
    movies = read_movies(tmp_path / "01", PREPARATION, reach=3)
    assert [(m.begin, len(m.images), m.labelled) for m in movies] == [(3, 4, 3), (12, 1, 1), (19, 1, 1)]
    taught = movies[0].labels
    assert (taught[1] == IGNORED).all()
    assert [set(np.unique(taught[t])) for t in (0, 2, 3)] == [{0, 7}] * 3
    assert [m.begin for m in read_movies(tmp_path / "01", PREPARATION)] == [3, 5, 12, 19]


def test_frames_without_track_ids_are_stills(tmp_path):
    from dataclasses import replace

    write_movie(tmp_path / "01", 4, [0, 1, 2])
    truth = replace(find_truth(tmp_path / "01"), tracked=False)
    movies = read_movies(tmp_path / "01", PREPARATION, truth=truth, reach=3)
    assert [len(m.images) for m in movies] == [1, 1, 1]


def test_movies_are_played_in_proportion_to_their_masks():
    many, few = movie(40), movie(40, 1.0)
    few.labels[10:] = IGNORED  # 10 of 40
    plan = settings(**STILL, reset_probability=1.0)
    player = Player([many, few], [], plan, (8, 8), 0)
    second = [frame_numbers(player.clip(index))[0] >= 90 for index in range(300)]
    assert 0.12 < np.mean(second) < 0.28


def test_clips_lie_around_cells_of_the_first_frame_that_has_masks():
    images, labels = np.zeros((2, 90, 120), np.float32), np.full((2, 90, 120), IGNORED, np.int32)
    labels[1] = 0
    labels[1, 40:43, 2:5] = 7
    plan = settings(crop=(24, 24), clip_frames=3, focus=1.0, reset_probability=1.0)
    player = Player([Movie(images, labels)], [], plan, (24, 24), 0)
    assert all((player.clip(index).labels == 7).any() for index in range(20))


@pytest.mark.parametrize(
    "preparation",
    [PREPARATION, PREPARATION.model_copy(update={"intensity": "asinh", "quantiles": (0.005, 0.5)})],
)
def test_a_rescaled_crop_is_as_a_movie_of_so_small_a_field(preparation):
    rng = np.random.default_rng(0)
    frames = rng.normal(100, 3, (2, 60, 60))
    frames[:, 5:20, 5:20] += 2000  # beside the crop
    preparation = preparation.model_copy(update={"smoothing_sigma": 0.0})
    crop = (slice(30, 55), slice(25, 58))
    alone = [prepare(frame[crop], preparation) for frame in frames]
    cut = torch.from_numpy(np.stack([prepare(frame, preparation)[crop] for frame in frames]))
    before = cut.clone()
    assert np.allclose(rescaled(cut, preparation), alone, atol=0.01)
    assert torch.equal(cut, before)
    assert not np.allclose(cut, alone, atol=0.1)


def test_every_pass_may_be_rescaled():
    rng = np.random.default_rng(0)
    frames = rng.normal(-1, 0.01, (5, 40, 40)).astype(np.float32)
    frames[:, 0, 0] = 1
    dim = Movie(frames, np.zeros((5, 40, 40), np.int32))
    for share, spread in ((0.0, 0.03), (1.0, 0.3)):
        plan = settings(**STILL, rescaled_share=share)
        clip = Player([dim], [], plan, (8, 8), 0).clip(0)
        assert (clip.images.std() > spread) == (share == 1)
