"""Settings of a run: defaults, limits, and single overrides from the command line."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from cellseg.config import Clustering, Inference, Linker, Settings, override
from cellseg.errors import CellsegError
from cellseg.tracking import LinkerSettings


def test_published_defaults():
    clustering = Clustering()
    assert (clustering.bandwidth, clustering.initial_seeds, clustering.probability) == (0.1, 128, 0.99)
    assert (clustering.seed_surplus, clustering.seed_excess, clustering.converged_share) == (2, 8, 0.9)
    assert (clustering.min_seeds, clustering.max_seeds, clustering.max_iterations) == (32, 4096, 300)
    assert Linker().min_overlap == 0.25
    assert Settings().inference is None


def test_defaults_of_the_linker_are_its_own():
    assert Linker().model_dump(exclude={"border"}) == asdict(LinkerSettings())


def test_override_returns_a_changed_copy():
    settings = Settings()
    changed = override(
        settings,
        ["linker.min_overlap=0.3", "seed=7", "instances.fill_holes=false", "clustering.tolerance=1e-4"],
    )
    assert (changed.linker.min_overlap, changed.seed, changed.instances.fill_holes) == (0.3, 7, False)
    assert changed.clustering.tolerance == 1e-4
    assert changed.linker.border == settings.linker.border
    assert settings == Settings()


def test_later_override_wins():
    assert override(Settings(), ["seed=1", "seed=2"]).seed == 2
    assert override(Settings(), []) == Settings()


def test_override_can_begin_a_section():
    changed = override(Settings(), ["inference.state=window", "inference.warmup=2"])
    assert changed.inference == Inference(state="window", window=8, warmup=2)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "linker.min_overlp=0.3",
            "linker.min_overlp is not a known setting\n  The nearest is linker.min_overlap.",
        ),
        ("min_overlap=0.3", "The nearest is linker.min_overlap."),
        ("linker=3", "linker is not a known setting"),
        ("linker.border.width=3", "The nearest is linker.border."),
        ("linker.min_overlap=3", "linker.min_overlap = 3 must be above 0 and at most 1"),
        (
            "linker.min_overlap=much",
            "linker.min_overlap = 'much' must be a valid number, above 0 and at most 1",
        ),
        ("linker.max_gap=2.5", "linker.max_gap = 2.5 must be a valid integer, at least 0"),
        ("linker.min_overlap=[0.3", "the value of linker.min_overlap is not valid YAML"),
        ("linker.min_overlap", "'linker.min_overlap' sets nothing"),
        ("clustering.bandwidth=0", "clustering.bandwidth = 0 must be above 0 and below 1"),
        ("clustering.min_seeds=9999", "clustering: min_seeds must be at most max_seeds"),
        ("clustering.seed_surplus=8", "clustering: seed_surplus must be below seed_excess"),
        ("inference.window=4", "inference.state is missing"),
        ("preparation.smoothing_sigma=2", "preparation cannot be set here: it belongs to the model"),
    ],
)
def test_override_refuses_by_name(assignment, message):
    with pytest.raises(CellsegError) as caught:
        override(Settings(), [assignment])
    assert message in str(caught.value)
