"""Single settings from the command line: `--set linker.max_gap=3`."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from cellseg.config.base import Model, keys, nearest_key, validate
from cellseg.errors import CellsegError, UsageError


def override(settings: Model, assignments: Iterable[str]) -> Model:
    """Replace single settings.

    Parameters
    ----------
    settings : Section
        Left as it is.
    assignments : iterable of str
        `dotted.key=value` each, the value in YAML; later ones win.

    Returns
    -------
    Section
        A changed and checked copy. A section that was not there begins with its defaults.

    Raises
    ------
    UsageError
        An assignment has no `=`, a key is unknown (the nearest is named), or a value is impossible.
    """
    # What nobody set stays so: it may be the model's to say (`Settings.for_model`).
    data = settings.model_dump(exclude_unset=True)
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError(f"'{assignment}' sets nothing", remedy="Write it as section.key=value.")
        *sections, name = key.split(".")
        if sections[:1] != ["preparation"] and key not in keys(type(settings)):
            raise UsageError(
                f"{key} is not a known setting", remedy=f"The nearest is {nearest_key(type(settings), key)}."
            )
        group = data
        for section in sections:
            group[section] = group = group.get(section) or {}
        try:
            group[name] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise UsageError(f"the value of {key} is not valid YAML: {text}") from error
    try:
        return validate(type(settings), data)
    except CellsegError as error:
        raise UsageError(error.reason, remedy=error.remedy) from error
