"""Faster Mean-shift: vectors in, labels and modes out. Knows nothing of cells or images.

`cluster` is the front door. Each file is one block of Zhao et al. 2021 (Medical Image Analysis 71, 102048):

=============== =================================================================================
`osop`          how many seeds: the Online Seed Optimisation Policy, eq. 12-21
`sample`        which points stand for all, and which of them are seeds
`shift`         all seeds climb to modes of the density at once; early stop, eq. 10-11
`prune`         seeds that met at one mode become one
`assign`        every point goes to its nearest mode
`residual`      what is far from every mode is looked at again
`clustering`    the walk through these, to `clusters`
`estimator`     the same as a scikit-learn estimator, with a `bandwidth` from the data
`metric`        what "near" means: `cosine` or `euclidean`
`chunks`        why it needs little memory
`cores`         how it uses a CPU
`precision`     why it computes the same everywhere
=============== =================================================================================
"""

from typing import TYPE_CHECKING, Any

from cellseg.meanshift.clustering import cluster, nearest_mode
from cellseg.meanshift.clusters import Clusters
from cellseg.meanshift.osop import Osop
from cellseg.meanshift.shift import Patience

if TYPE_CHECKING:
    from cellseg.meanshift.estimator import FasterMeanShift

__all__ = ["Clusters", "FasterMeanShift", "Osop", "Patience", "cluster", "nearest_mode"]


def __getattr__(name: str) -> Any:
    """Import the estimator when it is first asked for: it alone needs scikit-learn."""
    if name == "FasterMeanShift":
        from cellseg.meanshift.estimator import FasterMeanShift

        return FasterMeanShift
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
