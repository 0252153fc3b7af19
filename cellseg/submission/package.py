"""Write one dataset with its model into a package for the challenge; further ones may follow."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cellseg import resources
from cellseg.config import load_dataset_config
from cellseg.errors import CellsegError
from cellseg.read_record import read_record
from cellseg.rshn import CARD, WEIGHTS, load_network
from cellseg.submission.entry import LOCK, README, SOFTWARE, WHEELHOUSE, Entry
from cellseg.submission.files import write_checksums
from cellseg.submission.lock import lock_text
from cellseg.submission.parameters import parameter_sheet, settings_as_run
from cellseg.submission.readme import readme
from cellseg.submission.results import check_origin, copy_result, find_result
from cellseg.submission.scripts import write_install_scripts, write_sequence_scripts
from cellseg.submission.wheel import own_wheel
from cellseg.training_configuration import TrainingConfiguration


def write_package(
    package: Path,
    dataset: str | Path,
    sequences: Sequence[str],
    *,
    data: Path,
    model: str | Path | None = None,
    configuration: TrainingConfiguration | None = None,
    results: Path | None = None,
    wheel: Path | None = None,
    wheelhouse: Path | None = None,
) -> Entry:
    """Add a dataset to a package, or write it anew, and bring what all datasets share up to date.

    Parameters
    ----------
    package : Path
        Folder; new, empty, or a package.
    dataset : str or Path
        Name of a dataset, or a YAML file of one's own.
    sequences : sequence of str
        Such as `01` and `02`: each gets its scripts.
    data : Path
        Folder that holds the dataset; results are held to the frames that are there.
    model : str or Path, optional
        Name or folder of a model; the dataset's by default.
    configuration : TrainingConfiguration, optional
        For a generalizable submission.
    results : Path, optional
        Folder with a result of every sequence, to be put into the package.
    wheel : Path, optional
        Wheel of cellseg; by default one is made of the program that is running.
    wheelhouse : Path, optional
        Folder of wheels of everything in the lock file, so that installing needs no network.

    Returns
    -------
    Entry
        The names that the dataset has in the package.

    Raises
    ------
    CellsegError
        The folder is something else, the model or the settings are missing or damaged, or a result is not
        valid or comes from another model or other settings.
    """
    config = load_dataset_config(dataset)
    chosen = model or config.model
    if chosen is None:
        raise CellsegError(f"the settings of {config.dataset} name no model", remedy="Name one with --model.")
    folder, card, _ = load_network(chosen)
    entry = Entry(config.dataset, configuration)
    software = package / SOFTWARE
    if package.exists() and not software.is_dir() and any(package.iterdir()):
        raise CellsegError(f"holds something, and no {SOFTWARE}", path=package, remedy="Name a new --output.")

    _check_wheels(wheel, wheelhouse)

    records: dict[str, dict[str, Any]] = {}
    found: dict[str, Path] = {}
    for sequence in sequences if results is not None else ():
        assert results is not None
        found[sequence] = find_result(results, sequence, entry.suffix)
        if (record := read_record(found[sequence])) is not None:
            check_origin(found[sequence], record, card, settings_as_run(config, card))
            records[sequence] = record
    for sequence, result in found.items():
        frames = data / config.dataset / sequence
        copy_result(result, frames if frames.is_dir() else None, package / entry.result(sequence))

    for path in (entry.model, entry.settings.parent, entry.parameters.parent):
        (software / path).mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS, CARD, README):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, software / entry.model / name)
    if (folder.parent / "LICENSE").is_file():
        shutil.copyfile(folder.parent / "LICENSE", software / entry.model.parent / "LICENSE")
    shutil.copyfile(resources.find("configs", dataset), software / entry.settings)
    sheet = parameter_sheet(entry, config, card, records)
    (software / entry.parameters).write_text(sheet, encoding="utf-8", newline="\n")
    for sequence in sequences:
        write_sequence_scripts(software, entry, sequence)

    _write_program(software, wheel, wheelhouse)
    (software / README).write_text(readme(package), encoding="utf-8", newline="\n")
    write_checksums(package)
    return entry


def _check_wheels(wheel: Path | None, wheelhouse: Path | None) -> None:
    """Refuse, before anything is written, what is named and is not there."""
    if wheel is not None and not (wheel.is_file() and wheel.name.startswith("cellseg_rshn-")):
        raise CellsegError("is no wheel of cellseg-rshn", path=wheel)
    if wheelhouse is not None and not any(wheelhouse.glob("*.whl")):
        raise CellsegError(
            "holds no wheels",
            path=wheelhouse,
            remedy=f"Fill it: pip download --dest {wheelhouse} --requirement {SOFTWARE}/{LOCK}",
        )


def _write_program(software: Path, wheel: Path | None, wheelhouse: Path | None) -> None:
    """Write what all datasets share: the program, the versions it needs, and how to install them."""
    for path in software.glob("*.whl"):
        if wheel is None or path.resolve() != wheel.resolve():
            path.unlink()
    if wheel is None:
        own_wheel(software)
    elif wheel.resolve().parent != software.resolve():
        shutil.copyfile(wheel, software / wheel.name)
    (software / LOCK).write_text(lock_text(), encoding="utf-8", newline="\n")
    write_install_scripts(software)
    if wheelhouse is not None:
        shutil.rmtree(software / WHEELHOUSE, ignore_errors=True)
        (software / WHEELHOUSE).mkdir()
        for path in wheelhouse.glob("*.whl"):
            shutil.copyfile(path, software / WHEELHOUSE / path.name)
