"""Films (AVI, MP4, ...), decoded by ffmpeg."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.colour import COLOURS, grey
from cellseg.video.extras import require
from cellseg.video.header import Header
from cellseg.video.recording import Recording, Scene

_REMEDY = "Export it again, best as a TIFF stack: films are compressed, and lose what is faint."


class Film(Recording):
    """Frames of a film, cheap to read in order; a step back begins at the first frame again."""

    def __init__(self, path: Path) -> None:
        self._ffmpeg = require("imageio_ffmpeg", "video", path)
        self._stream: Generator[Any, None, None] | None = None
        self._next = 0
        self._last: NDArray[Any] | None = None
        try:
            metadata = next(self._decode(path, "rgb24"))
        except (OSError, RuntimeError, StopIteration) as error:
            raise CellsegError(f"cannot be decoded ({_line(error)})", path=path, remedy=_REMEDY) from error
        width, height = metadata["size"]
        self._shape = (height, width)
        said = metadata["pix_fmt"]
        # Grey films keep their depth; those in colour have eight bits each.
        self._format = "rgb24" if not said.startswith("gray") else "gray" if said == "gray" else "gray16le"
        self._frames = self._count(path)
        super().__init__(path, path.stem)

    def scene(self, index: int) -> Scene:
        """Describe the film; how fast it is to be played says nothing of the time between its frames."""
        first = self._frame(0)
        header = Header(self._shape, first.dtype)
        if first.ndim == 2:
            return Scene(header, range(self._frames))
        # A film that begins in colour is refused at once, unless one colour is chosen.
        coloured = not (first == first[..., :1]).all()
        return Scene(header, range(self._frames), COLOURS, colour=not coloured)

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Decode as far as a frame."""
        frame = self._frame(number)
        return frame if frame.ndim == 2 else grey(frame, channel, *self.place(scene, number))

    def close(self) -> None:
        """Stop decoding."""
        if self._stream is not None:
            self._stream.close()
        self._stream = self._last = None

    def _frame(self, number: int) -> NDArray[Any]:
        if self._last is not None and number == self._next - 1:
            return self._last
        if self._stream is None or number < self._next:
            self.close()
            self._stream, self._next = self._decode(self.path, self._format), 0
            next(self._stream)  # what is known of the film
        depth = np.dtype("<u2" if self._format == "gray16le" else np.uint8)
        shape = (*self._shape, 3) if self._format == "rgb24" else self._shape
        try:
            for _ in range(number - self._next + 1):
                data = next(self._stream)
        except (OSError, RuntimeError, StopIteration) as error:
            path, what = self.place(0, number)
            raise CellsegError(
                f"{what} cannot be decoded ({_line(error)})", path=path, remedy=_REMEDY
            ) from error
        self._next = number + 1
        self._last = np.frombuffer(data, depth).reshape(shape)
        return self._last

    def _decode(self, path: Path, pixel_format: str) -> Generator[Any, None, None]:
        """Begin to decode: gives what is known of the film, then one frame after the other, none twice."""
        stream: Generator[Any, None, None] = self._ffmpeg.read_frames(
            str(path),
            pix_fmt=pixel_format,
            bits_per_pixel={"rgb24": 24, "gray": 8, "gray16le": 16}[pixel_format],
            output_params=["-fps_mode", "passthrough"],
        )
        return stream

    def _count(self, path: Path) -> int:
        """Count the frames without decoding them."""
        said = subprocess.run(
            [self._ffmpeg.get_ffmpeg_exe(), "-i", path, "-map", "0:v:0", "-c", "copy", "-f", "null", "-"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        ).stderr.decode(errors="replace")
        counts = re.findall(r"frame=\s*([0-9]+)", said)
        if not counts or int(counts[-1]) == 0:
            raise CellsegError("holds no frames", path=path, remedy=_REMEDY)
        return int(counts[-1])


def _line(error: Exception) -> str:
    """Last line of what ffmpeg says, which is the reason."""
    return (str(error).strip().splitlines() or ["it ends before"])[-1]
