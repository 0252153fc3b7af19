"""The versions that run here: the requirements of cellseg, and theirs, one pin each."""

from __future__ import annotations

import platform
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cellseg.errors import CellsegError
from cellseg.submission.wheel import DISTRIBUTION


def required() -> dict[str, Distribution]:
    """Find everything that cellseg needs in the environment it runs in, itself left out.

    Returns
    -------
    dict of str to Distribution
        By canonical name, sorted; the optional extras of cellseg are left out.

    Raises
    ------
    CellsegError
        Something that is needed is not installed.
    """
    found: dict[str, Distribution] = {}
    _collect(DISTRIBUTION, frozenset(), found, set())
    del found[canonicalize_name(DISTRIBUTION)]
    return dict(sorted(found.items()))


def lock_text() -> str:
    """Write the pins as a constraints file of pip, which any index or wheelhouse can serve.

    Returns
    -------
    str
        Versions without their local part: `2.13.0+cpu` is a build of 2.13.0.
    """
    pins = [f"{name}=={Version(found.version).public}" for name, found in required().items()]
    return "\n".join([f"# The versions on {this_system()}.", *pins, ""])


def read_pins(path: Path) -> list[str]:
    """Read the pins, `name==version`, of a lock file; none when there is no such file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [line for line in lines if line and not line.startswith("#")]


def this_system() -> str:
    """Name the Python and the system that cellseg runs on."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def _collect(
    name: str,
    extras: frozenset[str],
    found: dict[str, Distribution],
    visited: set[tuple[str, frozenset[str]]],
) -> None:
    key = canonicalize_name(name)
    if (key, extras) in visited:
        return
    visited.add((key, extras))
    try:
        found[key] = distribution(name)
    except PackageNotFoundError as error:
        raise CellsegError(
            f"{name}, which cellseg needs, is not installed", remedy="Install cellseg again: pip install ."
        ) from error
    for line in found[key].requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            _collect(requirement.name, frozenset(requirement.extras), found, visited)
