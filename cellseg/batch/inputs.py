"""Which movies a batch is about, and where the result of each goes."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.video.frame_folder import is_pattern, list_frame_files, pattern_name
from cellseg.video.recorded_video import scene_file_name

_MOVIE_SUFFIXES = {
    *(".tif", ".tiff", ".btf", ".lsm", ".nd2", ".czi", ".lif", ".npy"),
    *(".avi", ".mp4", ".mov", ".mkv", ".zarr"),
}
"""Of what is looked for in folders; what is named itself may end in anything."""
_NO_MOVIES = ("_RES", "_GT", "_ST", "_RES.partial", "_RES.chunks")
"""What folders end in that hold masks, not movies."""


@dataclass(frozen=True)
class Movie:
    """A movie of a batch.

    Attributes
    ----------
    path : Path
        Absolute.
    name : str
        Relative to the inputs' common parent, with forward slashes: what sheets and summaries call it. Of one
        of several scenes, with a colon and the scene behind it.
    result : Path
        Absolute: the folder of the result, `<output>/<name without suffix>_RES`.
    scene : str or None
        Name of the scene, where the recording holds several.
    """

    path: Path
    name: str
    result: Path
    scene: str | None = None

    def of_scene(self, scene: str) -> Movie:
        """Give one scene of this recording as a movie of its own.

        Parameters
        ----------
        scene : str
            Its name.

        Returns
        -------
        Movie
            With a result of its own, named as `cellseg infer` names it.
        """
        stem = self.result.name.removesuffix("_RES")
        result = self.result.with_name(f"{stem}_{scene_file_name(scene)}_RES")
        return Movie(self.path, f"{self.name}:{scene}", result, scene)

    @property
    def recording(self) -> str:
        """What the whole recording is called."""
        return self.name if self.scene is None else self.name.removesuffix(f":{self.scene}")


def find_movies(inputs: Iterable[str], output: Path) -> list[Movie]:
    """Find the movies that files, folders and patterns name.

    A folder of frames is one movie; any other folder stands for all movies inside, at any depth.

    Parameters
    ----------
    inputs : iterable of str
        Paths, or patterns: of movies, such as `lab/**/*.tif`, or of the frames of one movie, such as
        `scan/img_{t}.tif`.
    output : Path
        Folder for the results, which is never searched.

    Returns
    -------
    list of Movie
        In the order of their names, each once.

    Raises
    ------
    CellsegError
        An input does not exist or holds no movie, or two movies would have one result.
    """
    output = output.absolute()
    roots, paths = [], []
    for given in inputs:
        root, found = _expand(given, output)
        roots.append(root)
        paths += found
    common = Path(os.path.commonpath(roots))
    movies = {path: _movie(path, common, output) for path in paths}
    refuse_collisions(movies.values())
    return sorted(movies.values(), key=lambda movie: movie.name)


def refuse_collisions(movies: Iterable[Movie]) -> None:
    """Make sure that no two movies have one result.

    Parameters
    ----------
    movies : iterable of Movie

    Raises
    ------
    CellsegError
        Two of them would.
    """
    results: dict[str, Movie] = {}
    for movie in movies:
        # Some file systems do not tell capitals from small letters.
        other = results.setdefault(str(movie.result).casefold(), movie)
        if other is not movie:
            raise CellsegError(
                f"would have the same result as {other.path}: {movie.result}",
                path=movie.path,
                remedy="Rename one of the movies, or run them into different --output folders.",
            )


def _expand(given: str, output: Path) -> tuple[Path, list[Path]]:
    """Give the folder that names are relative to as far as this input goes, and the movies."""
    # Without following links: names are the user's.
    path = Path(os.path.abspath(given))  # noqa: PTH100
    if path.exists():
        if not path.is_dir() or _is_movie(path):
            return path.parent, [path]
        found = list(_inside(path, output))
        root = path
    elif is_pattern(path):
        return path.parent, [path]
    else:
        if not glob.has_magic(given):
            raise CellsegError(
                "does not exist",
                path=path,
                remedy="Check the spelling, and that the disk or network share is there.",
            )
        root = path
        while glob.has_magic(str(root)):
            root = root.parent
        matches = sorted(root.glob(str(path.relative_to(root))))
        found = [match for match in matches if not match.is_relative_to(output) and _is_movie(match)]
    if not found:
        raise CellsegError(
            "there is no movie",
            path=path,
            remedy="A movie is a file that `cellseg infer` reads, or a folder of frames t000.tif, ...",
        )
    return root, found


def _inside(folder: Path, output: Path) -> Iterator[Path]:
    """Search a folder for movies."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry == output:
            continue
        if _is_movie(entry):
            yield entry
        elif entry.is_dir() and not entry.name.endswith(_NO_MOVIES):
            yield from _inside(entry, output)


def _is_movie(path: Path) -> bool:
    if path.suffix.lower() in _MOVIE_SUFFIXES:
        return True
    if not path.is_dir():
        return False
    if path.name.endswith(_NO_MOVIES):
        return False
    try:
        return bool(list_frame_files(path))
    except CellsegError:
        return False


def _movie(path: Path, common: Path, output: Path) -> Movie:
    relative = path.relative_to(common)
    is_plain_folder = path.is_dir() and path.suffix.lower() not in _MOVIE_SUFFIXES
    if is_pattern(path):
        stem = pattern_name(path)
    else:
        stem = path.name if is_plain_folder else path.stem.removesuffix(".ome")
    return Movie(path, relative.as_posix(), output / relative.parent / f"{stem}_RES")
