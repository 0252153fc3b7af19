"""What a sheet says of single movies."""

from pathlib import Path

import pytest

from cellseg.batch.inputs import Movie
from cellseg.batch.options import Options, options_of, read_sheet
from cellseg.errors import CellsegError
from cellseg.video import Selection

MOVIES = [
    Movie(Path(f"/lab/{name}"), name, Path("/out")) for name in ("a.tif", "plate1/b.tif", "plate1/c.tif")
]


def read(tmp_path, name, text, common=Options()):  # noqa: B008
    (tmp_path / name).write_text(text, encoding="utf-8")
    return options_of(MOVIES, common, read_sheet(tmp_path / name), tmp_path / name)


def test_csv_and_yaml_say_the_same(tmp_path):
    table = "movie,diameter,linker.min_overlap,frames\nplate1/*,30,,\nplate1/c.tif,,0.4,1:10\n"
    german = table.replace(",", ";")
    mapping = '"plate1/*": {diameter: 30}\nplate1/c.tif: {linker.min_overlap: 0.4, frames: "1:10"}\n'
    expected = [
        Options(),
        Options(diameter=30),
        Options(diameter=30, selection=Selection(frames=(1, 10)), settings=("linker.min_overlap=0.4",)),
    ]
    assert read(tmp_path, "sheet.csv", table) == expected
    assert read(tmp_path, "sheet.csv", "\ufeff" + german) == expected
    assert read(tmp_path, "sheet.yaml", mapping) == expected


def test_a_row_wins_over_the_options_of_the_run(tmp_path):
    common = Options(model="m", pixel_size=0.5, settings=("linker.max_gap=2",))
    a, b, _ = read(tmp_path, "sheet.yaml", "a.tif: {diameter: 12, linker.max_gap: 3}", common)
    assert a == Options(model="m", diameter=12, settings=("linker.max_gap=2", "linker.max_gap=3"))
    assert b == common


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("movie,diameter\nd.tif,3\n", "no movie is called d.tif"),
        ("movie,colour\na.tif,red\n", "colour is not known"),
        ("movie,diameter\na.tif,large\n", "diameter cannot be 'large'"),
        ("movie,diameter\na.tif,-1\n", "diameter cannot be '-1'"),
        ("movie,frames\na.tif,7\n", "frames cannot be '7'"),
        ("film,diameter\na.tif,3\n", "does not name a movie in every row"),
        ("movie,diameter\na.tif,3,4\n", "does not name a movie in every row"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, words):
    with pytest.raises(CellsegError, match=words):
        read(tmp_path, "sheet.csv", text)


def test_a_block_that_yaml_takes_for_minutes_is_refused(tmp_path):
    with pytest.raises(CellsegError, match="frames cannot be 70"):
        read(tmp_path, "sheet.yaml", "a.tif: {frames: 1:10}")
