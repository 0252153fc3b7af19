"""`cellseg infer --report`: the page beside the result."""

from e2e.commands import here


def test_infer_writes_the_page_beside_the_result(model, movie, tmp_path) -> None:
    said = here("infer", movie, "--model", model, "--output", tmp_path / "out", "--report")
    page = (tmp_path / "out" / "01_RES_report.html").read_text("utf-8")
    assert "01_RES_report.html" in said.stdout
    # What run.json says is on it.
    assert "model: name" in page


def test_the_page_is_of_the_movie_of_the_run_unless_another_is_named(model, movie, tmp_path) -> None:
    result, page = tmp_path / "out" / "01_RES", tmp_path / "page.html"
    here("infer", movie, "--model", model, "--output", tmp_path / "out", "--crop", "0:40,:")
    here("report", result, "--output", page)
    assert "\N{MULTIPLICATION SIGN} 40 pixels" in page.read_text("utf-8")
    # Said for the movie of the run, a crop is another one; another movie is not cropped without it.
    elsewhere = movie.rename(movie.with_name("moved"))
    assert "Give the movie with --frames." in here("report", result, check=1).stderr
    said = here("report", result, "--frames", elsewhere, check=1).stderr
    assert "Give the movie that this result was made from." in said
    named_as_the_movie, again = tmp_path / "out" / "01", tmp_path / "again.html"
    here("report", named_as_the_movie, "--frames", elsewhere, "--crop", "0:40,:", "--output", again)
    assert "\N{MULTIPLICATION SIGN} 40 pixels" in again.read_text("utf-8")
