"""The challenge's own evaluation software, run on the same folders, to hold our scores against."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from cellseg.ctc.names import RESULT_TRACKS, digits_of
from cellseg.ctc.sequences import GroundTruth, Result
from cellseg.errors import CellsegError

OFFICIAL_MEASURES = ("SEG", "DET", "TRA")
"""What the software measures, by a program each: `SEGMeasure`, `DETMeasure`, `TRAMeasure`."""

_SYSTEM = {"win32": "Win", "darwin": "Mac"}.get(sys.platform, "Linux")
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_SEQUENCE = "01"
_SHOWN = 5


def run_official(
    software: Path,
    result_folder: Path,
    ground_truth_folder: Path,
    *,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> dict[str, float]:
    """Let the challenge's programs score a whole sequence.

    They are called as `TRAMeasure FOLDER SEQUENCE DIGITS`, on a temporary folder of links in which the two
    folders are named as they expect, and where they leave their logs.

    Parameters
    ----------
    software : Path
        Folder with the programs, or the unpacked `EvaluationSoftware` with its folders `Linux`, `Mac`, `Win`.
    result_folder, ground_truth_folder : Path
        Such as `01_RES` and `01_GT`.
    progress : callable
        Wraps the sequence of measures, such as `tqdm.tqdm`.

    Returns
    -------
    dict of str to float
        SEG, DET and TRA as the programs print them, with six digits; without SEG where the ground truth
        outlines nothing.

    Raises
    ------
    CellsegError
        A program is missing or cannot be run, fails, or prints no measure.
    """
    result, truth = Result(result_folder), GroundTruth(ground_truth_folder)
    measures = [measure for measure in OFFICIAL_MEASURES if measure != "SEG" or truth.segmentation]
    programs = {measure: _find(software, measure) for measure in measures}
    digits = digits_of(next(iter(truth.markers.files.values())))
    with tempfile.TemporaryDirectory() as folder:
        _stage(Path(folder), result, truth)
        return {
            measure: _run(programs[measure], measure, Path(folder), digits) for measure in progress(measures)
        }


def _find(software: Path, measure: str) -> Path:
    name = f"{measure}Measure{_SUFFIX}"
    places = [software / name, software / _SYSTEM / name]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        remedy = (
            "Give the folder of the challenge's programs for this system; they are in EvaluationSoftware.zip "
            "at celltrackingchallenge.net."
        )
        raise CellsegError(f"holds no {name}, nor does its folder {_SYSTEM}", path=software, remedy=remedy)
    return found.resolve()


def _stage(folder: Path, result: Result, truth: GroundTruth) -> None:
    """Lay the sequence out as the programs want it; only the result's folder is written to."""
    _stand_in(truth.folder, folder / f"{_SEQUENCE}_GT")
    staged = folder / f"{_SEQUENCE}_RES"
    staged.mkdir()
    for path in (*result.masks.files.values(), result.folder / RESULT_TRACKS):
        _stand_in(path, staged / path.name)


def _stand_in(original: Path, place: Path) -> None:
    """Link a file or folder, or copy it where links are not allowed, as on Windows."""
    original = original.resolve()
    try:
        place.symlink_to(original, target_is_directory=original.is_dir())
    except OSError:
        (shutil.copytree if original.is_dir() else shutil.copy)(original, place)


def _run(program: Path, measure: str, folder: Path, digits: int) -> float:
    command = [str(program), str(folder), _SEQUENCE, str(digits)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        reason = f"cannot be run ({error.strerror or error})"
        remedy = "It must be the program for this system, and executable (chmod +x)."
        raise CellsegError(reason, path=program, remedy=remedy) from error
    printed = re.search(rf"{measure} measure:\s*(\d+(?:\.\d+)?)", done.stdout)
    if printed and not done.returncode:
        return float(printed[1])
    said = "\n  ".join(done.stdout.strip().splitlines()[-_SHOWN:]) or "nothing"
    raise CellsegError(
        f"gave no {measure} measure; it ended with code {done.returncode} and said\n  {said}",
        path=program,
        remedy="It wants a valid result (cellseg validate) and the frames numbered from 0.",
    )
