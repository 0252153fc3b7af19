"""Which files make up a package, their checksums, and the zip file of them."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

from cellseg.ctc import MASK, RESULT_TRACKS, numbered_files
from cellseg.record import file_sha256
from cellseg.submission.entry import CHECKSUMS, ENVIRONMENT, SOFTWARE

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the zip file: equal packages give equal bytes."""


def package_files(package: Path) -> list[str]:
    """List the files of a package, checksums left out.

    Frames, records of runs and the environment that install.sh makes lie beside them and are not part of it.

    Parameters
    ----------
    package : Path

    Returns
    -------
    list of str
        Sorted; seen from the package, with `/` on every system.
    """
    software = package / SOFTWARE
    found = [
        path
        for path in software.rglob("*")
        if path.is_file() and path.relative_to(software).parts[0] != ENVIRONMENT
    ]
    for result in package.glob("*/*_RES*"):
        found += [*numbered_files(result, MASK).values(), *result.glob(RESULT_TRACKS)]
    return sorted(path.relative_to(package).as_posix() for path in found)


def write_checksums(package: Path) -> None:
    """Write the checksums of all files, as `sha256sum --check` reads them."""
    lines = [f"{file_sha256(package / name)}  {name}\n" for name in package_files(package)]
    (package / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_checksums(package: Path) -> dict[str, str]:
    """Read the checksums by file name; empty when there are none."""
    path = package / CHECKSUMS
    if not path.is_file():
        return {}
    rows = [line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: digest for digest, name in rows}


def zip_package(package: Path, target: Path) -> None:
    """Write a package as a zip file whose top folders are SW and those of the datasets.

    Parameters
    ----------
    package : Path
    target : Path
        Zip file; one that is there is replaced. Scripts keep the permission to be run.
    """
    partial = target.with_name(target.name + ".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name in [CHECKSUMS, *package_files(package)]:
            entry = zipfile.ZipInfo(name, _EPOCH)
            mode = 0o755 if name.endswith(".sh") else 0o644
            entry.create_system = 3  # Unix, whose permissions these are
            entry.external_attr = (stat.S_IFREG | mode) << 16
            # Wheels, weights and masks are packed, or do not get smaller.
            is_text = not name.endswith((".whl", ".safetensors", ".tif"))
            entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            entry.file_size = (package / name).stat().st_size
            with (package / name).open("rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, 2**20)
    partial.replace(target)
