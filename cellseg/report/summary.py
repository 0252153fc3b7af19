"""The figures of a page, where other programs find them without reading all of it: in its head."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from pathlib import Path

NAME = "cellseg-report"
"""Of the meta element."""
_HEAD = 8192
"""Bytes of a page that hold it."""


@dataclass(frozen=True)
class Summary:
    """What a list of pages says of one.

    Attributes
    ----------
    frames, cells_first, cells_last, tracks, divisions : int
        Cells are those of the first and the last frame.
    doubts : int
        Places to check.
    """

    frames: int
    cells_first: int
    cells_last: int
    tracks: int
    divisions: int
    doubts: int

    def json(self) -> str:
        """Give it as the text that `read_summary` finds."""
        return json.dumps(asdict(self))


def read_summary(page: Path) -> Summary | None:
    """Read the figures of a page.

    Parameters
    ----------
    page : Path

    Returns
    -------
    Summary or None
        None where there is no such page.
    """
    try:
        with page.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", errors="replace")
        finder = _Finder()
        finder.feed(head)
        return None if finder.found is None else Summary(**json.loads(finder.found))
    except (OSError, ValueError, TypeError):
        return None


class _Finder(HTMLParser):
    found: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag == "meta" and named.get("name") == NAME:
            self.found = named.get("content")
