"""`cellseg train`: learn a model from movies or images with masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellseg.cli.options import Device, Frames, parse_frames
from cellseg.cli.progress import show_progress

if TYPE_CHECKING:
    from cellseg.config import DatasetConfig
    from cellseg.training import DatasetSequence, OwnMovie

_RECIPE, _OWN_RECIPE, _FINE_TUNING_RECIPE = "small", "own", "fine-tune"


def train(
    output: Annotated[Path, typer.Option(help="Folder for the model, its log and its checkpoint.")],
    movie: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MOVIE", help="Movie of your own, such as lab/01, with masks in lab/01_GT; repeatable."
        ),
    ] = None,
    truth: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Folder of the movie's masks, if elsewhere, such as a corrected lab/01_RES."
        ),
    ] = None,
    stills: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="IMAGES MASKS", help="Folder of still images, and folder of their masks."),
    ] = None,
    validate: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MOVIE",
            help="Another movie with masks, to score as training goes on; repeatable.  "
            "[default: the last third]",
        ),
    ] = None,
    diameter: Annotated[
        float | None,
        typer.Option(
            min=1, max=1e6, metavar="PX", help="Typical diameter of your cells.  [default: measured]"
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="Name of a dataset, such as DIC-C2DH-HeLa; may be repeated.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder that holds the dataset.")] = Path("data"),
    sequence: Annotated[
        list[str] | None,
        typer.Option(help="Sequence; may be repeated.  [default: those with blocks in the configuration]"),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Name or file of a training recipe.  [default: small; of your own data own, "
            "with --from fine-tune]"
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start from this model's weights, and keep its architecture and preparation.",
        ),
    ] = None,
    frames: Frames = None,
    simulated: Annotated[
        int, typer.Option(min=0, help="Simulated movies of the dataset's kind to mix in.")
    ] = 0,
    device: Device = "auto",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change one setting of the recipe, such as steps=1000."
        ),
    ] = None,
) -> None:
    """Train a model on movies or still images of your own, or on datasets of the Cell Tracking Challenge.

    A movie has masks of some or all of its frames: 01_GT/SEG/man_segTTT.tif beside 01, one number per cell,
    the same in every frame. Frames without masks teach nothing. The last third of those that have masks
    is scored as training goes on; the best weights are kept, and training stops when they get no better.

    Of a dataset, the training block of its configuration is learnt from and its validation block scored;
    with --frames there is no validation.

    Interrupted? The same command goes on from the last checkpoint.

    Example: cellseg train --movie lab/01 --movie lab/02 --output runs/mine --from generalist

    Example: cellseg train --movie lab/01 --truth lab/corrected --output runs/mine --from generalist

    Example: cellseg train --stills lab/images lab/masks --output runs/mine

    Example: cellseg train --dataset DIC-C2DH-HeLa --data data --output runs/dic --simulated 10
    """
    from cellseg.config import load_model_card, override
    from cellseg.device import choose_device
    from cellseg.resources import find
    from cellseg.training import OwnStills, load_recipe, suited_to, train_model

    own = bool(movie or stills)
    if own == bool(dataset):
        raise typer.BadParameter("give either --movie or --stills, for data of your own, or --dataset")
    _refuse_strays({"--sequence": sequence, "--simulated": simulated}, dataset, "--dataset")
    _refuse_strays({"--validate": validate, "--diameter": diameter}, own, "--movie or --stills")
    _refuse_strays({"--truth": truth}, movie, "--movie")
    _refuse_strays({"--frames": frames}, movie or dataset, "--movie or --dataset")
    block = parse_frames(frames)
    sources: list[Any] = []
    if dataset:
        sources += _sequences(dataset, data, sequence, block)
    sources += _movies(movie or [], truth, validate or [], block, diameter)
    if stills:
        sources.append(OwnStills(*stills, diameter, all_learnt=bool(validate)))
    settings = load_recipe(recipe or (_RECIPE if dataset else _FINE_TUNING_RECIPE if from_ else _OWN_RECIPE))
    if from_:
        card = load_model_card(find("models", from_) / "model.yaml")
        settings = suited_to(settings, card, own=own)
        typer.echo(f"architecture and preparation are those of {from_}", err=True)
    settings = override(settings, set_ or [])
    with show_progress(settings.steps, "step") as bar:

        def report(figures: dict[str, float]) -> None:
            bar.update(int(figures["step"] - bar.n))
            bar.set_postfix_str(" ".join(f"{name} {figures[name]:.3f}" for name in _SHOWN if name in figures))
            scores = [f"{name} {figures[name]:.3f}" for name in ("SEG", "TRA") if name in figures]
            if scores:
                typer.echo(f"step {int(figures['step'])}: {', '.join(scores)}")

        folder = train_model(
            sources,
            settings,
            output,
            choose_device(device),
            start=from_,
            simulated=simulated,
            report=report,
            say=lambda message: typer.echo(message, err=True),
        )
    typer.echo(f"the model is in {folder}")


def _movies(
    movies: Sequence[Path],
    truths: Sequence[Path] | None,
    scored: Sequence[Path],
    frames: tuple[int | None, int | None] | None,
    diameter: float | None,
) -> list[OwnMovie]:
    """Movies to learn from, or to learn from and be scored, and movies to be scored alone."""
    from cellseg.training import OwnMovie

    _refuse_twice("--movie", [path.resolve() for path in [*movies, *scored]], "movie")
    if truths and len(truths) != len(movies):
        raise typer.BadParameter(f"give one for each of the {len(movies)} movies", param_hint="--truth")
    folders: list[Path | None] = [*truths] if truths else [None] * len(movies)
    return [
        OwnMovie(path, truth, frames, diameter, use="learn" if scored else "both")
        for path, truth in zip(movies, folders, strict=True)
    ] + [OwnMovie(path, diameter=diameter, use="score") for path in scored]


def _sequences(
    names: Sequence[str],
    data: Path,
    sequences: Sequence[str] | None,
    frames: tuple[int | None, int | None] | None,
) -> list[DatasetSequence]:
    """Sequences named, or those that are there and of which a configuration says what to learn from."""
    from cellseg.config import load_dataset_config
    from cellseg.training import DatasetSequence

    configs = [load_dataset_config(name) for name in names]
    _refuse_twice("--dataset", [config.dataset for config in configs], "dataset")
    _refuse_twice("--sequence", sequences or [], "sequence")
    return [
        DatasetSequence(config, data / config.dataset / name, frames)
        for config in configs
        for name in sequences or _with_blocks(config, data) or ["01"]
    ]


def _with_blocks(config: DatasetConfig, data: Path) -> list[str]:
    return [name for name in config.blocks if (data / config.dataset / name).is_dir()]


def _refuse_twice(option: str, values: Sequence[Any], what: str) -> None:
    """Refuse what is named twice: it would count twice, and its scores would overwrite each other."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise typer.BadParameter(f"names the {what} {value} twice", param_hint=option)


def _refuse_strays(options: dict[str, Any], company: object, names: str) -> None:
    """Refuse options that say nothing without others."""
    for option, value in options.items():
        if value and not company:
            raise typer.BadParameter(f"goes with {names} alone", param_hint=option)


_SHOWN = ("loss", "pull", "push", "background", "SEG", "TRA")
