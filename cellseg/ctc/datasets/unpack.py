"""Unpack an archive that came from elsewhere: nothing outside its folder, nothing larger than declared."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from cellseg.errors import CellsegError

_ENCRYPTED = 0x1
_BLOCK = 2**20


class DamagedArchive(CellsegError):
    """An archive that did not arrive as it was sent, and may arrive whole the next time."""


def unpack(
    archive: Path,
    top: str,
    target: Path,
    *,
    progress: Callable[[int, int | None], Any] = lambda done, total: None,
) -> None:
    """Unpack the one folder that a dataset's archive holds.

    Parameters
    ----------
    archive : Path
        Zip file.
    top : str
        Name of the folder in it; whatever lies beside (`__MACOSX`) is refused or, if it is that, left out.
    target : Path
        What the folder becomes. While it is filled it is `<target>.partial`.
    progress : callable
        Told the bytes unpacked, and those there will be.

    Raises
    ------
    DamagedArchive
        It is no zip file, or a file in it does not match its checksum.
    CellsegError
        An entry would land elsewhere or is no plain file, entries overlap, or the disk has no room.
    """
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_checked(archive, opened.infolist(), top))
            total = sum(entry.file_size for entry, _ in entries)
            partial.mkdir(parents=True)
            if total > shutil.disk_usage(partial).free:
                raise CellsegError(f"has no room for the {total} bytes of {archive.name}", path=partial)
            done = 0
            for entry, place in entries:
                path = partial / place
                path.parent.mkdir(parents=True, exist_ok=True)
                # Reading stops at the declared size, and fails unless the checksum is right there.
                with opened.open(entry) as source, path.open("xb") as file:
                    while block := source.read(_BLOCK):
                        file.write(block)
                        done += len(block)
                        progress(done, total)
        partial.replace(target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DamagedArchive(
            f"is damaged ({error})", path=archive, remedy="Fetch or copy it again."
        ) from error
    except NotImplementedError as error:
        remedy = f"Unpack it with another program; its folder {top} is all that is needed."
        raise CellsegError(
            f"is packed in a way Python cannot read ({error})", path=archive, remedy=remedy
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _checked(
    archive: Path, entries: list[zipfile.ZipInfo], top: str
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Files of the archive with their places in the target; refuses what has no place there."""

    def refuse(name: str, reason: str) -> CellsegError:
        remedy = "Nothing was unpacked. Get the archive from the challenge."
        return CellsegError(f"the entry {name!r} {reason}", path=archive, remedy=remedy)

    if sum(entry.compress_size for entry in entries) > archive.stat().st_size:
        raise CellsegError("its entries overlap: it would become larger than it says", path=archive)
    places: set[str] = set()
    for entry in entries:
        name = entry.filename
        path = PurePosixPath(name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or any(sign in name for sign in "\\:\0"):
            raise refuse(name, "would land outside its folder")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse(name, "is a link or a device")
        if entry.flag_bits & _ENCRYPTED:
            raise refuse(name, "is encrypted")
        if path.parts[:1] == ("__MACOSX",) or path.name == ".DS_Store":
            continue
        if path.parts[:1] != (top,):
            raise refuse(name, f"is not in the folder {top}")
        if entry.is_dir():
            continue
        place = PurePosixPath(*path.parts[1:])
        # Some file systems take names for one that differ in case alone.
        if str(place).casefold() in places:
            raise refuse(name, "is there twice")
        places.add(str(place).casefold())
        yield entry, place
    if not places:
        raise CellsegError(f"holds no folder {top}", path=archive)
