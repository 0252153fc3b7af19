"""Programs of others: which are installed here, and what results of theirs are scored."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PEERS = {
    "cellpose": "Cellpose",
    "stardist": "StarDist",
    "trackastra": "Trackastra",
    "embedtrack": "EmbedTrack",
}
"""Importable name and name of the programs that a table of this field should have."""


def absent(results: dict[str, Path]) -> list[str]:
    """Name the peers of which no result was given.

    Parameters
    ----------
    results : dict
        Result folders by the name of the program.

    Returns
    -------
    list of str
        A sentence for each.
    """
    sentences = []
    for module, name in PEERS.items():
        if name in results:
            continue
        where = "installed, but no result was given" if find_spec(module) else "not installed"
        sentences.append(f"{name}: {where}")
    return sentences


def parse_result(text: str) -> tuple[str, Path]:
    """Read `NAME=FOLDER`.

    Raises
    ------
    ValueError
        It is not of that form, or there is no such folder.
    """
    name, equals, folder = text.partition("=")
    if not (name and equals and Path(folder).is_dir()):
        raise ValueError(f"{text!r} is not NAME=FOLDER with an existing folder")
    return name, Path(folder)
