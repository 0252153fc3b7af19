"""Which movies an input stands for, and where their results go."""

import pytest
from tifffile import imwrite

from cellseg.batch.inputs import find_movies
from cellseg.errors import CellsegError


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Stacks and frame folders, masks beside them, and results of an earlier run."""
    for name in (
        *("a.tif", "plate1/b.ome.tif", "plate1/c.TIFF", "plate2/01/t000.tif", "plate2/01/t001.tif"),
        *("plate2/01_GT/TRA/man_track000.tif", "old/a_RES/mask000.tif", ".trash/x.tif", "notes.txt"),
    ):
        path = tmp_path / "lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        imwrite(path, [[0]]) if path.suffix != ".txt" else path.write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lab"


def names(movies):
    return [movie.name for movie in movies]


def test_a_folder_stands_for_the_movies_inside(lab, tmp_path):
    movies = find_movies(["lab"], tmp_path / "out")
    assert names(movies) == ["a.tif", "plate1/b.ome.tif", "plate1/c.TIFF", "plate2/01"]
    assert [movie.result.relative_to(tmp_path / "out").as_posix() for movie in movies] == [
        *("a_RES", "plate1/b_RES", "plate1/c_RES", "plate2/01_RES"),
    ]


def test_files_folders_and_patterns_together_and_each_movie_once(lab, tmp_path):
    given = ["lab/a.tif", "lab/plate1", "lab/**/*.tif", "lab/plate2/01"]
    found = names(find_movies(given, tmp_path / "out"))
    # The pattern names the frames themselves, too: they are files of a suffix that movies have.
    assert {"a.tif", "plate1/b.ome.tif", "plate1/c.TIFF", "plate2/01"} <= set(found)
    assert len(found) == len(set(found))


def test_the_results_are_no_input(lab):
    assert "out" not in " ".join(names(find_movies(["lab"], lab / "plate1")))
    assert names(find_movies(["lab"], lab / "plate1")) == ["a.tif", "plate2/01"]


def test_one_movie(lab, tmp_path):
    (movie,) = find_movies(["lab/plate2/01"], tmp_path / "out")
    assert (movie.name, movie.result) == ("01", tmp_path / "out" / "01_RES")


def test_two_movies_with_one_result_are_refused(lab, tmp_path):
    imwrite(lab / "plate1" / "B.tif", [[0]])
    with pytest.raises(CellsegError, match="would have the same result as"):
        find_movies(["lab"], tmp_path / "out")


@pytest.mark.parametrize("given", ["lab/none.tif", "lab/*.czi", "lab/old", "elsewhere"])
def test_an_input_without_a_movie_is_an_error(lab, tmp_path, given):
    with pytest.raises(CellsegError, match=r"does not exist|there is no movie"):
        find_movies(["lab/a.tif", given], tmp_path / "out")
