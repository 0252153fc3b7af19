"""`cellseg train`: learn a model from movies with ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Device, Frames, Set, parse_frames
from cellseg.cli.progress import show_progress

if TYPE_CHECKING:
    from cellseg.config import DatasetConfig


def train(
    dataset: Annotated[
        list[str], typer.Option(help="Name of a dataset, such as DIC-C2DH-HeLa; may be repeated.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the model, its log and its checkpoint.")],
    data: Annotated[Path, typer.Option(help="Folder that holds the dataset.")] = Path("data"),
    sequence: Annotated[
        list[str] | None,
        typer.Option(help="Sequence; may be repeated.  [default: those with blocks in the configuration]"),
    ] = None,
    recipe: Annotated[str, typer.Option(help="Name or file of a training recipe.")] = "small",
    from_: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="Start from this model's weights.")
    ] = None,
    frames: Frames = None,
    simulated: Annotated[
        int, typer.Option(min=0, help="Simulated movies of the dataset's kind to mix in.")
    ] = 0,
    device: Device = "auto",
    set_: Set = None,
) -> None:
    """Train a model on CTC sequences (01 with 01_GT and, if there is one, 01_ST beside it).

    Without --frames the training block of the dataset's configuration is learnt from and its validation block
    scored as training goes on. Interrupted? The same command goes on from the last checkpoint.

    Example: cellseg train --dataset DIC-C2DH-HeLa --data data --output runs/dic --simulated 10

    Example: cellseg train --recipe generalist --dataset DIC-C2DH-HeLa --dataset Fluo-N2DL-HeLa --output all
    """
    from cellseg.cli.interrupt import terminate_as_interrupt
    from cellseg.config import load_dataset_config, override
    from cellseg.device import choose_device
    from cellseg.training import load_recipe, train_model

    configs = [load_dataset_config(name) for name in dataset]
    settings = override(load_recipe(recipe), set_ or [])
    terminate_as_interrupt()
    with show_progress(settings.steps, "step") as bar:

        def report(figures: dict[str, float]) -> None:
            bar.update(int(figures["step"] - bar.n))
            bar.set_postfix_str(" ".join(f"{name} {figures[name]:.3f}" for name in _SHOWN if name in figures))
            if "SEG" in figures:
                scores = ", ".join(f"{name} {figures[name]:.3f}" for name in ("SEG", "TRA"))
                typer.echo(f"step {int(figures['step'])}: {scores}")

        folder = train_model(
            [
                (config, data / config.dataset / name)
                for config in configs
                for name in sequence or _with_blocks(config, data) or ["01"]
            ],
            settings,
            output,
            choose_device(device),
            start=from_,
            frames=parse_frames(frames),
            simulated=simulated,
            report=report,
        )
    typer.echo(f"the model is in {folder}")


def _with_blocks(config: DatasetConfig, data: Path) -> list[str]:
    """Sequences of a dataset that are there, and of which its configuration says what to learn from."""
    return [name for name in config.blocks if (data / config.dataset / name).is_dir()]


_SHOWN = ("loss", "pull", "push", "background", "SEG", "TRA")
