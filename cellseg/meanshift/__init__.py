"""Faster Mean-shift: vectors in, labels and modes out. Knows nothing of cells or images.

`cluster` is the front door. Each file is one block of Zhao et al. 2021 (Medical Image Analysis 71, 102048):

=============== =================================================================================
`osop`          how many seeds: the Online Seed Optimisation Policy, eq. 12-21
`seeds`         which points they are
`shift`         all seeds climb to modes of the density at once; early stop, eq. 10-11
`prune`         seeds that met at one mode become one
`assign`        every point goes to its nearest mode
`clustering`    the walk through these, to `clusters`
`cosine`        what "near" means
`chunks`        why it needs little memory
`cores`         how it uses a CPU
`precision`     why it computes the same everywhere
=============== =================================================================================
"""

from cellseg.meanshift.clustering import cluster
from cellseg.meanshift.clusters import Clusters
from cellseg.meanshift.osop import Osop

__all__ = ["Clusters", "Osop", "cluster"]
