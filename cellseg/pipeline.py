"""The whole flow on one page: frames in, a Cell Tracking Challenge result out.

    video -> prepare -> RSHN -> Faster Mean-shift -> instances -> tables -> lineage -> masks, res_track.txt

Memory does not grow with the number of frames: pixels flow through, table rows go to disk pair by pair.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.ahead import ahead
from cellseg.cell_size import typical_diameter
from cellseg.certainty import certainty_rows, write_certainty
from cellseg.chunks import LEAD, gather
from cellseg.config import Inference, Preparation, Settings
from cellseg.ctc import RESULT_TRACKS, read_tracks
from cellseg.device import usual_memory
from cellseg.embeddings import SavedEmbeddings, SavedFrame
from cellseg.errors import CellsegError
from cellseg.finish import check_border, hash_result, link_tables, write_result
from cellseg.meanshift import Osop
from cellseg.pair_clusters import PairClusters, cluster_pair, fine_foreground, seed_policy
from cellseg.published import TileClusterer, label_tiles
from cellseg.record import RunRecord, peak_memory
from cellseg.result_folder import CERTAINTY, EMBEDDINGS, chunk_result
from cellseg.rshn import (
    TILE,
    Model,
    Pair,
    Tiled,
    TilePair,
    embed_pairs,
    embed_published,
    flops_per_frame,
    published_flops_per_frame,
    tiles_at_once,
    within_memory,
)
from cellseg.scale_range import WARNING, size_warning
from cellseg.tracking import (
    clean_instances,
    object_rows,
    overlap_rows,
    pair_labels,
    upsample_labels,
)
from cellseg.types import CHAIN, NEXT, Track
from cellseg.unfinished import Unfinished, refuse_result, tidy
from cellseg.video import ReadAhead, Video, network_shape, prepare

_CHECKPOINT_SECONDS = 20.0
_STAGES = (
    "reading",
    "waiting for frames",
    "network",
    "clustering",
    "instances",
    "linking",
    "writing",
    "elapsed",
)
_LARGEST_SIDE = 2**15
_SMALLEST_SHARE = 0.05
"""Of the area of the model's typical cell: smaller instances are debris, unless settings say otherwise."""


def infer(
    video: Video,
    model: Model,
    settings: Settings,
    result: Path,
    *,
    preparation: Preparation | None = None,
    overwrite: bool = False,
    save_embeddings: bool = False,
    max_memory: float | None = None,
    progress: Callable[[int], Any] = lambda frames: None,
    say: Callable[[str], Any] = lambda message: None,
    request: dict[str, Any] | None = None,
    pairs: range | None = None,
    chunks: Sequence[range] = (),
) -> tuple[Track, ...]:
    """Segment and track a movie, or make a chunk of it for a later call.

    Parameters
    ----------
    video : Video
    model : Model
        Runs on the device its network is on.
    settings : Settings
    result : Path
        Folder to write, such as `01_RES`. While running it is `01_RES.partial`; one that was begun with the
        same input, settings and model is continued, and a result made from the same is left as it is.
    preparation : Preparation, optional
        The model's, at another scale.
    overwrite : bool
        Whether an existing result is replaced.
    save_embeddings : bool
        Whether what the network and the clusterer saw is kept in the result (`cellseg.embeddings`).
    max_memory : float, optional
        Bytes that a step of the network may take; frames that would take more are embedded in tiles. Half of
        the device's memory without it.
    progress : callable
        Told the number of frames done since it was last told.
    say : callable
        Told what a user should know, such as that a frame is embedded in tiles.
    request : dict, optional
        Kept in the record (`RunRecord.request`), as JSON values.
    pairs : range, optional
        First frames of some pairs: only these are made, as a chunk of the movie.
    chunks : sequence of range
        Pairs of chunks that were made before (`cellseg.chunks`): the run begins with them, and does what they
        lack.

    Returns
    -------
    tuple of Track
        What `res_track.txt` says; nothing for a chunk.

    Raises
    ------
    CellsegError
        A frame cannot be read, another result exists, or there are more than 65,535 tracks.
    """
    preparation = preparation or model.card.preparation
    settings = settings.for_model(model.card)
    inference = settings.inference or model.card.inference
    record = _describe(video, model, settings, preparation, inference)
    record.request = request
    complete = not save_embeddings or (result / EMBEDDINGS).is_dir()
    if not overwrite and complete and record.is_done_in(result):
        tidy(result)
        progress(len(video))
        return tuple(read_tracks(result / RESULT_TRACKS))
    if pairs is not None:
        refuse_result(result, overwrite)  # of which there will be one only when all chunks are made
    run = _Run(
        *(video, model, settings, preparation, inference, record, result, overwrite, save_embeddings),
        *(max_memory, say, pairs, chunks),
    )
    try:
        progress(run.progress.next_pair - run.pairs.start)
        # Each stage works ahead of the one behind it, in a thread of its own. The network's has all cores of
        # a CPU; the operations of the others are so small that a second core would cost more than it gains.
        with closing(ahead(run.labelled())) as labelled, _one_thread():
            for pair in labelled:
                run.advance(pair)
                progress(1)
        if pairs is not None:
            run.save("chunk")
            return ()
        tracks = run.finish()
    except BaseException:
        # What stopped the run matters more than whether its last seconds could be saved.
        with suppress(OSError):
            run.save("interrupted")
        raise
    progress(len(video) - run.progress.next_pair)
    return tracks


class _Run:
    """One movie on its way through the rooms."""

    def __init__(
        self,
        video: Video,
        model: Model,
        settings: Settings,
        preparation: Preparation,
        inference: Inference,
        record: RunRecord,
        result: Path,
        overwrite: bool,
        save_embeddings: bool,
        max_memory: float | None,
        say: Callable[[str], Any],
        pairs: range | None,
        chunks: Sequence[range],
    ) -> None:
        self.video = video
        self.model = model
        self.say = say
        self.settings = settings
        self.preparation = preparation
        self.inference = inference
        self.device = model.device
        self.shape = network_shape(video.shape[1:], preparation)
        self.record = record
        self._check_sizes()
        self.digits = max(video.digits, len(str(video.frame_numbers[-1])))
        # Not of a run that began without them: some frames would lack theirs.
        key = {**self.record.key(), **({EMBEDDINGS: True} if save_embeddings else {})}
        self.pairs = range(max(1, len(video) - 1)) if pairs is None else pairs
        files, looks_back = self.record.input["files"], max(LEAD, inference.window) + inference.warmup
        self.unfinished = Unfinished(
            result if pairs is None else chunk_result(result, pairs),
            key,
            files,
            overwrite=overwrite,
            first=self.pairs.start,
            looks_back=looks_back,
        )
        self.saved = SavedEmbeddings(self.unfinished.folder / EMBEDDINGS) if save_embeddings else None
        self.progress = self.unfinished.load()
        if chunks and not self.progress.next_pair:
            self.progress = gather(self.unfinished, chunks, key, files, looks_back)
        # Every entry is there from the beginning: threads may write to one while the record is written out.
        self.record.seconds = {**dict.fromkeys(_STAGES, 0.0), **self.progress.seconds}
        self.progress.seconds = self.record.seconds
        self.network = model.network
        limit = max_memory or usual_memory(model.device)
        self.batch = tiles_at_once(model.network, TILE, limit)
        if inference.schedule == "single-pass":
            self.network = within_memory(model.network, self.shape, limit, say)
        self._saved = time.monotonic()
        self._within = threading.local()
        self._counted = time.perf_counter()

    def embedded(self) -> Generator[Pair]:
        """Embed the pairs that are still to do."""
        torch.set_num_threads(self.record.threads)
        with ReadAhead(self._prepared, len(self.video)) as frame:
            pairs = self._schedule(frame)
            for _ in range(self.progress.next_pair, self.pairs.stop):
                with self._busy("network"):
                    pair = next(pairs)
                yield pair

    def _schedule(self, frame: Callable[[int], Tensor]) -> Iterator[Pair]:
        def on_device(t: int) -> Tensor:
            with self._busy("waiting for frames"):
                return frame(t).to(self.device)

        length, start = len(self.video), self.progress.next_pair
        if self.inference.schedule == "published":
            return embed_published(
                *(self.network, on_device, length),
                start=start,
                window=self.inference.window,
                batch=self.batch,
            )
        state = self.progress.state
        return embed_pairs(
            self.network,
            on_device,
            length,
            window=self.inference.window if self.inference.state == "window" else None,
            warmup=self.inference.warmup,
            start=start,
            state=None if state is None else [maps.to(self.device) for maps in state],
            begin=max(0, self.pairs.start - LEAD),
        )

    def labelled(self) -> Generator[_Labelled]:
        """Cluster the pairs, one after the other: the seed policy goes by the instances of the last one."""
        torch.set_num_threads(1)
        policy = seed_policy(self.settings.clustering, **self.progress.seeds)
        with closing(ahead(self.embedded())) as pairs:
            for pair in pairs:
                with self._busy("clustering"):
                    labelled = self._label(pair, policy)
                halves = labelled.halves
                policy = replace(labelled.policy, instances=len(np.unique(halves[1][halves[1] > 0])))
                yield replace(labelled, policy=policy)

    def advance(self, labelled: _Labelled) -> None:
        """Turn the labels of frames t and t + 1 into provisional frames and table rows."""
        pair, halves = labelled.pair, labelled.halves
        t = pair.first.frame
        with self._busy("instances"):
            objects, overlaps, certainty = [], [], []
            if self.progress.previous is None:
                before, rows, sure = self._write(t, labelled, 0)
                objects.append(rows)
                certainty.append(sure)
                overlaps.append(overlap_rows(halves[0], halves[0], t, CHAIN))
            else:
                before = self.unfinished.read_frame(t)
                overlaps.append(overlap_rows(self.progress.previous, halves[0], t, CHAIN))
            if len(self.video) > 1:
                labels, rows, sure = self._write(t + 1, labelled, 1)
                objects.append(rows)
                certainty.append(sure)
                overlaps.append(overlap_rows(before, labels, t, NEXT))
            self.unfinished.write_tables(t, np.concatenate(objects), np.concatenate(overlaps))
            self.unfinished.write_certainty(t, np.concatenate(certainty))
        if self.saved is not None:
            with self._busy("writing"):
                self._save_embeddings(labelled, self.saved)
        self.progress.next_pair = t + 1
        self.progress.previous = halves[1]
        self.progress.state = pair.state
        self.progress.seeds = {"seeds": labelled.policy.seeds, "instances": labelled.policy.instances}
        self.progress.trace.append({"frame": self.video.frame_numbers[t], **labelled.trace})
        if time.monotonic() - self._saved > _CHECKPOINT_SECONDS:
            self.save("running")

    def save(self, status: str) -> None:
        """Write the checkpoint and the record."""
        self._count_elapsed()
        if self.progress.previous is not None:
            self.unfinished.save(self.progress)
        self._write_record(status)
        self._saved = time.monotonic()

    def finish(self) -> tuple[Track, ...]:
        """Solve the lineage, write the final files, check them, and let the result stand."""
        folder = self.unfinished.folder
        with self._busy("linking"):
            objects, overlaps = self.unfinished.read_tables()
            self._compare_size(objects["area"])
            lineage = link_tables(objects, overlaps, self.settings.linker, self.video)
        with self._busy("writing"):
            read, numbers = self.unfinished.read_frame, self.video.frame_numbers
            tracks = write_result(lineage, read, folder, numbers, self.digits)
            write_certainty(
                folder / CERTAINTY, self.unfinished.read_certainty(), numbers, lineage.final_labels
            )
        self.record.tracks = len(tracks)
        self.record.output = hash_result(folder)
        self._count_elapsed()
        self._write_record("done")
        self.unfinished.finish()
        return tracks

    def _compare_size(self, areas: NDArray[np.integer[Any]]) -> None:
        """Warn when the cells found are of another size than those looked for."""
        found = typical_diameter(areas)
        if found is not None and (warning := size_warning(found, self.preparation)):
            self.say(f"{WARNING}{self.video.path}: {warning}")

    def _check_sizes(self) -> None:
        """Refuse what leaves no pixel, or more than any network can take."""
        check_border(self.video, self.settings.linker)
        if max(self.shape) > _LARGEST_SIDE:
            raise CellsegError(
                f"at this scale the network would see {self.shape} pixels",
                path=self.video.path,
                remedy="Check --diameter or --pixel-size.",
            )

    def _prepared(self, t: int) -> Tensor:
        with self._busy("reading"):
            return torch.from_numpy(prepare(self.video.frame(t), self.preparation))

    def _label(self, pair: Pair, policy: Osop) -> _Labelled:
        """Label both frames at network scale; tell what the seed policy did."""
        number = self.video.frame_numbers[pair.first.frame]
        # Keyed by the absolute frame: no history, so that a resumed run draws the same.
        rng = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.settings.seed, number))))
        area = 2 * self._min_area() / np.prod(self.preparation.input_px_per_network_px)
        min_pixels = max(1, round(area))
        threshold = self.inference.foreground_threshold
        if isinstance(pair, TilePair):
            clusterer = TileClusterer(self.settings.clustering, policy, rng)
            labels = label_tiles(pair, clusterer, min_pixels, threshold)
            return _Labelled(pair, labels, clusterer.osop, clusterer.trace)
        clusters, cells = cluster_pair(pair, self.settings.clustering, threshold, policy, rng)
        foreground = cells.cpu().numpy()
        labels = pair_labels(clusters.labels.cpu().numpy(), foreground, min_pixels)
        left = np.count_nonzero(foreground & (labels == 0), axis=(1, 2)).tolist()
        trace = {**clusters.trace, "uncovered": clusters.uncovered, "unlabelled": left}
        return _Labelled(pair, labels, clusters.osop, trace, PairClusters(pair, clusters, foreground))

    def _write(
        self, t: int, labelled: _Labelled, half: int
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.void], NDArray[np.void]]:
        """Bring one half of a pair to original size, write it, and describe its objects and their margins."""
        labels, vectors = labelled.halves[half], labelled.vectors(half)
        shape = (self.video.shape[1], self.video.shape[2])
        full = clean_instances(
            upsample_labels(
                labels, shape, fine_foreground(vectors, shape, self.inference.foreground_threshold)
            ),
            min_area=self._min_area(),
            fill_holes=self.settings.instances.fill_holes,
            border=self.settings.linker.border,
        )
        self.unfinished.write_frame(t, full)
        means, found = _mean_embeddings(labels, vectors), labelled.clusters
        modes, uncovered = (None, None) if found is None else (found.modes(), found.uncovered(half))
        sure = certainty_rows(labels, t, means, modes, uncovered)
        return full, object_rows(full, t, means), sure

    def _save_embeddings(self, labelled: _Labelled, saved: SavedEmbeddings) -> None:
        """Keep what the objects of a pair's later frame came from, and of the movie's first one."""
        threshold = self.inference.foreground_threshold
        numbers, t = self.video.frame_numbers, labelled.pair.first.frame
        for half in (0, 1)[t > 0 : len(self.video)]:
            frame = SavedFrame.of(labelled.vectors(half).float().cpu().numpy(), threshold)
            saved.write_frame(numbers[t + half], self.digits, frame)
        if labelled.clusters is not None:
            saved.write_pair(numbers[t], self.digits, labelled.clusters.kept())

    def _min_area(self) -> int:
        """Smallest instance in one frame, in original pixels."""
        if self.settings.instances.min_area is not None:
            return self.settings.instances.min_area
        diameter = self.preparation.cell_diameter_px or 0.0
        return max(1, round(_SMALLEST_SHARE * np.pi / 4 * diameter**2))

    def _write_record(self, status: str) -> None:
        self.record.status = status
        if isinstance(self.network, Tiled):  # which takes smaller tiles, or the CPU, when memory runs out
            self.record.tile = self.network.side if self.network.side < max(self.shape) else None
            self.record.device = str(self.network.device)
        self.record.pairs = self.progress.trace
        self.record.peak_memory = peak_memory(self.device)
        self.record.write(self.unfinished.folder)

    @contextmanager
    def _busy(self, stage: str) -> Iterator[None]:
        """Count the time inside; a stage inside another one, in the same thread, counts for itself alone."""
        begin, outer = time.perf_counter(), getattr(self._within, "seconds", 0.0)
        self._within.seconds = 0.0
        try:
            yield
        finally:
            spent = time.perf_counter() - begin
            self._count(stage, spent - self._within.seconds)
            self._within.seconds = outer + spent

    def _count(self, stage: str, seconds: float) -> None:
        # Each stage has a thread of its own, so nobody else writes to its entry.
        self.record.seconds[stage] += seconds

    def _count_elapsed(self) -> None:
        now = time.perf_counter()
        self._count("elapsed", now - self._counted)
        self._counted = now


@dataclass(frozen=True)
class _Labelled:
    """A pair whose pixels have labels: (2, Y', X') at network scale; the seed policy as it goes on.

    Pairs that were clustered tile by tile have no clusters of their own.
    """

    pair: Pair
    halves: NDArray[np.int32]
    policy: Osop
    trace: dict[str, Any]
    clusters: PairClusters | None = None

    def vectors(self, half: int) -> Tensor:
        """Embeddings of the first or the second frame, (D, Y', X')."""
        return (self.pair.first, self.pair.second)[half].vectors


def _describe(
    video: Video, model: Model, settings: Settings, preparation: Preparation, inference: Inference
) -> RunRecord:
    """Begin the record of a run: what it is made from."""
    shape = network_shape(video.shape[1:], preparation)
    if inference.schedule == "published":
        flops = published_flops_per_frame(model.card.architecture, shape, inference.window)
    else:
        flops = flops_per_frame(model.card.architecture, shape)
    return RunRecord(
        settings=settings.model_dump(mode="json"),
        model={
            "name": model.name,
            "sha256": model.card.weights.sha256,
            "precision": str(model.precision).removeprefix("torch."),
            "backend": model.backend,
            "inference": inference.model_dump(mode="json"),
            "preparation": preparation.model_dump(mode="json"),
        },
        input={
            "path": str(video.path),
            "shape": list(video.shape),
            "dtype": str(video.dtype),
            "frames": [video.frame_numbers[0], video.frame_numbers[-1] + 1],
            "files": video.fingerprint(),
        },
        selection=asdict(video.selection),
        device=str(model.device),
        threads=torch.get_num_threads(),
        flops_per_frame=flops,
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread, in operations that this thread begins."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _mean_embeddings(labels: NDArray[np.int32], vectors: Tensor) -> NDArray[np.float32]:
    """Mean embedding of each label, (largest label + 1, D); row 0 is the background's."""
    flat = torch.from_numpy(labels.ravel()).long().to(vectors.device)
    count = int(labels.max(initial=0)) + 1
    sums = vectors.new_zeros((count, len(vectors))).index_add_(0, flat, vectors.flatten(1).T)
    pixels = torch.bincount(flat, minlength=count).clamp_min(1)
    means: NDArray[np.float32] = (sums / pixels[:, None]).cpu().numpy()
    return means
