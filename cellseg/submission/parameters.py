"""The parameter sheet: every setting of a run, its value and its meaning, from the settings themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cellseg.config import DatasetConfig, ModelCard, Settings, meanings
from cellseg.submission.entry import Entry


def settings_as_run(config: DatasetConfig, card: ModelCard) -> Settings:
    """Give the settings that `infer --dataset` uses with a model, which says what they leave open."""
    return config.settings().for_model(card)


def parameter_sheet(
    entry: Entry, config: DatasetConfig, card: ModelCard, records: Mapping[str, Mapping[str, Any]]
) -> str:
    """Write the parameter sheet of one dataset.

    Parameters
    ----------
    entry : Entry
    config : DatasetConfig
    card : ModelCard
    records : mapping of str to dict
        By sequence: the `run.json` of its result, as far as there are any.

    Returns
    -------
    str
        Markdown.
    """
    settings = settings_as_run(config, card)
    assert settings.inference is not None
    trained_on = ", ".join(card.training.data)
    parts = [
        f"# Parameters for {entry.name}",
        f"{config.description}.\n\nGenerated from `{entry.settings.as_posix()}` and "
        f"`{entry.model.as_posix()}/model.yaml`. Areas and lengths are in pixels of the frames.",
        f"The model was trained on: {trained_on}. Terms of use: {card.terms}",
        *_tables(
            {
                "preparation": card.preparation,
                "architecture": card.architecture,
                "inference": settings.inference,
                "clustering": settings.clustering,
                "instances": settings.instances,
                "linker": settings.linker,
            }
        ),
        f"## seed\n\nSeed of everything random: `{settings.seed}`.",
        *_measured(records),
    ]
    return "\n\n".join(parts) + "\n"


def _tables(sections: Mapping[str, Any]) -> Iterator[str]:
    for name, section in sections.items():
        explained = meanings(type(section))
        values = section.model_dump()
        rows = [(key, f"`{_written(value)}`", explained[key]) for key, value in values.items()]
        yield f"## {name}"
        yield _table(("parameter", "value", "meaning"), rows)


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "not set" if value is None else str(value)


def _measured(records: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Say what the results that are in the package took."""
    if not records:
        return
    yield "## The results in this package took"
    head = ("sequence", "frames", "device", "CPU threads", "precision", "time", "most memory")
    rows = [
        (
            sequence,
            str(record["input"]["shape"][0]),
            record["device"],
            str(record["threads"]),
            record["model"]["precision"],
            f"{record['seconds']['elapsed']:.0f} s",
            ", ".join(f"{where} {size / 2**20:.0f} MiB" for where, size in record["peak_memory"].items()),
        )
        for sequence, record in records.items()
    ]
    yield _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
