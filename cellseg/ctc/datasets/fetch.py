"""Get a dataset of the challenge: download or take a local archive, check it, unpack it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cellseg.ctc.datasets.conditions import SITE, archive_url
from cellseg.ctc.datasets.download import download
from cellseg.ctc.datasets.unpack import DamagedArchive, unpack
from cellseg.errors import CellsegError

Progress = Callable[[int, int | None], Any]


def fetch(
    name: str,
    data: Path,
    *,
    archive: Path | None = None,
    test: bool = False,
    site: str = SITE,
    progress: Callable[[str], Progress] = lambda step: lambda done, total: None,
    say: Callable[[str], Any] = lambda message: None,
) -> Path:
    """Put a dataset into `<data>/<name>`; showing the conditions of use before is the caller's duty.

    The checksum of the archive goes into `<data>/<name>.zip.sha256`. If that file is there already, say from
    a colleague, the archive must have this checksum.

    Parameters
    ----------
    name : str
        Of the dataset, such as `DIC-C2DH-HeLa`.
    data : Path
        Folder that holds the datasets.
    archive : Path, optional
        Take this zip file instead of downloading one. It is left as it is.
    test : bool
        The challenge's own sequences, without ground truth, instead of those for training.
    site : str
        Address of the challenge's data, or of a mirror.
    progress : callable
        Given the name of a step, returns what is told the bytes done and the bytes there are.
    say : callable
        Told what a user should know, such as that a connection was lost.

    Returns
    -------
    Path
        Folder of the dataset. One that is there from an earlier call is left as it is.

    Raises
    ------
    CellsegError
        The archive cannot be had, is damaged twice in a row, has another checksum, holds entries that would
        land elsewhere, or there is a folder of that name from elsewhere.
    """
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)+\+?", name):
        raise CellsegError(f"{name!r} is not the name of a dataset", remedy="Such as DIC-C2DH-HeLa.")
    folder = data / name
    stem = f"{name}-test" if test else name
    checksum = data / f"{stem}.zip.sha256"
    if folder.exists():
        if checksum.exists():
            say(f"{folder} is there already")
            return folder
        raise CellsegError("exists already", path=folder, remedy="Name another folder with --data.")
    data.mkdir(parents=True, exist_ok=True)
    if archive is not None:
        _unpack(archive, checksum, name, folder, progress)
        return folder
    # A name that no file of the user's has; one that is there was left by a call that was interrupted.
    archive = data / f"{stem}.zip.fetched"
    url = archive_url(name, test=test, site=site)
    for last_try in (False, True):
        if not archive.exists():
            download(url, archive, progress=progress("fetching"), say=say)
        try:
            _unpack(archive, checksum, name, folder, progress)
            break
        except DamagedArchive as error:
            archive.unlink()
            if last_try:
                raise
            say(f"{error.path}: {error.reason}; fetching it anew")
    archive.unlink()
    return folder


def _unpack(
    archive: Path, checksum: Path, name: str, folder: Path, progress: Callable[[str], Progress]
) -> None:
    """Unpack an archive if it is the expected one, and write down its checksum."""
    digest = _sha256(archive, progress("checking"))
    if checksum.exists():
        expected = checksum.read_text(encoding="utf-8").split()
        if not expected or expected[0].lower() != digest:
            raise DamagedArchive(
                f"has not the checksum in {checksum.name}",
                path=archive,
                remedy=f"Fetch it again; if the challenge has changed the dataset, remove {checksum}.",
            )
    unpack(archive, name, folder, progress=progress("unpacking"))
    checksum.write_text(f"{digest}  {checksum.stem}\n", encoding="utf-8", newline="\n")


def _sha256(path: Path, progress: Progress) -> str:
    """Hash a file of any size."""
    total = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
            progress(file.tell(), total)
    return digest.hexdigest()
