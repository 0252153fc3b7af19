"""What may be said about how a movie is processed: for a whole batch, or for some movies in a sheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from cellseg.batch.inputs import Movie
from cellseg.errors import CellsegError
from cellseg.video import Selection
from cellseg.video.selection_text import read_block, read_crop, read_planes

_MOVIE = "movie"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _size(value: Any) -> float:
    size = float(value)
    if not 0 < size < float("inf"):
        raise ValueError
    return size


def _number_or_text(value: Any) -> str:
    # YAML takes a number for a number, though it is the name, or the number, of a channel.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "model": _text,
    "dataset": _text,
    "diameter": _size,
    "pixel_size": _size,
}
# YAML takes 1:10 without quotes for minutes and seconds: a block must be a text.
_SELECTION_READERS: dict[str, Callable[[Any], Any]] = {
    "frames": lambda value: read_block(_text(value)),
    "channel": _number_or_text,
    "z": lambda value: read_planes(_number_or_text(value)),
    "scene": _number_or_text,
    "crop": lambda value: read_crop(_text(value)),
    "axes": _text,
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
    settings : tuple of str
        `key=value` each, as `--set` takes them; later ones win.
    selection : Selection
        What of a recording is the movie.
    """

    model: str | None = None
    dataset: str | None = None
    diameter: float | None = None
    pixel_size: float | None = None
    settings: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)


def read_sheet(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read what a sheet says about the movies.

    Parameters
    ----------
    path : Path
        CSV with a column `movie`, or YAML with a mapping from movie to options. A movie is called by its name
        relative to the inputs' common parent, or by a pattern such as `plate1/*`; one scene of several by
        `plate1/well.nd2:scene`. The other columns or keys are `model`, `dataset`, `diameter`, `pixel_size`,
        `frames`, `channel`, `z`, `scene`, `crop`, `axes`, and settings such as `linker.max_gap`.

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
    movies: Iterable[Movie],
    common: Options,
    sheet: list[tuple[str, dict[str, Any]]],
    path: Path | None,
    *,
    strict: bool = True,
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
    strict : bool
        Whether a row about no movie is an error: it may be about a scene that nobody has looked for yet.

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
    index: dict[str, list[int]] = {}
    for i, movie in enumerate(movies):
        for name in {movie.name, movie.recording}:
            index.setdefault(name, []).append(i)
    for pattern, said in sheet:
        hits = index.get(pattern) or [
            i
            for i, movie in enumerate(movies)
            if fnmatchcase(movie.name, pattern) or fnmatchcase(movie.recording, pattern)
        ]
        if not hits and strict:
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
    selection: dict[str, Any] = {}
    settings = list(options.settings)
    for key, value in said.items():
        if "." in key or key == "seed":
            # Back to YAML, so that a sheet and --set are read alike.
            text = value if isinstance(value, str) else json.dumps(value)
            settings.append(f"{key}={text}")
            continue
        read = _READERS.get(key) or _SELECTION_READERS.get(key)
        if read is None:
            raise CellsegError(
                f"{movie}: {key} is not known",
                path=path,
                remedy=f"Known: {', '.join((*_READERS, *_SELECTION_READERS))}, "
                "and settings such as linker.max_gap.",
            )
        try:
            (plain if key in _READERS else selection)[key] = read(value)
        except (TypeError, ValueError):
            raise CellsegError(f"{movie}: {key} cannot be {value!r}", path=path) from None
    # A movie's own diameter or pixel size stands in the place of the other one.
    if "diameter" in plain:
        plain.setdefault("pixel_size", None)
    elif "pixel_size" in plain:
        plain.setdefault("diameter", None)
    return replace(
        options, settings=tuple(settings), selection=replace(options.selection, **selection), **plain
    )


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
            remedy="The first line names the columns, such as movie,diameter,linker.max_gap.",
        )
    return [
        (row[_MOVIE], {key: value for key, value in row.items() if key != _MOVIE and value}) for row in rows
    ]
