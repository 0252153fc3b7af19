"""`cellseg models`: which trained models there are, what is known about one, and the authors' own."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Annotated

import typer

_WRAP = textwrap.TextWrapper(
    100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
)

models_app = typer.Typer(
    help="List the trained models, show one, or import the authors'.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@models_app.command("list")
def list_models() -> None:
    """List the models that `infer --model` finds by name, what each is for and what it was trained on.

    Models lie in the package; the folder named by the variable CELLSEG_MODELS is searched first.

    Example: cellseg models list
    """
    from cellseg.config import load_model_card
    from cellseg.resources import available, find

    for name in available("models"):
        folder = find("models", name)
        card = load_model_card(folder / "model.yaml")
        typer.echo(name)
        for said in (_purpose(folder), f"trained on {', '.join(card.training.data)}"):
            if said:
                typer.echo(_WRAP.fill(said))


def _purpose(folder: Path) -> str:
    """Read from the page about a model what it is for: the first clause; empty where it has none."""
    try:
        page = (folder / "README.md").read_text(encoding="utf-8")
    except OSError:
        return ""
    said = re.search(r"\*\*For\*\* (.+?)[.;]\s", page, re.DOTALL)
    return "" if said is None else f"for {said[1]}"


@models_app.command("show")
def show_model(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Name of a model, or its folder.")],
) -> None:
    """Show where a model is, and its model.yaml: size, preparation, scale, origin, terms of use.

    Example: cellseg models show DIC-C2DH-HeLa
    """
    from cellseg.config import load_model_card
    from cellseg.resources import find

    card = find("models", model) / "model.yaml"
    load_model_card(card)
    typer.echo(f"# {card}\n{card.read_text(encoding='utf-8')}")


@models_app.command("import-tensorflow")
def import_tensorflow(
    prefix: Annotated[
        Path, typer.Argument(metavar="PREFIX", help="Checkpoint: model for model.index, model.data-...")
    ],
    dataset: Annotated[
        str, typer.Option(help="Dataset that it was trained for, such as DIC-C2DH-HeLa: its preparation.")
    ],
    output: Annotated[Path, typer.Option(help="Model folder to make.")],
) -> None:
    """Make a model of a TensorFlow checkpoint that the authors of the network released (Payer et al. 2019).

    It may have been trained on the very sequences you test it on. Needs the extra tensorflow.

    Example: cellseg models import-tensorflow dic/model --dataset DIC-C2DH-HeLa --output runs/authors-dic
    """
    from cellseg.config import load_dataset_config
    from cellseg.rshn import import_tensorflow_model

    config = load_dataset_config(dataset)
    size = import_tensorflow_model(prefix, config, output).architecture
    typer.echo(
        f"the model is in {output}: "
        f"{size.filters} filters, {size.levels} levels, {size.embedding_size}-D embeddings"
    )
