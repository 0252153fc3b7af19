"""The whole flow on one page: frames in, a Cell Tracking Challenge result out.

    video -> prepare -> RSHN -> Faster Mean-shift -> instances -> tables -> lineage -> masks, res_track.txt

Memory does not grow with the number of frames: pixels flow through, table rows go to disk pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cellseg.ahead import ahead
from cellseg.cell_size import typical_diameter
from cellseg.certainty import write_certainty
from cellseg.chunks import LEAD
from cellseg.config import Inference, Preparation, Settings
from cellseg.ctc import RESULT_TRACKS, read_tracks
from cellseg.describe_run import describe_run
from cellseg.device import wait_for
from cellseg.embedder import Embedder, check_network_shape
from cellseg.embeddings import SavedEmbeddings
from cellseg.finish import check_border, link_tables, write_result
from cellseg.frame_objects import FrameObjects, frame_objects, smallest_area
from cellseg.labelled_pair import LabelledPair, label_pair
from cellseg.logbook import Logbook
from cellseg.one_thread import one_thread
from cellseg.pair_clusters import seed_policy
from cellseg.result_folder import CERTAINTY, EMBEDDINGS, chunk_result
from cellseg.rshn import Model, Pair
from cellseg.scale_range import WARNING, size_warning
from cellseg.tracking import overlap_rows
from cellseg.types import CHAIN, NEXT, Track
from cellseg.unfinished import refuse_result, tidy
from cellseg.video import ReadAhead, Video, network_shape, prepare


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
    record = describe_run(video, model, settings, preparation, inference)
    record.request = request
    complete = not save_embeddings or (result / EMBEDDINGS).is_dir()
    if not overwrite and complete and record.is_done_in(result):
        tidy(result)
        progress(len(video))
        return tuple(read_tracks(result / RESULT_TRACKS))
    if pairs is not None:
        refuse_result(result, overwrite)  # of which there will be one only when all chunks are made
    shape = network_shape(video.shape[1:], preparation)
    check_border(video, settings.linker)
    check_network_shape(shape, video.path)
    todo = range(max(1, len(video) - 1)) if pairs is None else pairs
    log = Logbook(
        result if pairs is None else chunk_result(result, pairs),
        record,
        first=todo.start,
        looks_back=max(LEAD, inference.window) + inference.warmup,
        overwrite=overwrite,
        save_embeddings=save_embeddings,
        chunks=chunks,
    )
    saved = SavedEmbeddings(log.unfinished.folder / EMBEDDINGS) if save_embeddings else None
    embedder = Embedder(model, inference, shape, max_memory, say)
    run = _Run(video, settings, preparation, inference, todo, embedder, log, saved, say)
    try:
        progress(log.progress.next_pair - todo.start)
        # Each stage works ahead of the one behind it, in a thread of its own. The network's has all cores of
        # a CPU; the operations of the others are so small that a second core would cost more than it gains.
        with closing(ahead(run.labelled())) as labelled, one_thread():
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
    progress(len(video) - log.progress.next_pair)
    return tracks


@dataclass(frozen=True)
class _Run:
    """One movie on its way through the rooms."""

    video: Video
    settings: Settings
    preparation: Preparation
    inference: Inference
    pairs: range
    embedder: Embedder
    log: Logbook
    saved: SavedEmbeddings | None
    say: Callable[[str], Any]

    def embedded(self) -> Generator[Pair]:
        """Embed the pairs that are still to do."""
        torch.set_num_threads(self.log.record.threads)
        busy, done = self.log.clock.busy, self.log.progress

        def prepared(t: int) -> Tensor:
            with busy("reading"):
                return torch.from_numpy(prepare(self.video.frame(t), self.preparation))

        def on_device(t: int) -> Tensor:
            with busy("waiting for frames"):
                return frame(t).to(self.embedder.device)

        with ReadAhead(prepared, len(self.video)) as frame:
            begin = max(0, self.pairs.start - LEAD)
            pairs = self.embedder.pairs(
                on_device, len(self.video), start=done.next_pair, begin=begin, state=done.state
            )
            for _ in range(done.next_pair, self.pairs.stop):
                with busy("network"):
                    pair = next(pairs)
                    wait_for(self.embedder.device)
                yield pair

    def labelled(self) -> Generator[LabelledPair]:
        """Cluster the pairs, one after the other: the seed policy goes by the instances of the last one."""
        torch.set_num_threads(1)
        policy = seed_policy(self.settings.clustering, **self.log.progress.seeds)
        area = 2 * self._smallest_area() / np.prod(self.preparation.input_px_per_network_px)
        min_pixels = max(1, round(area))
        with closing(ahead(self.embedded())) as pairs:
            for pair in pairs:
                number = self.video.frame_numbers[pair.first.frame]
                with self.log.clock.busy("clustering"):
                    labelled = label_pair(
                        *(pair, self.settings, self.inference.foreground_threshold),
                        *(min_pixels, policy, number),
                    )
                policy = labelled.policy
                yield labelled

    def advance(self, labelled: LabelledPair) -> None:
        """Turn the labels of frames t and t + 1 into provisional frames and table rows."""
        t, halves = labelled.pair.first.frame, labelled.halves
        previous, folder = self.log.progress.previous, self.log.unfinished
        with self.log.clock.busy("instances"):
            found = []
            if previous is None:
                previous = halves[0]
                found.append(self._write_frame(labelled, 0))
                before = found[0].labels
            else:
                before = folder.read_frame(t)
            overlaps = [overlap_rows(previous, halves[0], t, CHAIN)]
            if len(self.video) > 1:
                found.append(self._write_frame(labelled, 1))
                overlaps.append(overlap_rows(before, found[-1].labels, t, NEXT))
            folder.write_tables(t, np.concatenate([frame.rows for frame in found]), np.concatenate(overlaps))
            folder.write_certainty(t, np.concatenate([frame.certainty for frame in found]))
        if self.saved is not None:
            with self.log.clock.busy("writing"):
                labelled.keep(self.saved, self.inference.foreground_threshold, self.video, self._digits())
        self.log.add(labelled, self.video.frame_numbers[t])
        if self.log.is_due():
            self.save("running")

    def save(self, status: str) -> None:
        """Write the checkpoint and the record."""
        self.log.save(status, self.embedder)

    def finish(self) -> tuple[Track, ...]:
        """Solve the lineage, write the final files, check them, and let the result stand."""
        unfinished, numbers = self.log.unfinished, self.video.frame_numbers
        with self.log.clock.busy("linking"):
            objects, overlaps = unfinished.read_tables()
            found = typical_diameter(objects["area"])
            if found is not None and (warning := size_warning(found, self.preparation)):
                self.say(f"{WARNING}{self.video.path}: {warning}")
            lineage = link_tables(objects, overlaps, self.settings.linker, self.video)
        with self.log.clock.busy("writing"):
            tracks = write_result(lineage, unfinished.read_frame, unfinished.folder, numbers, self._digits())
            rows = unfinished.read_certainty()
            write_certainty(unfinished.folder / CERTAINTY, rows, numbers, lineage.final_labels)
        self.log.close(tracks, self.embedder)
        return tracks

    def _write_frame(self, labelled: LabelledPair, half: int) -> FrameObjects:
        """Write one half of a pair at original size."""
        found = frame_objects(
            *(labelled, half, (self.video.shape[1], self.video.shape[2]), self.settings),
            *(self.inference.foreground_threshold, self._smallest_area()),
        )
        self.log.unfinished.write_frame(labelled.pair.first.frame + half, found.labels)
        return found

    def _smallest_area(self) -> int:
        return smallest_area(self.settings.instances, self.preparation)

    def _digits(self) -> int:
        """Digits of the numbers in file names, of which there may be more than in the movie's."""
        return max(self.video.digits, len(str(self.video.frame_numbers[-1])))
