"""The books of one run: how far it is, how long it took, what its record says; saved together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from cellseg.chunks import gather
from cellseg.clock import Clock
from cellseg.embedder import Embedder
from cellseg.finish import hash_result
from cellseg.labelled_pair import LabelledPair
from cellseg.record import RunRecord, peak_memory
from cellseg.result_folder import EMBEDDINGS
from cellseg.types import Track
from cellseg.unfinished import Unfinished

_CHECKPOINT_SECONDS = 20.0


class Logbook:
    """Begins a run, or goes on with one that was begun with the same.

    Parameters
    ----------
    result : Path
        The folder the result will have.
    record : RunRecord
        What the run is made from.
    first : int
        First frame of the first pair.
    looks_back : int
        So many frames before it are looked at, too.
    overwrite : bool
        Whether an existing result is replaced, and an unfinished one of something else thrown away.
    save_embeddings : bool
        Whether the result will have a folder of embeddings.
    chunks : sequence of range
        Pairs of chunks that were made before (`cellseg.chunks`): a new run begins with them.

    Attributes
    ----------
    unfinished : Unfinished
        The partial folder.
    progress : Progress
    record : RunRecord
    clock : Clock

    Raises
    ------
    CellsegError
        There is a result, or an unfinished one of something else.
    """

    def __init__(
        self,
        result: Path,
        record: RunRecord,
        *,
        first: int,
        looks_back: int,
        overwrite: bool,
        save_embeddings: bool,
        chunks: Sequence[range],
    ) -> None:
        # Not of a run that began without them: some frames would lack theirs.
        key = {**record.key(), **({EMBEDDINGS: True} if save_embeddings else {})}
        files = record.input["files"]
        self.unfinished = Unfinished(
            result, key, files, overwrite=overwrite, first=first, looks_back=looks_back
        )
        self.progress = self.unfinished.load()
        if chunks and not self.progress.next_pair:
            self.progress = gather(self.unfinished, chunks, key, files, looks_back)
        self.clock = Clock(self.progress.seconds)
        self.record = record
        self.record.seconds = self.progress.seconds = self.clock.seconds
        self._saved = time.monotonic()

    def add(self, labelled: LabelledPair, number: int) -> None:
        """Note that a pair is done.

        Parameters
        ----------
        labelled : LabelledPair
        number : int
            Of its first frame.
        """
        self.progress.next_pair = labelled.pair.first.frame + 1
        self.progress.previous = labelled.halves[1]
        self.progress.state = labelled.pair.state
        self.progress.seeds = {"seeds": labelled.policy.seeds, "instances": labelled.policy.instances}
        self.progress.trace.append({"frame": number, **labelled.trace})

    def is_due(self) -> bool:
        """Tell whether so much has been done since the last checkpoint that it would be a pity."""
        return time.monotonic() - self._saved > _CHECKPOINT_SECONDS

    def save(self, status: str, embedder: Embedder) -> None:
        """Write the checkpoint, if there is anything to go on from, and the record.

        Parameters
        ----------
        status : str
            As of `RunRecord`.
        embedder : Embedder
            Knows where the network is.
        """
        self.clock.count_elapsed()
        if self.progress.previous is not None:
            self.unfinished.save(self.progress)
        self._write(status, embedder)
        self._saved = time.monotonic()

    def close(self, tracks: Sequence[Track], embedder: Embedder) -> None:
        """Write the record of a run whose final files are there, and let the result stand."""
        self.record.tracks = len(tracks)
        self.record.output = hash_result(self.unfinished.folder)
        self.clock.count_elapsed()
        self._write("done", embedder)
        self.unfinished.finish()

    def _write(self, status: str, embedder: Embedder) -> None:
        self.record.status = status
        self.record.tile, self.record.device = embedder.tile, embedder.place
        self.record.pairs = self.progress.trace
        self.record.peak_memory = peak_memory(embedder.device)
        self.record.write(self.unfinished.folder)
