"""A list of results with links to their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cellseg import __version__
from cellseg.report.environment import environment
from cellseg.report.summary import Summary


@dataclass(frozen=True)
class IndexRow:
    """One movie of an index.

    Attributes
    ----------
    movie, status : str
    frames, tracks : int or None
        None where it is not known.
    summary : Summary or None
        Figures of its page; None where it has none.
    link : str or None
        Address of the page, relative to the index.
    remark : str
        What went wrong, or what else there is to know.
    """

    movie: str
    status: str
    frames: int | None
    tracks: int | None
    summary: Summary | None
    link: str | None
    remark: str = ""


def render_index(title: str, rows: Sequence[IndexRow]) -> str:
    """Draw the index: an HTML page that opens without a network.

    Parameters
    ----------
    title : str
    rows : sequence of IndexRow

    Returns
    -------
    str
    """
    counts = Counter(row.status for row in rows)
    page = environment().get_template("index.html")
    return page.render(title=title, rows=rows, counts=counts, version=__version__)
