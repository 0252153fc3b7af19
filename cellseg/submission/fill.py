"""Fill the files in `templates/`: `@@name` is replaced, everything else stays."""

from __future__ import annotations

from pathlib import Path
from string import Template


class _Template(Template):
    # A dollar means something to the shell.
    delimiter = "@@"


def fill(name: str, **values: str) -> str:
    """Fill a template.

    Parameters
    ----------
    name : str
        File in `templates/`.
    **values : str
        What each of its names becomes; all must be given.

    Returns
    -------
    str
    """
    text = Path(__file__).with_name("templates").joinpath(name).read_text(encoding="utf-8")
    return _Template(text).substitute(values)
