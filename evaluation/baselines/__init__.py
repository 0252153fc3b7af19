"""Peers and baselines of Faster Mean-shift, behind one signature. The harness walks through `BASELINES`.

============================== ======================================================================
`baseline`                     what a baseline is, and what it returns
`payer`                        Payer et al. 2019: 128 seeds, one after the other, on the CPU
`gpu_hybrid`                   GPU-H: the same, but each shift is computed on the device
`gpu_parallel`                 GPU-P: the same seeds all at once, tables written out in full
`published_faster_mean_shift`  what the published code does, cosine and Euclidean
`scikit_learn_mean_shift`      scikit-learn's MeanShift, with every point a seed and with bin seeding
`mean_shift_plus_plus`         MeanShift++, points on a grid
`grid_shift`                   GridShift, cells of a grid
`kmeans`                       k-means and mini-batch k-means, told the true number of clusters
`dbscan`, `hdbscan`            scikit-learn's
============================== ======================================================================

`closeness`, `one_by_one`, `modes` and `grid` hold what several of them share.
"""

from .baseline import Baseline, Metric, Result
from .dbscan import dbscan
from .gpu_hybrid import gpu_hybrid
from .gpu_parallel import gpu_parallel
from .grid_shift import grid_shift
from .hdbscan import hdbscan
from .kmeans import k_means, mini_batch_k_means
from .mean_shift_plus_plus import mean_shift_plus_plus
from .payer import payer
from .published_faster_mean_shift import published_faster_mean_shift
from .scikit_learn_mean_shift import scikit_learn_mean_shift, scikit_learn_mean_shift_binned

__all__ = ["BASELINES", "Baseline", "Metric", "Result"]

BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        Baseline("payer", payer, "Payer et al. 2019: 128 seeds, one after the other, on the CPU"),
        Baseline(
            "gpu-h",
            gpu_hybrid,
            "hybrid: 128 seeds, one after the other, each shift on the device",
            uses_device=True,
        ),
        Baseline(
            "gpu-p",
            gpu_parallel,
            "parallel: 128 seeds at once, tables of seeds x points x dimensions",
            uses_device=True,
            most_points=200_000,  # 3.7 GB a table in 18 dimensions; the most the paper reports
        ),
        Baseline(
            "published-faster-mean-shift",
            published_faster_mean_shift,
            "behaviour of the published Faster Mean-shift code, its deviations from the paper included",
            uses_device=True,
            most_points=200_000,  # 3.7 to 14.7 GB a table in 18 dimensions, for 128 to 512 seeds
        ),
        Baseline(
            "scikit-learn-mean-shift",
            scikit_learn_mean_shift,
            "scikit-learn's MeanShift, every point a seed",
            most_points=10_000,  # time grows with the square
        ),
        Baseline(
            "scikit-learn-mean-shift-binned",
            scikit_learn_mean_shift_binned,
            "scikit-learn's MeanShift with bin seeding",
        ),
        Baseline(
            "mean-shift++",
            mean_shift_plus_plus,
            "MeanShift++ (Jang and Jiang 2021)",
            metrics=("euclidean",),
            dimensions=(2, 3),
        ),
        Baseline(
            "grid-shift",
            grid_shift,
            "GridShift (Kumar et al. 2022)",
            metrics=("euclidean",),
            dimensions=(2, 3),
        ),
        Baseline("k-means", k_means, "scikit-learn's KMeans, told the true K", needs_clusters=True),
        Baseline(
            "mini-batch-k-means",
            mini_batch_k_means,
            "scikit-learn's MiniBatchKMeans, told the true K",
            needs_clusters=True,
        ),
        Baseline(
            "dbscan",
            dbscan,
            "scikit-learn's DBSCAN",
            most_points=50_000,  # it stores all neighbours: 2 GB, if each point has a tenth of the others
        ),
        Baseline(
            "hdbscan",
            hdbscan,
            "scikit-learn's HDBSCAN",
            most_points=50_000,  # time grows with the square in 18 dimensions
        ),
    )
}
"""Every baseline by its name."""
