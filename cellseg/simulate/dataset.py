"""A simulated movie on disk, in the layout of the Cell Tracking Challenge with full ground truth."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import tifffile

from cellseg.ctc import (
    REFERENCE_TRACKS,
    frame_path,
    markers_path,
    number_width,
    segmentation_path,
    write_mask,
    write_tracks,
)
from cellseg.errors import CellsegError
from cellseg.simulate.presets import Preset
from cellseg.simulate.simulation import Simulation


def write_ctc(
    preset: Preset,
    directory: Path,
    sequence: str,
    frames: int,
    seed: int,
    shape: tuple[int, int] | None = None,
    progress: Callable[[], object] | None = None,
) -> Path:
    """Simulate a movie and write `<directory>/<preset>/<sequence>` and its `_GT` folder.

    Parameters
    ----------
    preset : Preset
        What to simulate.
    directory : Path
        Where the dataset folder goes.
    sequence : str
        Name of the sequence, such as "01".
    frames : int
        Number of frames.
    seed : int
        Seed of all randomness, 0 or larger.
    shape : tuple of int, optional
        (Y, X) of the image in pixels; the preset's own size if not given.
    progress : callable, optional
        Called after each written frame.

    Returns
    -------
    Path
        The folder of the frames.

    Raises
    ------
    CellsegError
        If a target folder exists and is not empty, or the numbers are out of range.
    """
    if Path(sequence).name != sequence:
        raise CellsegError(f"{sequence!r} is no name for a sequence", remedy="Name it like 01.")
    simulation = Simulation(preset, frames, seed, shape)
    images = directory / preset.name / sequence
    truth = images.with_name(f"{sequence}_GT")
    for folder in (images, truth):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CellsegError(
                "exists and is not empty",
                path=folder,
                remedy="Choose another output folder or sequence name, or remove it.",
            )
    # Under other names until all is there: what was interrupted is never taken for a whole movie.
    growing = images.with_name(f"{sequence}.partial")
    shutil.rmtree(growing, ignore_errors=True)
    frames_folder, truth_folder = growing / "frames", growing / "truth"
    for folder in (frames_folder, truth_folder / "SEG", truth_folder / "TRA"):
        folder.mkdir(parents=True)
    digits = number_width(frames)
    for number, frame in enumerate(simulation.frames()):
        tifffile.imwrite(
            frame_path(frames_folder, number, digits),
            frame.image,
            compression="zlib",
            software=False,
            metadata=None,
        )
        write_mask(segmentation_path(truth_folder, number, digits), frame.labels)
        write_mask(markers_path(truth_folder, number, digits), frame.labels)
        if progress is not None:
            progress()
    write_tracks(truth_folder / "TRA" / REFERENCE_TRACKS, simulation.tracks)
    for source, target in ((truth_folder, truth), (frames_folder, images)):
        if target.exists():
            target.rmdir()
        source.rename(target)
    growing.rmdir()
    return images
