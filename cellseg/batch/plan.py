"""What there is to do: which movies are done, half done, made from something else now, or new.

Nothing here imports torch or reads a frame: a thousand finished movies are known again in a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from cellseg import resources
from cellseg.batch.fingerprint import fingerprint
from cellseg.batch.inputs import Movie
from cellseg.batch.options import Options
from cellseg.config import ModelCard, Settings, load_dataset_config, load_model_card, override
from cellseg.errors import CellsegError
from cellseg.read_record import read_record
from cellseg.record import file_sha256
from cellseg.result_folder import SCRATCH, chunks_folder, partial_folder
from cellseg.video import Selection


class State(StrEnum):
    """How far a movie is."""

    NEW = "new"
    UNFINISHED = "unfinished"
    CHANGED = "changed"
    DONE = "done"


@dataclass(frozen=True)
class Planned:
    """A movie, what is asked for, and what is there.

    Attributes
    ----------
    movie : Movie
    model : str
        Name or absolute folder.
    request : dict
        What decides the result, as JSON values.
    selection : Selection
        What of the recording is the movie.
    state : State
    reason : str
        Why it is not done, where that is no matter of course.
    record : dict or None
        The `run.json` of the result that is there.
    error : CellsegError or None
        Why nothing can be done with it.
    chunks : tuple of range
        Pairs of the chunks that it is done in (`cellseg.batch.shares`); empty for one piece.
    whole : bool
        Whether all of the movie is done here.
    """

    movie: Movie
    model: str
    request: dict[str, Any]
    selection: Selection
    state: State
    reason: str = ""
    record: dict[str, Any] | None = None
    error: CellsegError | None = None
    chunks: tuple[range, ...] = ()
    whole: bool = True

    @property
    def may_replace(self) -> bool:
        """Whether nothing would be lost: there is no result, or one that a batch made and can make again."""
        if self.record is None:
            return not self.movie.result.exists()
        return self.state is State.CHANGED


def plan(
    movies: Iterable[Movie], options: Iterable[Options], precision: str, *, verify: bool = False
) -> list[Planned]:
    """Look at what there is of each movie.

    Parameters
    ----------
    movies : iterable of Movie
    options : iterable of Options
        One for each movie.
    precision : str
        As asked for: `auto`, `float32`, ...
    verify : bool
        Whether the files of results are hashed; otherwise they need only be there.

    Returns
    -------
    list of Planned

    Raises
    ------
    CellsegError
        A model, dataset or setting does not exist.
    """
    planned = []
    for movie, said in zip(movies, options, strict=True):
        model, request = _request(said, precision)
        selection = said.selection if movie.scene is None else replace(said.selection, scene=movie.scene)
        request = {**request, "selection": _chosen(selection)}
        try:
            request["files"] = fingerprint(movie.path, selection.frames)
        except OSError as error:
            gone = CellsegError(
                f"cannot be looked at ({error.strerror or error})",
                path=error.filename or movie.path,
                remedy="Check that the disk or network share is there, and give the same command again.",
            )
            planned.append(Planned(movie, model, request, selection, State.NEW, error=gone))
        except CellsegError as error:
            planned.append(Planned(movie, model, request, selection, State.NEW, error=error))
        else:
            looked = _look(movie.result, request, verify)
            planned.append(Planned(movie, model, request, selection, *looked))
    return planned


def _chosen(selection: Selection) -> dict[str, Any] | None:
    """Spell out what is chosen from a recording but for the frames; None where that is nothing."""
    chosen = asdict(replace(selection, frames=None))
    if all(value is None for value in chosen.values()):
        return None
    spelt: dict[str, Any] = json.loads(json.dumps(chosen))  # with lists, as it is read again
    return spelt


@lru_cache
def _request(options: Options, precision: str) -> tuple[str, dict[str, Any]]:
    """Spell out what decides a result, but for the movie: the model to load, and the request."""
    config = None if options.dataset is None else load_dataset_config(options.dataset)
    name = options.model or (config.model if config is not None else resources.GENERALIST)
    if name is None:
        raise CellsegError(
            f"there is no model for {options.dataset}", remedy="Name one with --model (cellseg models list)."
        )
    card, model = _card(name)
    settings = Settings() if config is None else config.settings()
    settings = override(settings.for_model(card), options.settings)
    request = {
        "model": {
            "name": Path(model).name,
            "sha256": card.weights.sha256,
            "preparation": card.preparation.model_dump(mode="json"),
        },
        "settings": settings.model_dump(mode="json"),
        "scale": {"diameter": options.diameter, "pixel_size": options.pixel_size},
        "frames": options.selection.frames and list(options.selection.frames),
        "precision": precision,
    }
    return model, request


@lru_cache
def _card(name: str) -> tuple[ModelCard, str]:
    """Read a model's card; give a name that means the same in another folder."""
    folder = resources.find("models", name)
    is_path = folder == Path(name)
    return load_model_card(folder / "model.yaml"), str(folder.resolve()) if is_path else name


def _look(result: Path, request: dict[str, Any], verify: bool) -> tuple[State, str, dict[str, Any] | None]:
    """Compare a result with what is asked for."""
    record = read_record(result)
    try:
        names = {entry.name for entry in result.iterdir()}
    except OSError:
        names = set()
    if record is None or not names:
        if partial_folder(result).is_dir() or chunks_folder(result).is_dir():
            return State.UNFINISHED, "goes on where it stopped", None
        return State.NEW, "", None
    made = record.get("request")
    if made is None:
        # By another verb: whether it is the same is for the pipeline to say, which has all that decides it.
        return State.UNFINISHED, "there is a result that no batch made", record
    changed = [key for key in request if made.get(key) != request[key]]
    if changed:
        said = {"files": "the movie", "selection": "what was chosen from the recording"}
        return State.CHANGED, f"changed: {', '.join(said.get(key, key) for key in changed)}", record
    missing = sorted(set(record["output"]) - names)
    if missing:
        return State.CHANGED, f"{missing[0]} is missing in the result", record
    if verify:
        for name, sha256 in record["output"].items():
            if file_sha256(result / name) != sha256:
                return State.CHANGED, f"{name} is not what was written", record
    if names & set(SCRATCH) or chunks_folder(result).is_dir():
        return State.UNFINISHED, "what only its making needed is still there", record
    return State.DONE, "", record
