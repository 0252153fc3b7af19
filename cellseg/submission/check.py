"""Say what a package still lacks before it can be uploaded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from cellseg.config import load_dataset_config
from cellseg.ctc import validate
from cellseg.errors import CellsegError
from cellseg.record import file_sha256
from cellseg.rshn import load_network
from cellseg.submission.entry import (
    CHECKSUMS,
    LOCK,
    README,
    SOFTWARE,
    WHEELHOUSE,
    Entry,
)
from cellseg.submission.files import package_files, read_checksums
from cellseg.submission.lock import read_pins
from cellseg.training_configuration import TrainingConfiguration

_SCORED = ("01", "02")
"""The sequences that every dataset of the challenge has."""


@dataclass(frozen=True)
class Finding:
    """Something that is missing, or that should be known.

    Attributes
    ----------
    path : Path
        File or folder concerned.
    message : str
        What about it, as a clause.
    is_missing : bool
        Whether the package is incomplete without it.
    """

    path: Path
    message: str
    is_missing: bool = True

    def __str__(self) -> str:
        return f"{'missing' if self.is_missing else 'note'}: {self.path}: {self.message}"


def check_package(
    package: Path,
    dataset: str | Path,
    sequences: Sequence[str],
    *,
    data: Path,
    configuration: TrainingConfiguration | None = None,
) -> list[Finding]:
    """Check what a package shares, and what it holds of one dataset.

    Parameters
    ----------
    package, dataset, sequences, data, configuration
        As `write_package` takes them.

    Returns
    -------
    list of Finding
        Empty when nothing is left to do.
    """
    entry = Entry(load_dataset_config(dataset).dataset, configuration)
    return [
        *_check_program(package / SOFTWARE),
        *_check_entry(package / SOFTWARE, entry),
        *_check_sequences(package, entry, sequences, data / entry.dataset),
        *_check_configurations(package / SOFTWARE, entry),
        *_check_checksums(package),
    ]


def _check_program(software: Path) -> Iterator[Finding]:
    wheels = list(software.glob("*.whl"))
    if len(wheels) != 1:
        yield Finding(software, f"holds {len(wheels)} wheels of the program instead of one")
    for name in (LOCK, "install.sh", "install.bat", README):
        if not (software / name).is_file():
            yield Finding(software / name, "does not exist")
    for script in software.glob("*.sh"):
        if os.name != "nt" and not os.access(script, os.X_OK):
            yield Finding(script, "may not be run (chmod +x)")
    if (software / WHEELHOUSE).is_dir():
        yield from _check_wheelhouse(software)
    else:
        message = "does not exist: installing will need the network (--wheelhouse)"
        yield Finding(software / WHEELHOUSE, message, is_missing=False)


def _check_wheelhouse(software: Path) -> Iterator[Finding]:
    """Every pin of the lock file must have its wheel."""
    there = set()
    for path in (software / WHEELHOUSE).glob("*.whl"):
        try:
            name, version, *_ = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            yield Finding(path, "is not named like a wheel")
        else:
            there.add(f"{name}=={version.public}")
    for pin in read_pins(software / LOCK):
        if pin not in there:
            yield Finding(software / WHEELHOUSE, f"holds no wheel of {pin}")


def _check_entry(software: Path, entry: Entry) -> Iterator[Finding]:
    """Check settings, model and parameter sheet of the dataset."""
    try:
        if load_dataset_config(software / entry.settings).dataset != entry.dataset:
            yield Finding(software / entry.settings, f"is not of {entry.dataset}")
    except CellsegError as error:
        yield Finding(software / entry.settings, error.reason)
    try:
        load_network(software / entry.model)
    except CellsegError as error:
        yield Finding(error.path or software / entry.model, error.reason)
    if not (software / entry.parameters).is_file():
        yield Finding(software / entry.parameters, "does not exist")


def _check_sequences(
    package: Path, entry: Entry, sequences: Sequence[str], frames: Path
) -> Iterator[Finding]:
    """Scripts and results; the challenge scores two sequences of every dataset."""
    for sequence in sorted({*sequences, *_SCORED}):
        for ending in ("sh", "bat"):
            script = package / SOFTWARE / f"{entry.script(sequence)}.{ending}"
            if not script.is_file():
                yield Finding(script, f"does not exist (--sequence {sequence})")
        result = package / entry.result(sequence)
        if not result.is_dir():
            yield Finding(result, "does not exist: no result (--results)")
            continue
        movie = frames / sequence
        found = validate(result, movie if movie.is_dir() else None)
        errors = [violation for violation in found if violation.severity == "error"]
        if errors:
            yield Finding(result, f"breaks {len(errors)} rules of the challenge (cellseg validate)")
        if not movie.is_dir():
            message = f"was not compared with its frames: there is no {movie} (--data)"
            yield Finding(result, message, is_missing=False)


def _check_configurations(software: Path, entry: Entry) -> Iterator[Finding]:
    """Look for the other models: a generalizable submission has six for every dataset."""
    for configuration in TrainingConfiguration if entry.configuration else ():
        other = Entry(entry.dataset, configuration)
        if other != entry and not (software / other.model).is_dir():
            message = f"does not exist: no model for --configuration {configuration} yet"
            yield Finding(software / other.model, message, is_missing=False)


def _check_checksums(package: Path) -> Iterator[Finding]:
    expected = read_checksums(package)
    if not expected:
        yield Finding(package / CHECKSUMS, "does not exist")
        return
    present = package_files(package)
    for name in sorted(expected.keys() - set(present)):
        yield Finding(package / name, f"does not exist, but is in {CHECKSUMS}")
    for name in present:
        if name not in expected:
            yield Finding(package / name, f"is not in {CHECKSUMS} (run cellseg submit again)")
        elif file_sha256(package / name) != expected[name]:
            yield Finding(package / name, f"is not what {CHECKSUMS} says (run cellseg submit again)")
