"""Every table and figure of the two Faster Mean-shift papers, measured again; `clustering_speed.py` walks it.

The papers: Zhao et al. 2021 (cosine; Medical Image Analysis 71, 102048), You et al. 2021 (Euclidean;
arXiv:2112.13891). Each experiment is a module with `measure(plan) -> record` and `render(record) -> str`, in
Markdown:

======================= ==================================================================================
`cosine_table_1`        time and memory of every method, 18 dimensions (also Fig. 6 and 7)
`cosine_figure_1`       time and memory on embeddings of whole images
`cosine_figures_4_5`    failed clusterings against the number of seeds, and what eq. 14 promises
`euclidean_table_1`     time and memory of every method, 2 and 3 dimensions (also Fig. 4)
`euclidean_figure_1`    time and memory on colours of whole images
`euclidean_figure_3`    six shapes of clusters, in pictures
`reach`                 the targets this program has set itself
`ablation`              what each part of the method adds
`real`                  embeddings of a trained model, against exact mean-shift
======================= ==================================================================================

Shared by them:

======================= ==================================================================================
`plan`                  how much is measured
`process`               runs work in a process of its own, with a cap on time and memory
`methods`               this program and the baselines, behind one signature
`race`                  every method on data sets of growing size
`data`                  the simulated data sets
`pairs`, `walk`         pairs of frames, and the clustering of one after the other
`wanted`                which modes should be found, and which are missed
`real_embeddings`       the pairs that a trained model makes of a movie
`conditions`, `floor`   the machine, and how fast anything can be on it
`curves`, `picture`     pictures
`tables`                Markdown
`readme`                `evaluation/README.md`, from the records and `template.md`
======================= ==================================================================================
"""

EXPERIMENTS = (
    "cosine_table_1",
    "cosine_figure_1",
    "cosine_figures_4_5",
    "euclidean_table_1",
    "euclidean_figure_1",
    "euclidean_figure_3",
    "reach",
    "ablation",
    "real",
)
"""Names of the modules, in the order in which they are measured and rendered."""
