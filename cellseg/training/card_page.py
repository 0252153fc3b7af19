"""The page about a model that stands beside its weights, for people."""

from __future__ import annotations

from collections.abc import Sequence

from cellseg.config import ModelCard
from cellseg.training.material import Material


def card_page(name: str, card: ModelCard, materials: Sequence[Material]) -> str:
    """Write what is known of a model in sentences.

    Parameters
    ----------
    name : str
        Of the model.
    card : ModelCard
    materials : sequence of Material
        What it was trained on.

    Returns
    -------
    str
        Markdown.
    """
    training, preparation = card.training, card.preparation
    y, x = preparation.input_px_per_network_px
    learnt = "; ".join(material.about for material in materials if material.movies)
    start = training.start
    begun = (
        "random weights" if start is None else f"the model {start.name} (weights of SHA-256 `{start.sha256}`)"
    )
    sections = [
        f"# {name}",
        f"**Trained on** {learnt}.",
        f"**Began with** {begun}; {training.steps} steps, seed {training.seed}, "
        f"code at commit {training.commit}. All settings are in `model.yaml`.",
    ]
    if preparation.cell_diameter_px is not None:
        sections.append(
            f"**For** cells about {preparation.cell_diameter_px:.3g} pixels across; {y:.3g} x {x:.3g} pixels "
            "are one of the network's. Where cells have another size: `cellseg infer --diameter PX`."
        )
    figures = ", ".join(
        f"{measure} {training.validation[measure]:.3f}"
        for measure in ("SEG", "DET", "TRA", "LNK")
        if measure in training.validation
    )
    if figures:
        sections.append(
            f"**Validation**: {figures} on {'; '.join(training.validated_on)}. These frames chose the "
            "weights, which flatters the figures: to publish some, score frames that chose nothing "
            "(`cellseg evaluate`)."
        )
    sections.append(f"**Terms**: {card.terms}")
    return "\n\n".join(sections) + "\n"
