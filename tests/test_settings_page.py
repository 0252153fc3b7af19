"""The documentation explains every setting there is, with the value it has."""

import importlib.util
import re
from pathlib import Path

import pytest

from cellseg import config
from cellseg.config import DatasetConfig, ModelCard, meanings
from cellseg.config.base import Section, keys
from cellseg.training import TrainingSettings

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "settings.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)


def renderer():
    specification = importlib.util.spec_from_file_location("render_settings", DOCS / "render_settings.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_tables_are_those_of_the_program():
    assert renderer().render(PAGE) == PAGE, "run: python docs/render_settings.py"


def test_every_group_has_a_table():
    groups = {name for name, each in vars(config).items() if isinstance(each, type)}
    assert groups | {"TrainingSettings"} == set(re.findall(r"<!-- (\w+) -->", PAGE))


@pytest.mark.parametrize("settings", [DatasetConfig, ModelCard, TrainingSettings])
def test_every_setting_has_a_line_with_a_meaning(settings):
    explained = {name.strip("`") for names, meaning in ROWS if len(meaning) > 5 for name in names.split(", ")}
    assert {key.rpartition(".")[2] for key in keys(settings)} <= explained


def test_a_meaning_belongs_to_all_names_that_share_it():
    class Mother(Section):
        """First.

        Attributes
        ----------
        inherited : int
            From the mother.
        """

    class Daughter(Mother):
        """Second.

        Attributes
        ----------
        one, other : int
            A text of
            two lines.
        alone
            Without a type.
        """

    assert meanings(Daughter) == {
        "inherited": "From the mother.",
        "one": "A text of two lines.",
        "other": "A text of two lines.",
        "alone": "Without a type.",
    }
