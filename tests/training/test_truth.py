"""Masks of any origin: where they are found, what their labels mean, what is refused."""

import numpy as np
import pytest
from tifffile import imwrite

from cellseg.errors import CellsegError
from cellseg.training import find_truth
from cellseg.training.labels import FOREGROUND
from cellseg.training.masks import check_masks, count_in_place, know_no_cells_apart, typical_diameter_of


def squares(shift=0, labels=(1, 2), size=(20, 40)):
    """Two cells of 36 pixels, shifted to the right."""
    image = np.zeros(size, np.uint16)
    for index, label in enumerate(labels):
        image[4:10, 4 + 20 * index + shift : 10 + 20 * index + shift] = label
    return image


@pytest.fixture
def lab(tmp_path):
    """Frames 0 to 5 of a movie without masks; a function that puts masks somewhere."""
    (tmp_path / "01").mkdir()
    for number in range(6):
        imwrite(tmp_path / "01" / f"t{number:03d}.tif", squares(number).astype(np.uint8))

    def put(folder, prefix, images):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for number, image in images.items():
            imwrite(tmp_path / folder / f"{prefix}{number:03d}.tif", image)

    return tmp_path / "01", put


def test_outlines_of_some_frames_are_all_that_is_needed(lab):
    movie, put = lab
    put("01_GT/SEG", "man_seg", {n: squares(n, (7, 9)) for n in (1, 2, 4)})
    truth = find_truth(movie).examined()
    assert truth.numbers == (1, 2, 4)
    assert (truth.tracked, truth.pieces, truth.track_file) == (True, False, None)
    assert np.array_equal(truth.labels(2, (20, 40), 0), squares(2, (7, 9)))
    assert truth.within((2, None)).numbers == (2, 4)
    assert [(track.label, track.begin, track.end) for track in truth.tracks] == [(7, 1, 4), (9, 1, 4)]
    assert truth.diameter() == pytest.approx((4 * 36 / np.pi) ** 0.5)


def test_markers_name_the_outlines_of_a_silver_truth(lab):
    movie, put = lab
    markers = np.zeros((20, 40), np.uint16)
    markers[6:8, 6:8] = 5
    put("01_GT/TRA", "man_track", {n: markers for n in range(3)})
    put("01_ST/SEG", "man_seg", {n: squares() for n in range(2)})
    truth = find_truth(movie).examined()
    assert truth.numbers == (0, 1)
    labels = truth.labels(0, (20, 40), 0)
    assert (labels[squares() == 1] == 5).all()
    assert (labels[squares() == 2] == FOREGROUND).all()


def test_outlines_of_few_frames_serve_where_markers_are_small(lab):
    movie, put = lab
    markers = np.zeros((20, 40), np.uint16)
    markers[6:8, 6:8], markers[6:8, 26:28] = 5, 6
    put("01_GT/TRA", "man_track", {n: markers for n in range(6)})
    put("01_GT/SEG", "man_seg", {0: np.zeros_like(markers), 3: squares()})
    truth = find_truth(movie)
    assert truth.numbers == (0, 3)
    assert np.array_equal(truth.labels(3, (20, 40), 0), squares(labels=(5, 6)))
    with pytest.raises(CellsegError, match=r"no full masks of the frames 4:6; there are masks .* 0, 3"):
        truth.within((4, 6))


def test_markers_that_fill_their_cells_are_masks(lab):
    movie, put = lab
    put("01_GT/TRA", "man_track", {n: squares(n, (5, 6)) for n in range(6)})
    put("01_GT/SEG", "man_seg", {3: squares(3)})
    truth = find_truth(movie)
    assert truth.outlines is None
    assert truth.numbers == tuple(range(6))


def test_a_corrected_result_is_a_truth(lab):
    movie, put = lab
    put("01_RES", "mask", {n: squares(n) for n in (0, 1)})
    (movie.parent / "01_RES" / "res_track.txt").write_text("1 0 1 0\n2 0 1 0\n")
    with pytest.raises(CellsegError, match="no masks") as caught:
        find_truth(movie)
    assert "01_RES is there: if you have corrected it, add --truth" in caught.value.remedy
    truth = find_truth(movie, movie.parent / "01_RES")
    assert truth.numbers == (0, 1)
    assert len(truth.tracks) == 2
    truth.track_file.write_text("1 0 1 0\n1 0 1 0\n")
    with pytest.raises(CellsegError, match="label 1 has more than one line"):
        _ = find_truth(movie, movie.parent / "01_RES").tracks


def test_labels_that_change_from_frame_to_frame_are_no_tracks(lab):
    movie, put = lab
    put("01_GT/SEG", "man_seg", {n: squares(n, (2, 1) if n % 2 else (1, 2)) for n in range(6)})
    truth = find_truth(movie).examined()
    assert (truth.tracked, truth.pieces) == (False, False)


def test_cells_that_leap_are_no_evidence_against_their_labels(lab):
    movie, put = lab
    put("01_GT/SEG", "man_seg", {0: squares(0), 1: squares(8)})
    assert find_truth(movie).examined().tracked


def test_one_label_for_all_cells_is_taken_apart(lab):
    movie, put = lab
    put("01_GT/SEG", "man_seg", {n: squares(n, (255, 255)) for n in range(2)})
    truth = find_truth(movie).examined()
    assert (truth.tracked, truth.pieces) == (False, True)
    assert np.array_equal(truth.labels(1, (20, 40), 0), squares(1))


def test_one_cell_with_a_crumb_is_one_cell():
    lone = squares(labels=(3,))
    lone[19, 39] = 3
    assert not know_no_cells_apart([lone, np.zeros_like(lone)])
    assert not know_no_cells_apart([np.zeros_like(lone)])
    assert not know_no_cells_apart([squares(labels=(3, 3)), squares(labels=(4, 4))])
    assert know_no_cells_apart([lone, squares(labels=(3, 3))])


def test_cells_in_place_are_counted():
    assert count_in_place(squares(), squares()) == (2, 0)
    assert count_in_place(squares(), squares(1, (1, 7))) == (1, 1)
    assert count_in_place(squares(), squares(3)) == (0, 0)  # a third of the union


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros((20, 41), np.uint8), "is 20 x 41 pixels (y, x), but its image is 20 x 40"),
        (np.full((20, 40), -3, np.int32), "holds the label -3"),
        (np.full((20, 40), 70_000, np.uint32), "holds the label 70000"),
    ],
)
def test_masks_that_cannot_be_are_refused(tmp_path, labels, words):
    with pytest.raises(CellsegError) as caught:
        check_masks(labels, (20, 40), tmp_path / "m.tif")
    assert words in str(caught.value)
    assert caught.value.path == tmp_path / "m.tif"


def test_a_folder_that_is_not_there_is_named(lab):
    with pytest.raises(CellsegError, match="does not exist") as caught:
        find_truth(lab[0], lab[0].with_name("corected"))
    assert caught.value.path == lab[0].with_name("corected")
    assert caught.value.remedy


def test_all_masks_are_checked_before_training(lab):
    movie, put = lab
    put("01_GT/SEG", "man_seg", {0: squares(), 1: np.zeros((20, 40), np.uint8), 2: squares()})
    assert find_truth(movie).frames_with_cells((20, 40)) == [0, 2]
    put("01_GT/SEG", "man_seg", {2: squares(size=(20, 44))})
    with pytest.raises(CellsegError, match=r"man_seg002\.tif: is 20 x 44"):
        find_truth(movie).frames_with_cells((20, 40))


def test_empty_masks_have_no_diameter(tmp_path):
    with pytest.raises(CellsegError, match="no cell"):
        typical_diameter_of([np.zeros((4, 4), np.uint8)], tmp_path)
