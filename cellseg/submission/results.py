"""Put results into a package, after making sure that the package would make the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cellseg.config import ModelCard, Settings
from cellseg.ctc import MASK, RESULT_TRACKS, numbered_files, validate
from cellseg.errors import CellsegError


def find_result(folder: Path, sequence: str, suffix: str) -> Path:
    """Find the result of a sequence: `01_RES-allGT` for a configuration, or `01_RES`.

    Raises
    ------
    CellsegError
        There is none.
    """
    names = dict.fromkeys((f"{sequence}_RES{suffix}", f"{sequence}_RES"))
    for name in names:
        if (folder / name).is_dir():
            return folder / name
    raise CellsegError(
        f"holds no {' or '.join(names)}",
        path=folder,
        remedy="Give the folder that cellseg infer wrote them into (--output) with --results.",
    )


def check_origin(result: Path, record: dict[str, Any], card: ModelCard, settings: Settings) -> None:
    """Make sure that a result comes from the model and the settings of the package.

    Raises
    ------
    CellsegError
        It comes from others, or is unfinished.
    """
    if record["status"] != "done":
        raise CellsegError("is unfinished", path=result, remedy="Run cellseg infer again to the end.")
    if not record["model"]:
        raise CellsegError(
            "was linked from masks of another program, which the package cannot make again",
            path=result,
            remedy="Make the result with cellseg infer, or remove its run.json to send it as it is.",
        )
    if record["model"]["sha256"] != card.weights.sha256:
        raise CellsegError(
            f"was made with other weights than those of the package (model {record['model']['name']})",
            path=result,
            remedy="Name the model it was made with: --model.",
        )
    there = dict(_flat(record["settings"]))
    here = _flat(settings.model_dump(mode="json"))
    differing = [key for key, value in here if key not in there or there[key] != value]
    if record["model"]["preparation"] != card.preparation.model_dump(mode="json"):
        differing.append("the scale (--diameter, --pixel-size)")
    if differing:
        raise CellsegError(
            f"was made with other settings than those of the package: {', '.join(differing)}",
            path=result,
            remedy="Write the settings into a copy of the dataset's YAML file, name that with --dataset, and "
            "run cellseg infer with it.",
        )


def _flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every setting its dotted name."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def copy_result(result: Path, frames: Path | None, target: Path) -> None:
    """Check a result against the rules of the challenge and copy its masks and its track file.

    Raises
    ------
    CellsegError
        It breaks a rule; all are listed by `cellseg validate`.
    """
    errors = [found for found in validate(result, frames) if found.severity == "error"]
    if errors:
        raise CellsegError(
            f"is not valid; the first of {len(errors)} errors: {errors[0].message} ({errors[0].path.name})",
            path=result,
            remedy="See cellseg validate; cellseg validate --fix mends what can be mended.",
        )
    if target.exists() and target.resolve() == result.resolve():
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in [*numbered_files(result, MASK).values(), result / RESULT_TRACKS]:
        shutil.copyfile(path, target / path.name)
