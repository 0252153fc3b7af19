"""Open a movie, whatever it is stored as."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.video.bioio_file import Bioio
from cellseg.video.czi_file import Czi
from cellseg.video.film import Film
from cellseg.video.frame_folder import FrameFolder, is_pattern
from cellseg.video.lif_file import Lif
from cellseg.video.nd2_file import Nd2
from cellseg.video.numpy_file import NumpyFile
from cellseg.video.ome_zarr import METADATA, OmeZarr
from cellseg.video.recorded_video import RecordedVideo
from cellseg.video.recording import Recording
from cellseg.video.selection import Frames, Selection, blocks, choose_scenes
from cellseg.video.tiff_stack import TiffStack
from cellseg.video.video import Video

_TIFF = (".tif", ".tiff", ".btf", ".tf8", ".tf2", ".lsm", ".stk")
_TIFF_BEGINS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_READERS: dict[str, Callable[[Path], Recording]] = {
    **dict.fromkeys((".avi", ".mp4", ".mov", ".mkv", ".m4v", ".wmv", ".webm", ".mpg", ".mpeg"), Film),
    ".nd2": Nd2,
    ".czi": Czi,
    ".lif": Lif,
}
_URL = re.compile(r"([a-z][a-z0-9+]+):/{1,2}(.+)")


def open_video(path: str | Path, frames: Frames | None = None, selection: Selection | None = None) -> Video:
    """Open a movie for reading frame by frame; only the first frame's header is looked at.

    Parameters
    ----------
    path : path
        As of `open_videos`.
    frames : tuple of (int or None), optional
        Half-open block of frame numbers; either end may be None. Default: those of the selection.
    selection : Selection, optional
        What of the recording is the movie; needed where it holds several scenes, channels or focal planes.

    Returns
    -------
    Video
        A context manager.

    Raises
    ------
    CellsegError
        There is no such movie, it is of no known format, holds several scenes, channels or focal planes of
        which none is chosen, or the block is outside it or has a gap.
    """
    selection = selection or Selection()
    if frames is not None:
        selection = replace(selection, frames=frames)
    recording = _open(path, selection.axes)
    try:
        scene, *others = choose_scenes(recording, selection.scene)
        if others:
            raise CellsegError(
                f"holds {len(recording.scenes)} scenes, not one movie",
                path=recording.path,
                remedy="Choose one with --scene, or save the scene wanted as a file of its own.",
            )
    except BaseException:
        recording.close()
        raise
    return _choose(recording, scene, selection)


def open_videos(path: str | Path, selection: Selection | None = None) -> Iterator[Video]:
    """Open the movies of a recording, one for every scene, one after the other.

    Parameters
    ----------
    path : path
        A folder of `t000.tif`, `t001.tif`, ... (any number of digits); a pattern of names, such as
        `scan/img_{t}_w{c}.tif`; a TIFF or OME-TIFF file; a NumPy array (.npy); an OME-Zarr folder or its URL;
        a film (.avi, .mp4); with the extra `formats` ND2, CZI, LIF and what bioio reads.
    selection : Selection, optional
        Which of them, and what of each.

    Yields
    ------
    Video
        Closed when the next one is asked for.

    Raises
    ------
    CellsegError
        There is no such movie, it is of no known format, a package is missing, or the selection does not fit.
    """
    selection = selection or Selection()
    for scene in scene_names(path, selection):
        recording = _open(path, selection.axes)
        with _choose(recording, recording.scenes.index(scene), selection) as video:
            yield video


def scene_names(path: str | Path, selection: Selection | None = None) -> tuple[str, ...]:
    """List the scenes of a recording; with one of them in the selection, `open_videos` opens it alone.

    Parameters
    ----------
    path : path
        As of `open_videos`.
    selection : Selection, optional
        Of which only scene and axes count.

    Returns
    -------
    tuple of str
        Names, at least one.

    Raises
    ------
    CellsegError
        There is no such movie, or no such scene.
    """
    selection = selection or Selection()
    recording = _open(path, selection.axes)
    try:
        return tuple(recording.scenes[index] for index in choose_scenes(recording, selection.scene))
    finally:
        recording.close()


def look_into(path: str | Path, axes: str | None = None) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Tell what a recording holds, and which files it is spread over.

    Parameters
    ----------
    path : path
        As of `open_videos`.
    axes : str, optional
        As of `Selection`.

    Returns
    -------
    scenes : tuple of str
        Names, at least one.
    files : tuple of Path
        The files of an OME-TIFF that is spread over several, in order; otherwise not every file there is.

    Raises
    ------
    CellsegError
        There is no such movie.
    """
    recording = _open(path, axes)
    try:
        return recording.scenes, tuple(recording.files(()))
    finally:
        recording.close()


def blocks_without_gaps(path: str | Path) -> list[tuple[int, int]]:
    """List the blocks of consecutive frames of a movie, for work that may skip missing frames.

    Parameters
    ----------
    path : path
        A movie, as in `open_video`.

    Returns
    -------
    list of tuple of int
        Half-open blocks of frame numbers, in order; each can be given to `open_video`.

    Raises
    ------
    CellsegError
        There is no such movie.
    """
    recording = _open(path, None)
    try:
        return blocks(recording.scene(0).numbers)
    finally:
        recording.close()


def _choose(recording: Recording, scene: int, selection: Selection) -> Video:
    try:
        return RecordedVideo(recording, scene, selection)
    except BaseException:
        recording.close()
        raise


def _open(path: str | Path, axes: str | None) -> Recording:
    """Open a recording by what its name ends in."""
    url = _URL.fullmatch(Path(path).as_posix())
    # A path of one letter before the colon is a drive of Windows.
    if url is not None and not Path(path).exists():
        return OmeZarr(f"{url[1]}://{'/' if url[1] == 'file' else ''}{url[2].lstrip('/')}", axes)
    path = Path(path)
    if not path.exists() and not is_pattern(path):
        raise CellsegError(
            "does not exist",
            path=path,
            remedy="Check the spelling; relative paths begin at the current folder.",
        )
    suffix = path.suffix.lower()
    if path.is_dir() and (suffix == ".zarr" or any((path / name).exists() for name in METADATA)):
        return OmeZarr(path, axes)
    if suffix == ".npy":
        return NumpyFile(path, axes)
    if path.is_file() and suffix not in _READERS and (suffix in _TIFF or _begins_like_tiff(path)):
        return TiffStack(path, axes)
    if axes is not None:
        raise CellsegError("says itself what its axes are", path=path, remedy="Leave --axes out.")
    if path.is_dir() or is_pattern(path):
        return FrameFolder(path)
    return _READERS.get(suffix, Bioio)(path)


def _begins_like_tiff(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in _TIFF_BEGINS
    except OSError as error:
        raise CellsegError(f"cannot be opened ({error.strerror or error})", path=path) from error
