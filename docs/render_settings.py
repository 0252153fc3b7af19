"""Write the tables of `docs/settings.md` from the settings themselves.

    python docs/render_settings.py

A line `<!-- Linker -->` stands above the table of that class; the table is made of its defaults, limits and
docstring. All other text of the page is left as it is.
"""

import re
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from cellseg import config
from cellseg.config.base import Section, limits, section_of
from cellseg.training import TrainingSettings

PAGE = Path(__file__).with_name("settings.md")
TABLE = re.compile(r"(?P<marker><!-- (?P<name>\w+) -->)\n\n(?:\|.*\n)*")
SECTIONS: dict[str, type[Section]] = {
    **{name: each for name, each in vars(config).items() if isinstance(each, type)},
    "TrainingSettings": TrainingSettings,
}


def render(page: str) -> str:
    """Make every table of the page anew."""
    return TABLE.sub(lambda found: f"{found['marker']}\n\n{table(SECTIONS[found['name']])}", page)


def table(section: type[Section]) -> str:
    """Rows of the settings that a class adds to those it inherits; groups have tables of their own."""
    inherited = {name for base in section.__bases__ for name in getattr(base, "model_fields", {})}
    explained = {
        name: meaning
        for name, meaning in config.meanings(section).items()
        if name not in inherited and section_of(section.model_fields[name]) is None
    }
    lines = ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    # What one entry of the docstring explains together shares a row.
    for meaning, names in groupby(explained, explained.__getitem__):
        fields = {name: section.model_fields[name] for name in names}
        cells = (
            [f"`{name}`" for name in fields],
            [f"`{written(default(field))}`" for field in fields.values() if not field.is_required()],
            dict.fromkeys(filter(None, map(allowed, fields.values()))),
            [meaning],
        )
        lines.append(f"| {' | '.join(map(', '.join, cells))} |")
    return "".join(f"{line}\n" for line in lines)


def default(field: FieldInfo) -> Any:
    """Value that a setting has where nobody sets it."""
    return field.get_default(call_default_factory=True)


def written(value: Any) -> str:
    """Write a value as YAML would have it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case "":
            return '""'
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def allowed(field: FieldInfo) -> str:
    """Say which values a setting takes, as far as its type does not say it."""
    if field.annotation is bool:
        return "`true`, `false`"
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    return limits(field)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
