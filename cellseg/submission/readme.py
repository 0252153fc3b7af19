"""The page that comes with a package: what is in it, what it needs, how to run it."""

from __future__ import annotations

from pathlib import Path

import cellseg
from cellseg.submission.entry import ENVIRONMENT, LOCK, README, SOFTWARE, WHEELHOUSE
from cellseg.submission.fill import fill
from cellseg.submission.lock import this_system


def readme(package: Path) -> str:
    """Write the page from what lies in the package.

    Parameters
    ----------
    package : Path

    Returns
    -------
    str
        Markdown.
    """
    software = package / SOFTWARE
    scripts = sorted(path.name for path in software.glob("*.sh") if path.name != "install.sh")
    sheets = sorted(path.name for path in software.glob("parameters/*.md"))
    source = "the Python package index: it needs the network"
    if (software / WHEELHOUSE).is_dir():
        source = f"`SW/{WHEELHOUSE}`: it needs no network, but the Python and the system these wheels are for"
    return fill(
        README,
        version=cellseg.__version__,
        lock=LOCK,
        system=this_system(),
        environment=ENVIRONMENT,
        source=source,
        commands="\n".join(f"    {SOFTWARE}/{name}" for name in scripts),
        sheets="\n".join(f"* `{SOFTWARE}/parameters/{name}`" for name in sheets),
    )
