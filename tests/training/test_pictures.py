"""Pictures: outlines in their colours, sizes within bounds."""

import numpy as np
from imagecodecs import imread

from cellseg.training.pictures import BOTH, RESULT, TRUTH, draw_outlines


def where(picture, colour):
    return (picture == np.array(colour)).all(-1)


def test_outlines_have_their_colours(tmp_path):
    frame = np.linspace(0, 4000, 600 * 700, dtype=np.float32).reshape(600, 700)
    truth, result = np.zeros((2, 600, 700), np.uint16)
    truth[100:200, 100:200] = result[100:200, 100:200] = 1
    truth[300:400, 100:200] = 2
    result[300:400, 400:500] = 7
    draw_outlines(tmp_path / "pictures" / "a.png", frame, truth, result)
    picture = imread(tmp_path / "pictures" / "a.png")
    assert picture.shape == (600, 700, 3)
    rim = 4 * 99
    assert [where(picture, colour).sum() for colour in (BOTH, TRUTH, RESULT)] == [rim] * 3
    assert where(picture, TRUTH)[300, 150]
    assert where(picture, RESULT)[399, 450]
    grey = picture[..., 0][590]
    assert (picture[590] == grey[:, None]).all()
    assert picture[0].mean() < 10 < 220 < picture[599].mean()


def test_small_frames_are_enlarged_and_large_ones_thinned_out(tmp_path):
    for size, expected in (((30, 40), (390, 520)), ((1500, 2600), (500, 867)), ((1024, 512), (1024, 512))):
        labels = np.zeros(size, np.uint8)
        draw_outlines(tmp_path / "a.png", labels.astype(np.uint16), labels, labels)
        assert imread(tmp_path / "a.png").shape == (*expected, 3)
