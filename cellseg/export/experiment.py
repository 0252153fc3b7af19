"""What every export starts from: a result, the movie it was made from, and their units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.ctc import Result
from cellseg.errors import CellsegError
from cellseg.recorded_movie import recorded_movie, select
from cellseg.video import Selection, Video, open_video


@dataclass(frozen=True)
class Experiment:
    """A result with what it was made from.

    Attributes
    ----------
    result : Result
    channels : tuple of Video
        One movie of equal frames for each channel whose intensities are wanted; may be empty.
    pixel_size_um : tuple of float or None
        Size (y, x) of a pixel in micrometres, if it is known.
    frame_interval_s : float or None
        Seconds between frames, if they are known.
    """

    result: Result
    channels: tuple[Video, ...] = ()
    pixel_size_um: tuple[float, float] | None = None
    frame_interval_s: float | None = None

    @property
    def length_um(self) -> float | None:
        """Side of a square pixel in micrometres; None if it is unknown or pixels are not square."""
        if self.pixel_size_um is None:
            return None
        y, x = self.pixel_size_um
        return y if abs(y - x) <= 0.01 * x else None

    def images(self, frame: int) -> list[NDArray[Any]]:
        """Read one frame of every channel.

        Parameters
        ----------
        frame : int
            Frame number.

        Returns
        -------
        list of ndarray, (Y, X)
        """
        return [channel.frame(frame - channel.frame_numbers[0]) for channel in self.channels]


def combine(
    result: Result,
    channels: Sequence[Video] = (),
    pixel_size: float | None = None,
    frame_interval: float | None = None,
) -> Experiment:
    """Put a result and its movie together.

    Parameters
    ----------
    result : Result
    channels : sequence of Video
        The movie, one for each channel; the first that says them gives the units.
    pixel_size : float, optional
        Micrometres; replaces what the movie says.
    frame_interval : float, optional
        Seconds; replaces what the movie says.

    Returns
    -------
    Experiment

    Raises
    ------
    CellsegError
        A channel lacks frames of the result, or its frames have another size.
    """
    numbers = list(result.masks)
    shape = result.masks[numbers[0]].shape
    for channel in channels:
        if channel.shape[1:] != shape:
            here, there = (f"{y} x {x}" for y, x in (channel.shape[1:], shape))
            raise CellsegError(
                f"its frames are {here} pixels (y, x), the masks are {there}",
                path=channel.path,
                remedy="Give the movie that the result was made from.",
            )
        missing = sorted(set(numbers) - set(channel.frame_numbers))
        if missing:
            raise CellsegError(
                f"lacks frame {missing[0]}, which the result has",
                path=channel.path,
                remedy="Give the movie that the result was made from.",
            )
    sizes = [channel.pixel_size_um for channel in channels]
    intervals = [channel.frame_interval_s for channel in channels]
    return Experiment(
        result,
        tuple(channels),
        (pixel_size, pixel_size) if pixel_size is not None else next(filter(None, sizes), None),
        frame_interval if frame_interval is not None else next(filter(None, intervals), None),
    )


@contextmanager
def open_experiment(
    folder: Path,
    frames: Sequence[Path] = (),
    pixel_size: float | None = None,
    frame_interval: float | None = None,
    say: Callable[[str], Any] = lambda message: None,
    selection: Selection | None = None,
    channels: Sequence[str] = (),
) -> Iterator[Experiment]:
    """Open a result and its movie; without `frames`, the one that `run.json` names, if it is still there.

    Parameters
    ----------
    folder : Path
        The result, such as `01_RES`.
    frames : sequence of Path
        A movie for each channel, or one that holds them.
    pixel_size, frame_interval : float, optional
        Micrometres and seconds; replace what the movie says.
    say : callable
        Told which movie is taken.
    selection : Selection, optional
        What of the movies is meant; what it leaves open is as in the run that made the result.
    channels : sequence of str
        Names or numbers of the channels wanted of every movie. Default: that of the selection.

    Yields
    ------
    Experiment
        Its movies are closed at the end.

    Raises
    ------
    CellsegError
        There is no such result or movie, or they do not belong together.
    """
    result = Result(folder)
    recorded = recorded_movie(folder)
    if not frames:
        frames = [] if recorded is None else [recorded.path]
        said = f"intensities and units from {frames[0]}" if frames else "no movie: intensities are left out"
        say(f"{folder}: {said}; --frames names another")
    with ExitStack() as stack:
        movies = []
        for path in frames:
            wanted = select(path, selection or Selection(), recorded)
            for one in [replace(wanted, channel=channel) for channel in channels] or [wanted]:
                movies.append(stack.enter_context(open_video(path, selection=one)))
        yield combine(result, movies, pixel_size, frame_interval)
