"""The list of the movies of a batch, with their pages."""

import os
from html.parser import HTMLParser
from urllib.parse import unquote

from cellseg.batch.job import Outcome
from cellseg.batch.pages import Index, page_is_current
from cellseg.report import Summary
from cellseg.result_folder import RECORD, page_path


class Table(HTMLParser):
    """Cells of the rows of a page, and its links."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.links = [], []
        self.feed(text.partition("</table>")[0])

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def page_for(result, summary):
    result.mkdir(parents=True)
    (result / RECORD).write_text("{}")
    text = summary.json().replace('"', "&quot;")
    page_path(result).write_text(f'<html><head><meta name="cellseg-report" content="{text}"></head></html>')


def test_every_movie_has_a_row_and_those_with_a_page_a_link(tmp_path):
    output = tmp_path / "out"
    page_for(output / "plate 1" / "ä_RES", Summary(30, 5, 9, 11, 3, 2))
    done = Outcome("plate 1/ä.tif", "done", str(output / "plate 1" / "ä_RES"), frames=30, tracks=11)
    without = Outcome(
        "b.tif", "done", str(output / "b_RES"), frames=3, tracks=1, notes=["no page was written"]
    )
    error = {"file": "c.tif", "reason": "<b>is damaged</b>", "remedy": None}
    failed = Outcome("c.tif", "failed", str(output / "c_RES"), error=error)
    index = Index(output, "batch")
    table = Table(index.write([done, without, failed]).read_text("utf-8"))
    assert table.rows[1:] == [
        ["plate 1/ä.tif", "done", "30", "5 to 9", "11", "3", "2", ""],
        ["b.tif", "done", "3", "", "1", "", "", "no page was written"],
        ["c.tif", "failed", "", "", "", "", "", "c.tif: <b>is damaged</b>"],
    ]
    (link,) = table.links
    assert (output / unquote(link)).samefile(page_path(output / "plate 1" / "ä_RES"))


def test_a_page_that_comes_later_is_found(tmp_path):
    outcome = Outcome("a.tif", "waiting", str(tmp_path / "a_RES"))
    index = Index(tmp_path, "batch")
    assert Table(index.write([outcome]).read_text("utf-8")).links == []
    page_for(tmp_path / "a_RES", Summary(1, 0, 0, 0, 0, 0))
    outcome.status = "done"
    assert len(Table(index.write([outcome]).read_text("utf-8")).links) == 1


def test_a_page_older_than_its_result_is_not_current(tmp_path):
    assert not page_is_current(tmp_path / "a_RES")
    page_for(tmp_path / "a_RES", Summary(1, 0, 0, 0, 0, 0))
    assert page_is_current(tmp_path / "a_RES")
    os.utime(page_path(tmp_path / "a_RES"), (1, 1))
    assert not page_is_current(tmp_path / "a_RES")
