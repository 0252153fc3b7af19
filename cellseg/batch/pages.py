"""The pages of a batch: one about each result, and an index of them all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cellseg.batch.job import Outcome
from cellseg.batch.plan import Planned
from cellseg.errors import CellsegError
from cellseg.quantity import counted
from cellseg.result_folder import RECORD, page_path
from cellseg.whole_file import write_whole

if TYPE_CHECKING:
    from cellseg.report import IndexRow, Summary
    from cellseg.video import Video


def page_is_current(result: Path) -> bool:
    """Tell whether a result has a page that is no older than it.

    Parameters
    ----------
    result : Path

    Returns
    -------
    bool
    """
    try:
        return page_path(result).stat().st_mtime_ns >= (result / RECORD).stat().st_mtime_ns
    except OSError:
        return False


def write_page(result: Path, video: Video) -> str | None:
    """Write the page about a result, unless it is there; the result stands, whatever becomes of its page.

    Parameters
    ----------
    result : Path
    video : Video
        The movie it was made from.

    Returns
    -------
    str or None
        Why there is no page.
    """
    if page_is_current(result):
        return None
    from cellseg.report import write_report

    try:
        write_report(result, video, page_path(result))
    except (CellsegError, OSError) as error:
        return f"no page was written: {error}"
    return None


def add_pages(
    planned: Sequence[Planned],
    outcomes: Sequence[Outcome],
    *,
    progress: Callable[[int], Any] = lambda pages: None,
) -> None:
    """Write the pages that results lack which were done before, and say so where one cannot be.

    Parameters
    ----------
    planned : sequence of Planned
    outcomes : sequence of Outcome
        Of each of them.
    progress : callable
        Told the number of results looked at since it was last told.
    """
    from cellseg.video import open_video

    for entry, outcome in zip(planned, outcomes, strict=True):
        if outcome.status != "done before":
            continue
        if not page_is_current(entry.movie.result):
            try:
                with open_video(entry.movie.path, selection=entry.selection) as video:
                    failure = write_page(entry.movie.result, video)
            except (CellsegError, OSError) as error:
                failure = f"no page was written: {error}"
            if failure:
                outcome.notes.append(failure)
        progress(1)


class Index:
    """Writes `<name>.html`, which lists the movies of a batch and links their pages.

    Parameters
    ----------
    folder : Path
    name : str
        Such as `batch`.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._summaries: dict[Path, Summary] = {}

    def write(self, outcomes: Sequence[Outcome]) -> Path:
        """Write the index as things stand, at one stroke.

        Parameters
        ----------
        outcomes : sequence of Outcome

        Returns
        -------
        Path
            The file.
        """
        from cellseg.report import render_index

        path = self._folder / f"{self._name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        title = f"{self._folder.resolve().name}: {counted(len(outcomes), 'movie')}"
        write_whole(path, render_index(title, list(map(self._row, outcomes))))
        return path

    def _row(self, outcome: Outcome) -> IndexRow:
        from cellseg.report import IndexRow

        remarks = outcome.notes
        if outcome.error is not None:
            remarks = [outcome.failure, outcome.error.get("remedy") or ""]
        summary, link = None, None
        if outcome.status in ("done", "done before"):
            page = page_path(Path(outcome.result))
            summary = self._summary(page)
            if summary is not None:
                link = quote(Path(os.path.relpath(page, self._folder.resolve())).as_posix())
        known = (outcome.movie, outcome.status, outcome.frames, outcome.tracks)
        return IndexRow(*known, summary, link, "; ".join(filter(None, remarks)))

    def _summary(self, page: Path) -> Summary | None:
        """Read the figures of a page, once."""
        from cellseg.report import read_summary

        if page not in self._summaries and (summary := read_summary(page)) is not None:
            self._summaries[page] = summary
        return self._summaries.get(page)
