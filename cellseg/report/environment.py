"""Where the templates of the pages are, and how they are filled in."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """Give the environment of all templates: what is put into them is text, not markup.

    Returns
    -------
    Environment
    """
    return Environment(loader=PackageLoader("cellseg.report"), autoescape=True, undefined=StrictUndefined)
