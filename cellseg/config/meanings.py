"""What every setting means, read from the docstrings: for the documentation and the parameter sheet."""

from __future__ import annotations

import inspect
import re

from cellseg.config.base import Section

_OWNERS = re.compile(r"(?P<names>\w+(?:, \w+)*)(?: : .*)?")


def meanings(section: type[Section]) -> dict[str, str]:
    """Read what a class's docstring says of its attributes.

    Parameters
    ----------
    section : type
        A group of settings.

    Returns
    -------
    dict of str to str
        By setting, those it inherits included; names that stand together share their text.
    """
    found: dict[str, str] = {}
    for owner in reversed(section.__mro__):
        if issubclass(owner, Section):
            found |= _attributes(inspect.cleandoc(owner.__doc__ or ""))
    return found


def _attributes(docstring: str) -> dict[str, str]:
    _, _, attributes = docstring.partition("Attributes\n----------\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in attributes.splitlines():
        if not line.startswith(" ") and (owners := _OWNERS.fullmatch(line)):
            names = owners["names"].split(", ")
            found |= dict.fromkeys(names, "")
        elif line:
            found |= {name: f"{found[name]} {line.strip()}".strip() for name in names}
    return found
