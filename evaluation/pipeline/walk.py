"""One variant on one movie, stage by stage.

Embedding, clustering and the merge of tiles are the variant's; all that follows is what `infer` does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.config import Settings
from cellseg.labelled_pair import go_on
from cellseg.meanshift import Osop
from cellseg.pair_clusters import cluster_pair, seed_policy
from cellseg.pair_instances import pair_instances
from cellseg.published import label_tiles
from cellseg.rshn import Model, Pair, TilePair
from cellseg.video import Video, network_shape, prepare

from ..scoring.result import Result
from .clusterers import CLUSTERERS
from .stopwatch import Stopwatch
from .variants import Variant


@dataclass
class Walked:
    """What a walk took.

    Attributes
    ----------
    first : int
        First frame.
    pairs : list of dict
        Seconds of each pair, by stage: reading, network, clustering, instances.
    finishing : dict
        Seconds for the whole movie: linking, writing.
    points : int
        Most vectors that were clustered at once.
    """

    first: int = 0
    pairs: list[dict[str, float]] = field(default_factory=list)
    finishing: dict[str, float] = field(default_factory=dict)
    points: int = 0


def walk(
    variant: Variant,
    video: Video,
    model: Model,
    settings: Settings,
    folder: Path,
    *,
    start: int = 0,
    pairs: int | None = None,
    budget: float = float("inf"),
) -> Walked:
    """Segment and track a movie, or a part of it.

    Parameters
    ----------
    variant : Variant
        Any but `infer`.
    video : Video
    model : Model
    settings : Settings
    folder : Path
        Where masks and `res_track.txt` go.
    start : int
        First pair of the published schedule; the others begin with the movie.
    pairs : int, optional
        Most pairs.
    budget : float
        Seconds after which no further pair is begun.

    Returns
    -------
    Walked
    """
    return _Walk(variant, video, model, settings).run(folder, start, pairs, budget)


class _Walk:
    def __init__(self, variant: Variant, video: Video, model: Model, settings: Settings) -> None:
        self.variant = variant
        self.video = video
        self.model = model
        self.settings = settings
        self.watch = Stopwatch(model.device)
        self.walked = Walked()
        self.clusterer = CLUSTERERS[variant.clusterer](settings.clustering, model.device)
        self.osop: Osop = seed_policy(settings.clustering)
        self.rng = np.random.default_rng(settings.seed)
        self.threshold = model.card.inference.foreground_threshold
        scale = np.prod(model.card.preparation.input_px_per_network_px)
        self.min_area = settings.instances.min_area or 1
        self.min_pixels = max(1, round(2 * self.min_area / scale))

    def run(self, folder: Path, start: int, most: int | None, budget: float) -> Walked:
        preparation = self.model.card.preparation
        shape = network_shape(self.video.shape[1:], preparation)
        pairs = self.variant.pairs(
            self.model.network, self.model.card.inference, self._frame, shape, len(self.video), start
        )
        result = Result(self.video, self.settings, self.threshold, self.min_area)
        begin = time.perf_counter()
        for pair in islice(self._embedded(pairs), most):
            halves = self._label(pair)
            with self.watch("instances"):
                result.add_pair(pair, halves)
            self.walked.pairs.append(self.watch.lap())
            if time.perf_counter() - begin > budget:
                break
        self.walked.first = result.first
        with self.watch("linking"):
            lineage = result.link()
        with self.watch("writing"):
            result.write(folder, lineage)
        self.walked.finishing = self.watch.lap()
        return self.walked

    def _embedded(self, pairs: Iterator[Pair]) -> Iterator[Pair]:
        while True:
            with self.watch("network"):
                pair = next(pairs, None)
            if pair is None:
                return
            yield pair

    def _frame(self, t: int) -> Tensor:
        with self.watch("reading"):
            prepared = torch.from_numpy(prepare(self.video.frame(t), self.model.card.preparation))
            return prepared.to(self.model.device)

    def _label(self, pair: Pair) -> NDArray[np.int32]:
        with self.watch("instances"):
            if isinstance(pair, TilePair):
                return label_tiles(pair, self._cluster_tile, self.min_pixels, self.threshold)
            with self.watch("clustering"):
                clusters, foreground = cluster_pair(
                    pair, self.settings.clustering, self.threshold, self.osop, self.rng
                )
            self.walked.points = max(self.walked.points, len(clusters.labels))
            labels = pair_instances(
                pair,
                clusters.labels.cpu().numpy(),
                foreground.cpu().numpy(),
                self.settings.clustering,
                self.min_pixels,
            )
            self.osop = go_on(clusters.osop, labels)
            return labels

    def _cluster_tile(self, vectors: Tensor) -> Tensor | NDArray[np.integer]:
        self.walked.points = max(self.walked.points, len(vectors))
        with self.watch("clustering"):
            return self.clusterer(vectors)
