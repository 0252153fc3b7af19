"""For cells of which size a model is meant, and what to say of movies that are outside."""

from __future__ import annotations

from cellseg.config import Preparation

WARNING = "warning: "
"""What is said begins with it, so that it can be told from mere news."""
_ANY_SIZE = (0.5, 8.0)
"""How much larger, in pixels, things may be than in training, for a model of cells of any size. Cells that
are enlarged twice show no more than before; shrunk eight times they are no longer what anybody looked at."""
_ONE_SIZE = (0.5, 2.0)
"""The same for a model of one dataset, which was trained with sizes that vary by much less."""
_FOUND = 2.0
"""The generalist's scores fall when the diameter is wrong by 1.4 already (models/generalist/README.md); but
cells of one movie differ, too."""
_FEWEST_PIXELS = 8.0
"""A cell of so few pixels across is a spot."""
_LARGEST_SHARE = 0.5
"""Of the shorter side of a frame."""


def diameter_range(trained: Preparation) -> tuple[float, float] | None:
    """Tell for cells of which diameter a model is meant.

    Parameters
    ----------
    trained : Preparation
        Of its card.

    Returns
    -------
    tuple of float or None
        Smallest and largest, in original pixels; None where the card does not tell.
    """
    if trained.cell_diameter_px is None:
        return None
    least, most = _factors(trained)
    return max(_FEWEST_PIXELS, least * trained.cell_diameter_px), most * trained.cell_diameter_px


def scale_warnings(trained: Preparation, chosen: Preparation, shape: tuple[int, int]) -> list[str]:
    """Say what is doubtful about the scale at which a model sees a movie.

    Parameters
    ----------
    trained : Preparation
        Of the model's card.
    chosen : Preparation
        At the scale of the movie.
    shape : tuple of int
        Size (Y, X) of its frames in pixels.

    Returns
    -------
    list of str
        Sentences without a full stop; usually none.
    """
    said = []
    least, most = _factors(trained)
    factors = [
        here / there
        for here, there in zip(chosen.input_px_per_network_px, trained.input_px_per_network_px, strict=True)
    ]
    # A hair's breadth is no matter.
    if min(factors) < least * 0.999 or max(factors) > most * 1.001:
        factor = max(factors, key=lambda value: max(value, 1 / value))
        change = f"enlarged {1 / factor:.3g} times" if factor < 1 else f"shrunk {factor:.3g} times"
        said.append(
            f"to have the size the model was trained at, the movie is {change}; "
            f"it is meant for {least:.3g} to {most:.3g} times the size of things in its training movies"
        )
    diameter = chosen.cell_diameter_px
    if diameter is not None and diameter < _FEWEST_PIXELS:
        said.append(f"cells of {diameter:.3g} pixels across are too small to have an outline")
    if diameter is not None and diameter > _LARGEST_SHARE * min(shape):
        frame = f"{shape[0]} x {shape[1]}"
        said.append(f"cells of {diameter:.3g} pixels across hardly fit into frames of {frame}")
    return said


def size_warning(found: float, chosen: Preparation) -> str | None:
    """Say when the cells that a model has found are of another size than those it was to look for.

    Parameters
    ----------
    found : float
        Their typical diameter, in original pixels (`cellseg.cell_size.typical_diameter`).
    chosen : Preparation
        At the scale of the movie.

    Returns
    -------
    str or None
    """
    wanted = chosen.cell_diameter_px
    if wanted is None or 1 / _FOUND <= found / wanted <= _FOUND:
        return None
    return (
        f"the cells found are typically {found:.3g} pixels across, but the model looked for cells of "
        f"{wanted:.3g}; compare with the pictures of `cellseg preview`, and set --diameter"
    )


def _factors(trained: Preparation) -> tuple[float, float]:
    return _ANY_SIZE if trained.any_size else _ONE_SIZE
