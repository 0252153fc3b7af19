"""Export to a movie one can show: MP4, GIF, or a folder of PNG pictures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc import digits_of
from cellseg.export.experiment import Experiment
from cellseg.export.measure import Wrap
from cellseg.export.optional import need
from cellseg.export.overlay import overlays

_FRAMES_PER_SECOND = 10


def write_mp4(experiment: Experiment, path: Path, progress: Wrap = iter) -> None:
    """Write the pictures of `overlays` as an MP4 file (H.264, 10 frames per second).

    Parameters
    ----------
    experiment : Experiment
    path : Path
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Raises
    ------
    CellsegError
        A mask or a frame cannot be read, or the extra `video` is not installed.
    """
    ffmpeg = need("imageio_ffmpeg", "video")
    first, pictures = _begun(experiment, progress)
    writer = ffmpeg.write_frames(
        str(path),
        (first.shape[1], first.shape[0]),
        fps=_FRAMES_PER_SECOND,
        macro_block_size=2,
        ffmpeg_log_level="error",
    )
    writer.send(None)
    try:
        for picture in pictures:
            writer.send(np.ascontiguousarray(picture))
    finally:
        writer.close()


def write_gif(experiment: Experiment, path: Path, progress: Wrap = iter) -> None:
    """Write the pictures of `overlays` as an animated GIF; parameters and errors as in `write_mp4`."""
    from PIL import Image

    first, pictures = _begun(experiment, progress)
    next(pictures)
    Image.fromarray(first).save(
        path,
        format="GIF",
        save_all=True,
        append_images=(Image.fromarray(picture) for picture in pictures),
        duration=1000 // _FRAMES_PER_SECOND,
        loop=0,
    )


def write_png(experiment: Experiment, folder: Path, progress: Wrap = iter) -> None:
    """Write the pictures of `overlays` as `overlayTTT.png` in a new folder; otherwise as `write_mp4`."""
    from imagecodecs import png_encode

    folder.mkdir(parents=True)
    files = experiment.result.masks.files
    for (number, file), picture in zip(files.items(), overlays(experiment, progress), strict=True):
        (folder / f"overlay{number:0{digits_of(file)}d}.png").write_bytes(png_encode(picture))


def _begun(experiment: Experiment, progress: Wrap) -> tuple[NDArray[np.uint8], Iterator[NDArray[np.uint8]]]:
    """Give the first picture, and all of them."""
    pictures = overlays(experiment, progress)
    first = next(pictures)
    return first, chain([first], pictures)
