"""The Python examples of the front page and of the documentation run as they are printed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = [
    pytest.param(code, id=f"{page.stem}-{number}")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S))
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_example(code):
    exec(compile(code, "example", "exec"), {})


def test_the_front_page_finds_its_clusters(capsys):
    code = next(example.values[0] for example in EXAMPLES if example.id == "README-0")
    exec(compile(code, "example", "exec"), {})
    assert capsys.readouterr().out == "10 clusters, 0 vectors far from all of them\n"
