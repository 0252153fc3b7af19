"""`cellseg models`: which trained models there are, and what is known about one."""

from __future__ import annotations

from typing import Annotated

import typer

models_app = typer.Typer(
    help="List the trained models, or show one.", no_args_is_help=True, rich_markup_mode=None
)


@models_app.command("list")
def list_models() -> None:
    """List the models that `infer --model` finds by name, and what each was trained on.

    Models lie in the package; the folder named by the variable CELLSEG_MODELS is searched first.

    Example: cellseg models list
    """
    from cellseg.config import load_model_card
    from cellseg.resources import available, find

    for name in available("models"):
        card = load_model_card(find("models", name) / "model.yaml")
        typer.echo(f"{name:20}  trained on {', '.join(card.training.data)}")


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
