"""The movie that a result was made from, as its record tells: nobody needs to say it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from cellseg.read_record import read_record
from cellseg.video import Selection
from cellseg.video.frame_folder import is_pattern


@dataclass(frozen=True)
class RecordedMovie:
    """A movie, and what was chosen from it.

    Attributes
    ----------
    path : Path
    selection : Selection
    """

    path: Path
    selection: Selection


def recorded_movie(result: Path) -> RecordedMovie | None:
    """Give the movie of the run that made a result.

    Parameters
    ----------
    result : Path
        Such as `01_RES`.

    Returns
    -------
    RecordedMovie or None
        None where there is no record, or the movie is not there any more.
    """
    record = read_record(result)
    if record is None:
        return None
    try:
        path = Path(record["input"]["path"])
        selection = TypeAdapter(Selection).validate_python(record.get("selection", {}))
    except (ValueError, KeyError, TypeError):
        return None
    return RecordedMovie(path, selection) if path.exists() or is_pattern(path) else None


def select(path: Path, given: Selection, recorded: RecordedMovie | None) -> Selection:
    """Say what of a movie is meant: what is given, and for the movie of the run the rest as it was there.

    Parameters
    ----------
    path : Path
        Of the movie.
    given : Selection
    recorded : RecordedMovie or None
        What was chosen from it says nothing of another movie.

    Returns
    -------
    Selection
    """
    if recorded is None or recorded.path.resolve() != path.resolve():
        return given
    said = {name: value for name, value in asdict(given).items() if value is not None}
    return replace(recorded.selection, **said)
