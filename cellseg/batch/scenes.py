"""Recordings of several positions: each of them is a movie of its own, with a result of its own."""

from __future__ import annotations

from collections.abc import Iterable

from cellseg.batch.fingerprint import fingerprint
from cellseg.batch.inputs import Movie, refuse_collisions
from cellseg.batch.options import Options
from cellseg.errors import CellsegError
from cellseg.read_record import read_record
from cellseg.video import look_into, scene_names

_ONE_SCENE = (".npy", ".avi", ".mp4", ".mov", ".mkv")
"""What files that can hold no more than one scene end in."""


def split_scenes(movies: Iterable[Movie], options: Iterable[Options]) -> list[Movie]:
    """Put the scenes of every recording in its place, and leave out files that only continue another one.

    Whoever has a finished result of this very file is not opened again: it holds one scene.

    Parameters
    ----------
    movies : iterable of Movie
        As `find_movies` gives them.
    options : iterable of Options
        One for each: a scene that is chosen, and the axes.

    Returns
    -------
    list of Movie
        What cannot be opened is in it as it was: whoever works on it will say why.

    Raises
    ------
    CellsegError
        Two movies would have one result.
    """
    movies = list(movies)
    order = {movie.path: index for index, movie in enumerate(movies)}
    scenes: list[Movie] = []
    for movie, said in zip(movies, options, strict=True):
        if _holds_one_scene(movie):
            scenes.append(movie)
            continue
        try:
            names, files = look_into(movie.path, said.selection.axes)
            chosen = names if said.selection.scene is None else scene_names(movie.path, said.selection)
        except (CellsegError, OSError):
            scenes.append(movie)
            continue
        # Every file of a recording leads to all of it.
        if order[movie.path] == min(order.get(file, len(order)) for file in (movie.path, *files)):
            scenes += [movie] if len(names) == 1 else [movie.of_scene(scene) for scene in chosen]
    refuse_collisions(scenes)
    return scenes


def _holds_one_scene(movie: Movie) -> bool:
    """Whether that is known without opening it."""
    if movie.path.suffix.lower() in _ONE_SCENE or (movie.path.is_dir() and movie.path.suffix == ""):
        return True
    record = read_record(movie.result)
    if record is None or record.get("request") is None:
        return False
    try:
        return bool(record["request"]["files"] == fingerprint(movie.path))
    except (OSError, CellsegError):
        return False
