"""What no clustering can be faster than: to compare every point with every cluster's centre once."""

from __future__ import annotations

from typing import Any

FLOAT32 = 4


def floor(points: int, dimensions: int, clusters: int, gflops: float) -> dict[str, Any]:
    """Count the cost of one assignment of all points.

    Parameters
    ----------
    points, dimensions, clusters : int
        n, D, K.
    gflops : float
        Rate of a large float32 matrix product.

    Returns
    -------
    dict
        `flop` = 2 n K D, `bytes` = 4 n (D + 1) (vectors read, labels written), and the `seconds` that the
        operations take at that rate.
    """
    flop = 2 * points * clusters * dimensions
    return {"flop": flop, "bytes": FLOAT32 * points * (dimensions + 1), "seconds": flop / gflops / 1e9}
