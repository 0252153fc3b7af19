"""Make a wheel of a program that is installed, from its files; no build tool and no network are needed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import cellseg
from cellseg import resources
from cellseg.errors import CellsegError

DISTRIBUTION = "cellseg-rshn"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the wheel: equal contents give equal bytes."""

_MADE_BY_INSTALLER = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}


def own_wheel(folder: Path) -> Path:
    """Make a wheel of the cellseg that is running, whether it was installed or runs from a checkout.

    Parameters
    ----------
    folder : Path
        Where to write it.

    Returns
    -------
    Path
        The wheel.

    Raises
    ------
    CellsegError
        What is installed and what is running are not the same version.
    """
    remedy = "Install cellseg again (pip install .), or name a wheel of it with --wheel."
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        raise CellsegError(f"{DISTRIBUTION} is not installed in this Python", remedy=remedy) from error
    if installed.version != cellseg.__version__:
        raise CellsegError(
            f"{DISTRIBUTION} {installed.version} is installed, but {cellseg.__version__} is running",
            remedy=remedy,
        )
    return pack_wheel(installed, {**dict(_metadata(installed)), **dict(_program())}, folder)


def pack_wheel(installed: Distribution, files: Mapping[str, Path], folder: Path) -> Path:
    """Make a wheel of the files of an installed distribution.

    Parameters
    ----------
    installed : Distribution
    files : mapping of str to Path
        By name in the wheel; metadata included, RECORD left out.
    folder : Path
        Where to write it.

    Returns
    -------
    Path
        The wheel.
    """
    wheel_info = next(name for name in files if name.endswith(".dist-info/WHEEL"))
    info = wheel_info.removesuffix("/WHEEL")
    path = folder / f"{info.removesuffix('.dist-info')}-{_tag(files[wheel_info])}.whl"
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(path, "w") as wheel:
        for name, source in sorted(files.items()):
            content = source.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            rows.writerow((name, f"sha256={digest}", len(content)))
            _add(wheel, name, content)
        rows.writerow((f"{info}/RECORD", "", ""))
        _add(wheel, f"{info}/RECORD", record.getvalue().encode())
    return path


def _metadata(installed: Distribution) -> Iterator[tuple[str, Path]]:
    """Files beside the program: name, version, requirements, command, licences."""
    for file in installed.files or ():
        if file.parts[0].endswith(".dist-info") and file.name not in _MADE_BY_INSTALLER:
            yield file.as_posix(), Path(str(file.locate()))


def _program() -> Iterator[tuple[str, Path]]:
    """Files of the program, and in a checkout the models and settings that lie beside it there."""
    package = Path(cellseg.__file__).parent
    folders = {"cellseg": package}
    if (checkout := resources.checkout()) is not None:
        folders |= {f"cellseg/_share/{kind}": checkout / kind for kind in ("models", "configs")}
    for name, folder in folders.items():
        for path in folder.rglob("*"):
            place = path.relative_to(folder)
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in place.parts):
                yield f"{name}/{place.as_posix()}", path


def _tag(wheel_info: Path) -> str:
    """Compressed tag in the name of a wheel (PEP 425): what it is for."""
    lines = wheel_info.read_text(encoding="utf-8").splitlines()
    tags = [line.removeprefix("Tag:").strip().split("-") for line in lines if line.startswith("Tag:")]
    return "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))


def _add(wheel: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o100644 << 16
    wheel.writestr(entry, content)
