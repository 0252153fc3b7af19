"""`cellseg batch --report`: a page for every movie, and an index of them."""

import re

from e2e.test_batch import batch, lab, options  # noqa: F401

from cellseg.report import read_summary


def rows(index):
    return re.findall(
        r"<tr class=\"([a-z-]+)\">\s*<td>(?:<a href=\"([^\"]+)\">)?([^<]+)", index.read_text("utf-8")
    )


def test_every_movie_has_a_page_and_the_index_lists_them(lab, options, tmp_path):  # noqa: F811
    good = (lab / "b.tif").read_bytes()
    (lab / "b.tif").write_bytes(b"no movie")
    out = tmp_path / "out"
    shown = batch(lab, *options, "--report", code=1)
    assert "batch.html: open it in a browser" in shown
    assert rows(out / "batch.html") == [
        ("done", "a_RES_report.html", "a.tif"),
        ("failed", "", "b.tif"),
        ("done", "plate/c_RES_report.html", "plate/c.tif"),
    ]
    summary = read_summary(out / "plate" / "c_RES_report.html")
    assert (summary.frames, summary.cells_first, summary.cells_last, summary.tracks) == (6, 2, 3, 3)
    assert ">2 to 3</td>" in (out / "batch.html").read_text("utf-8")

    # Without the option there are none; with it, those that lack are added, and the others are left alone.
    (lab / "b.tif").write_bytes(good)
    before = (out / "a_RES_report.html").stat().st_mtime_ns
    batch(lab, *options)
    assert not (out / "b_RES_report.html").exists()
    assert "3 movies: 3 done before" in batch(lab, *options, "--report")
    assert [row[:2] for row in rows(out / "batch.html")][1] == ("done-before", "b_RES_report.html")
    assert read_summary(out / "b_RES_report.html").frames == 6
    assert (out / "a_RES_report.html").stat().st_mtime_ns == before
