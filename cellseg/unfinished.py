"""A result while it is being made: `<name>_RES.partial`, which survives any interruption.

It holds provisional label images (ids unique within a frame), the tables the lineage is solved on, and a
checkpoint. When the movie is through, the final masks are written beside them and the folder is renamed.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tifffile import imread, imwrite

from cellseg import certainty
from cellseg.errors import CellsegError
from cellseg.result_folder import (
    CHECKPOINT,
    FRAMES,
    KEY,
    REPLACED,
    SCRATCH,
    TABLES,
    chunks_folder,
    partial_folder,
)
from cellseg.rshn import State
from cellseg.whole_file import write_whole


@dataclass
class Progress:
    """How far a run has come: all that the next pair of frames needs to know.

    Attributes
    ----------
    next_pair : int
        First frame of the next pair; frames up to it have provisional labels, unless it is 0.
    previous : ndarray, (Y', X') int32, or None
        Labels of frame `next_pair` as the second of the pair before, at network scale.
    state : State or None
        Of the network (`embed_pairs`).
    seeds : dict
        Of the seed policy: N and I.
    trace : list of dict
        The seed policy's rows so far.
    seconds : dict
        Busy time of each stage so far (`RunRecord.seconds`).
    """

    next_pair: int = 0
    previous: NDArray[np.int32] | None = None
    state: State | None = None
    seeds: dict[str, Any] = field(default_factory=dict)
    trace: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class Unfinished:
    """The partial folder of one result.

    Parameters
    ----------
    result : Path
        The folder the result will have, such as `01_RES`.
    key : mapping
        What the run is made from, as JSON values: a partial folder with the same key is continued.
    files : sequence of mapping
        Fingerprint of every frame's file, or of all files. Files of frames that an unfinished run had not
        read yet may have changed, where each frame has one: a broken one may have been mended.
    overwrite : bool
        Whether an existing result is replaced, and a partial folder of another key thrown away.
    first : int
        First frame of the first pair, of a chunk of a movie.
    looks_back : int
        So many frames before it are looked at, too.

    Raises
    ------
    CellsegError
        There is a result, or a partial folder of another run, and `overwrite` is false.
    """

    def __init__(
        self,
        result: Path,
        key: Mapping[str, Any],
        files: Sequence[Mapping[str, Any]],
        *,
        overwrite: bool,
        first: int = 0,
        looks_back: int = 0,
    ) -> None:
        self.result = result
        self.folder = partial_folder(result)
        self._first, self._looked_at_first = first, max(0, first - looks_back)
        refuse_result(result, overwrite)
        wanted = json.loads(json.dumps({"key": key, "files": files}))
        try:
            continues = self.folder.exists() and self._continues(wanted)
        except CellsegError:
            if not overwrite:
                raise
            continues = False
        if self.folder.exists() and not continues:
            if not overwrite:
                raise CellsegError(
                    "this unfinished result was begun with other frames, settings, model or precision",
                    path=self.folder,
                    remedy="Add --overwrite to start anew, or choose another --output.",
                )
            if _read_json(self.folder / KEY) is None and any(
                path.name not in SCRATCH for path in self.folder.iterdir()
            ):
                raise CellsegError(
                    "is no unfinished result, but in the way of one",
                    path=self.folder,
                    remedy="Move it away, or choose another --output.",
                )
            shutil.rmtree(self.folder)
        for name in (FRAMES, TABLES):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if _read_json(self.folder / KEY) != wanted:
            write_whole(self.folder / KEY, json.dumps(wanted))

    def _continues(self, wanted: Mapping[str, Any]) -> bool:
        """Tell whether the partial folder was begun with what is wanted now, as far as it got."""
        begun = _read_json(self.folder / KEY)
        if not (isinstance(begun, dict) and begun.get("key") == wanted["key"]):
            return False
        if len(begun["files"]) != len(wanted["files"]):
            return False
        seen = slice(None)
        if len(wanted["files"]) == wanted["key"]["input"]["shape"][0]:
            seen = slice(self._looked_at_first, self.load().next_pair + 1)
        return bool(begun["files"][seen] == wanted["files"][seen])

    def load(self) -> Progress:
        """Read the checkpoint.

        Returns
        -------
        Progress
            A fresh one when nothing has been saved.
        """
        path = self.folder / CHECKPOINT
        if not path.exists():
            return Progress(next_pair=self._first)
        from safetensors import safe_open

        try:
            with safe_open(path, framework="pt") as file:
                fields = json.loads(file.metadata()["progress"])
            tensors = load_file(path)
        except SafetensorError as error:
            raise _damaged(path, error) from error
        previous = tensors.pop("previous").numpy()
        state = [tensors[name] for name in sorted(tensors, key=int)]
        return Progress(previous=previous, state=state or None, **fields)

    def save(self, progress: Progress) -> None:
        """Write the checkpoint; the one before stands until this one is complete.

        Parameters
        ----------
        progress : Progress
            After at least one pair.
        """
        assert progress.previous is not None
        tensors = {str(index): value.cpu().contiguous() for index, value in enumerate(progress.state or [])}
        tensors["previous"] = torch.from_numpy(progress.previous)
        fields = {name: getattr(progress, name) for name in ("next_pair", "seeds", "trace", "seconds")}
        path = self.folder / CHECKPOINT
        # In a folder that goes: where writing is killed, a file of the library's is left, of whatever name.
        new = self.folder / TABLES / "checkpoint.new"
        try:
            save_file(tensors, new, metadata={"progress": json.dumps(fields)})
        except SafetensorError as error:  # what the system said is in its text alone
            raise OSError(None, str(error), str(new)) from error
        new.replace(path)

    def write_frame(self, t: int, labels: NDArray[Any]) -> None:
        """Write the provisional labels of a frame.

        Parameters
        ----------
        t : int
            Frame index.
        labels : ndarray, (Y, X) integer
        """
        path = self.folder / _frame(t)
        imwrite(path, labels.astype(np.uint32), compression="zlib", software=False, metadata=None)

    def read_frame(self, t: int) -> NDArray[np.uint32]:
        """Read the provisional labels of a frame, (Y, X) uint32."""
        path = self.folder / _frame(t)
        try:
            labels: NDArray[np.uint32] = imread(path)
        except Exception as error:  # a damaged TIFF fails in as many ways as there are decoders
            raise _damaged(path, error) from error
        return labels

    def write_tables(self, pair: int, objects: NDArray[np.void], overlaps: NDArray[np.void]) -> None:
        """Write the rows of one pair; writing a pair again replaces them.

        Parameters
        ----------
        pair : int
            First frame of the pair.
        objects, overlaps : structured ndarray
            Rows of `cellseg.types`.
        """
        np.savez(self.folder / _tables(pair), objects=objects, overlaps=overlaps)

    def read_tables(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Read the rows of all pairs: objects, overlaps."""
        objects, overlaps = [], []
        for path in sorted((self.folder / TABLES).glob("*.npz")):
            # One open file at a time: a movie may have more pairs than a process may open files.
            rows = _read_shard(path)
            objects.append(rows[0])
            overlaps.append(rows[1])
        return np.concatenate(objects), np.concatenate(overlaps)

    def read_pair(self, pair: int) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]:
        """Read the rows of one pair: objects, overlaps, certainty."""
        return *_read_shard(self.folder / _tables(pair)), _read_rows(self.folder / _certainty(pair))

    def write_certainty(self, pair: int, rows: NDArray[np.void]) -> None:
        """Write the rows of `cellseg.certainty` of one pair; writing a pair again replaces them."""
        np.save(self.folder / _certainty(pair), rows)

    def read_certainty(self) -> NDArray[np.void]:
        """Read the rows of `cellseg.certainty` of all pairs, by frame."""
        rows = [np.zeros(0, certainty.ROW)]
        rows += map(_read_rows, sorted((self.folder / TABLES).glob("*.npy")))
        return np.concatenate(rows)

    def take_frame(self, other: Unfinished, t: int) -> None:
        """Move the provisional labels of a frame here from another run, unless that has been done."""
        _take(other.folder, self.folder, _frame(t))

    def take_tables(self, other: Unfinished, pair: int) -> None:
        """Move the rows of a pair here from another run, unless that has been done."""
        _take(other.folder, self.folder, _tables(pair))
        _take(other.folder, self.folder, _certainty(pair))

    def finish(self) -> None:
        """Turn the partial folder, which now holds the final files too, into the result.

        Whenever this is interrupted, there is either a partial folder from which it can be done again, or the
        whole result.
        """
        if self.result.exists():
            # Into a folder that is ours: beside the result may lie anything of the user's.
            replaced = self.folder / REPLACED
            if replaced.exists():
                shutil.rmtree(replaced)
            self.result.replace(replaced)
        self.folder.replace(self.result)
        tidy(self.result)


def tidy(result: Path) -> None:
    """Remove from a finished result what only its making needed.

    Parameters
    ----------
    result : Path
    """
    for name in SCRATCH:
        path = result / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(chunks_folder(result), ignore_errors=True)


def refuse_result(result: Path, overwrite: bool) -> None:
    """Make sure that a result may be written.

    Parameters
    ----------
    result : Path
    overwrite : bool
        Whether an existing one is replaced.

    Raises
    ------
    CellsegError
        There is one, and it is not, or it is no folder.
    """
    if result.exists() and not (overwrite and result.is_dir()):
        raise CellsegError(
            "there is a result already" if result.is_dir() else "is in the way: it is no folder",
            path=result,
            remedy="Add --overwrite to replace a result, or choose another --output.",
        )


def _frame(t: int) -> Path:
    return Path(FRAMES, f"{t:06d}.tif")


def _tables(pair: int) -> Path:
    return Path(TABLES, f"{pair:06d}.npz")


def _certainty(pair: int) -> Path:
    return Path(TABLES, f"{pair:06d}.npy")


def _take(source: Path, target: Path, name: Path) -> None:
    if (source / name).exists():
        (source / name).replace(target / name)


def _read_shard(path: Path) -> tuple[NDArray[np.void], NDArray[np.void]]:
    try:
        with path.open("rb") as file, np.load(file) as shard:
            return shard["objects"], shard["overlaps"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise _damaged(path, error) from error


def _read_rows(path: Path) -> NDArray[np.void]:
    try:
        with path.open("rb") as file:
            rows: NDArray[np.void] = np.load(file)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, error) from error
    return rows


def _damaged(path: Path, error: Exception) -> CellsegError:
    return CellsegError(
        f"is damaged ({error})", path=path, remedy="Remove the unfinished result to start anew."
    )


def _read_json(path: Path) -> Any:
    """Content of a JSON file; None if there is none, or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
