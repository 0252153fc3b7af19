"""What may be said about how a movie is processed: for a whole batch, or for some movies in a sheet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from cellseg.batch.inputs import Movie
from cellseg.errors import CellsegError

_MOVIE = "movie"
_FRAMES = re.compile(r"([0-9]*):([0-9]*)")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _size(value: Any) -> float:
    size = float(value)
    if not 0 < size < float("inf"):
        raise ValueError
    return size


def _block(value: Any) -> tuple[int | None, int | None]:
    # YAML takes 1:10 without quotes for minutes and seconds.
    match = _FRAMES.fullmatch(_text(value))
    if match is None:
        raise ValueError
    begin, end = (int(side) if side else None for side in match.groups())
    return begin, end


_READERS: dict[str, Callable[[Any], Any]] = {
    "model": _text,
    "dataset": _text,
    "diameter": _size,
    "pixel_size": _size,
    "frames": _block,
}


@dataclass(frozen=True)
class Options:
    """How one movie is processed, as far as somebody says it.

    Attributes
    ----------
    model : str or None
        Name or folder; without it the dataset's, or the generalist.
    dataset : str or None
        Challenge dataset whose settings are taken.
    diameter : float or None
        Typical diameter of a cell, in pixels.
    pixel_size : float or None
        In micrometres.
    frames : tuple of (int or None) or None
        Half-open block of frame numbers.
    settings : tuple of str
        `key=value` each, as `--set` takes them; later ones win.
    """

    model: str | None = None
    dataset: str | None = None
    diameter: float | None = None
    pixel_size: float | None = None
    frames: tuple[int | None, int | None] | None = None
    settings: tuple[str, ...] = ()


def read_sheet(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read what a sheet says about the movies.

    Parameters
    ----------
    path : Path
        CSV with a column `movie`, or YAML with a mapping from movie to options. A movie is called by its name
        relative to the inputs' common parent, or by a pattern such as `plate1/*`. The other columns or keys
        are `model`, `dataset`, `diameter`, `pixel_size`, `frames`, and settings such as `linker.min_overlap`.

    Returns
    -------
    list of tuple
        Movie or pattern, and what is said of it, in the order of the sheet; empty cells say nothing.

    Raises
    ------
    CellsegError
        The file cannot be read, or is something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CellsegError(f"cannot be read ({error})", path=path) from error
    if path.suffix.lower() == ".csv":
        return _read_csv(text, path)
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CellsegError(f"is not valid YAML ({error})", path=path) from error
    if not isinstance(said, dict) or not all(isinstance(options, dict) for options in said.values()):
        raise CellsegError(
            "does not hold movies, each with its options",
            path=path,
            remedy='As in "plate1/*": {diameter: 30}.',
        )
    return [(str(movie), options) for movie, options in said.items()]


def options_of(
    movies: Iterable[Movie], common: Options, sheet: list[tuple[str, dict[str, Any]]], path: Path | None
) -> list[Options]:
    """Tell how each movie is processed: the more special wins, and in a sheet what comes later.

    Parameters
    ----------
    movies : iterable of Movie
    common : Options
        For all of them.
    sheet : list of tuple
        As `read_sheet` gives it.
    path : Path or None
        The sheet, for errors.

    Returns
    -------
    list of Options
        In the order of the movies.

    Raises
    ------
    CellsegError
        A row is about no movie, or says something that cannot be.
    """
    movies = list(movies)
    chosen = [common] * len(movies)
    index = {movie.name: i for i, movie in enumerate(movies)}
    for pattern, said in sheet:
        if pattern in index:
            hits = [index[pattern]]
        else:
            hits = [i for i, movie in enumerate(movies) if fnmatchcase(movie.name, pattern)]
        if not hits:
            names = ", ".join(movie.name for movie in movies[:3])
            raise CellsegError(
                f"no movie is called {pattern}",
                path=path,
                remedy=f"Movies are called by their path inside the inputs' common folder, here {names}, ...",
            )
        for i in hits:
            chosen[i] = _changed(chosen[i], pattern, said, path)
    return chosen


def _changed(options: Options, movie: str, said: dict[str, Any], path: Path | None) -> Options:
    plain: dict[str, Any] = {}
    settings = list(options.settings)
    for key, value in said.items():
        if "." in key or key == "seed":
            # Back to YAML, so that a sheet and --set are read alike.
            text = value if isinstance(value, str) else json.dumps(value)
            settings.append(f"{key}={text}")
            continue
        if key not in _READERS:
            raise CellsegError(
                f"{movie}: {key} is not known",
                path=path,
                remedy=f"Known: {', '.join(_READERS)}, and settings such as linker.min_overlap.",
            )
        try:
            plain[key] = _READERS[key](value)
        except (TypeError, ValueError):
            raise CellsegError(f"{movie}: {key} cannot be {value!r}", path=path) from None
    # A movie's own diameter or pixel size stands in the place of the other one.
    if "diameter" in plain:
        plain.setdefault("pixel_size", None)
    elif "pixel_size" in plain:
        plain.setdefault("diameter", None)
    return replace(options, settings=tuple(settings), **plain)


def _read_csv(text: str, path: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        # Spreadsheets of countries with decimal commas separate by semicolons.
        separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        rows = list(csv.DictReader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        raise CellsegError(f"is not valid CSV ({error})", path=path) from error
    if not rows or any(not row.get(_MOVIE) or None in row for row in rows):
        raise CellsegError(
            "does not name a movie in every row",
            path=path,
            remedy="The first line names the columns, such as movie,diameter,linker.min_overlap.",
        )
    return [
        (row[_MOVIE], {key: value for key, value in row.items() if key != _MOVIE and value}) for row in rows
    ]
