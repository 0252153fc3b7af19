"""What the front page says of the models is what was measured, and its links lead somewhere."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = ROOT / "evaluation" / "results"
ROW = re.compile(
    r"^\| \[(?P<model>\S+)\]\(models/\S+\).*\| (?P<SEG>0\.\d{3})[^|]*\| (?P<TRA>0\.\d{3}) "
    r"\| (?P<sequence>\S+), frames (?P<begin>\d+)-(?P<end>\d+) \|$",
    re.MULTILINE,
)


@pytest.mark.parametrize("shown", [pytest.param(row, id=row["model"]) for row in ROW.finditer(README)])
def test_scores_of_a_model(shown):
    path = RESULTS / f"held_out-{shown['model']}.json"
    measured = {tuple(row["frames"]): row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    scores = measured[int(shown["begin"]), int(shown["end"]) + 1]
    assert shown["sequence"].endswith("/" + scores["sequence"])
    # Where nobody drew a silver truth, as in simulated data, there is the exact one alone.
    seg = scores["SEG_gold"] if scores["SEG"] is None else scores["SEG"]
    assert (shown["SEG"], shown["TRA"]) == (f"{seg:.3f}", f"{scores['TRA']:.3f}")


def test_every_model_is_there():
    listed = set(re.findall(r"^\| \[(\S+)\]\(models/", README, re.MULTILINE))
    assert listed == {path.parent.name for path in (ROOT / "models").glob("*/model.yaml")}


def test_links_lead_somewhere():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert "docs/first-movie.md" in targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
