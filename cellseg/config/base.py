"""What all settings have in common: a frozen base class, and errors that name the key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from cellseg.errors import CellsegError


class Section(BaseModel):
    """A frozen group of settings that refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=())


Model = TypeVar("Model", bound=Section)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds keys and values.

    Raises
    ------
    CellsegError
        The file cannot be read, is not YAML, or is something other than a mapping.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CellsegError(f"cannot be read ({error.strerror or error})", path=path) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CellsegError(f"is not valid YAML ({error})", path=path) from error
    if not isinstance(data, dict):
        raise CellsegError("does not hold keys and values", path=path)
    return data


def validate(model: type[Model], data: Mapping[str, Any], path: Path | None = None) -> Model:
    """Make settings from plain data.

    Raises
    ------
    CellsegError
        Names the file and, for everything that is wrong, the dotted key, the value and what is allowed.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(_problem(model, details) for details in error.errors())
        raise CellsegError(problems, path=path) from error


def keys(model: type[Section]) -> list[str]:
    """List the dotted names of all settings, sections themselves left out."""
    names = []
    for name, field in model.model_fields.items():
        section = section_of(field)
        names += [name] if section is None else [f"{name}.{key}" for key in keys(section)]
    return names


def nearest_key(model: type[Section], key: str) -> str:
    """Find the setting whose dotted name is most like `key`."""
    return difflib.get_close_matches(key, keys(model), n=1, cutoff=0.0)[0]


_OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def _problem(model: type[Section], details: ErrorDetails) -> str:
    """Say one thing that is wrong, in the words of the user's file."""
    location = [str(part) for part in details["loc"]]
    key = ".".join(location)
    if details["type"] == "extra_forbidden":
        return f"{key} is not a known setting; the nearest is {nearest_key(model, key)}"
    if details["type"] == "missing":
        return f"{key} is missing"
    if details["type"] == "value_error":
        named = key if isinstance(details["input"], dict) else f"{key} = {details['input']!r}"
        return f"{named}: {details['ctx']['error']}" if key else str(details["ctx"]["error"])
    allowed = _allowed(model, location)
    if not (allowed and details["type"] in _OUT_OF_RANGE):
        kind = details["msg"].removeprefix("Input should be ")
        if details["type"] != "literal_error":  # whose message has nothing else, but perhaps commas
            kind = kind.partition(", ")[0]
        allowed = f"{kind}, {allowed}" if allowed else kind
    return f"{key} = {details['input']!r} must be {allowed}"


def limits(field: FieldInfo) -> str:
    """Range of a number, such as "at least 0 and below 1", or nothing where the field states none."""
    found = []
    for constraint in field.metadata:
        match constraint:
            case Ge(ge=limit):
                found.append(f"at least {limit}")
            case Gt(gt=limit):
                found.append(f"above {limit}")
            case Le(le=limit):
                found.append(f"at most {limit}")
            case Lt(lt=limit):
                found.append(f"below {limit}")
    return " and ".join(found)


def _allowed(model: type[Section], location: list[str]) -> str:
    """Range of the number at a place, or nothing where it has none."""
    field: FieldInfo | None = None
    section: type[Section] | None = model
    for name in location:
        if section is None or name not in section.model_fields:
            return ""
        field = section.model_fields[name]
        section = section_of(field)
    return "" if field is None else limits(field)


def section_of(field: FieldInfo) -> type[Section] | None:
    """Find the section a field holds, if it holds one."""
    optional = () if get_origin(field.annotation) is dict else get_args(field.annotation)
    for candidate in (field.annotation, *optional):
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return candidate
    return None
