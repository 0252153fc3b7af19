"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

Frames = Annotated[
    str | None, typer.Option("--frames", metavar="A:B", help="Only frames A to B - 1, by their numbers.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Precision = Annotated[str, typer.Option(help="auto, float32, bfloat16, float16 (GPU): of the network.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, such as linker.min_overlap=0.3."),
]


def parse_frames(frames: str | None) -> tuple[int | None, int | None] | None:
    """Read `A:B`; either side may be left out.

    Parameters
    ----------
    frames : str or None

    Returns
    -------
    pair of int or None
        Half-open block of frame numbers; None for all.

    Raises
    ------
    typer.BadParameter
        The text is no block.
    """
    if frames is None:
        return None
    begin, separator, end = frames.partition(":")
    sides = [int(side) if side.isdecimal() else None for side in (begin, end)]
    wrong = not separator or any(side and not side.isdecimal() for side in (begin, end))
    if wrong or (sides[0] is not None and sides[1] is not None and sides[0] >= sides[1]):
        raise typer.BadParameter(f"{frames!r} is not A:B with whole numbers A < B", param_hint="--frames")
    return sides[0], sides[1]
