"""Saved embeddings as pictures: colours that stay the same over time, foreground, seeds and modes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from imagecodecs import jpeg8_encode
from numpy.typing import NDArray

from cellseg.embeddings import SavedEmbeddings, SavedFrame, SavedPair

_FRAMES, _VECTORS = 24, 2000
"""Frames, and vectors of each, that the principal components are taken from."""
_COMPONENTS = 3
_DARK, _BRIGHT = 40.0, 255.0
"""Colours of cells are never as dark as the background."""
_BACKGROUND = (12, 15, 20)
_NO_CELL, _CELL = (70, 130, 255), (255, 255, 255)
"""Colours of certainty: of pixels outside and inside the foreground."""
_LARGEST_SIDE = 640
_QUALITIES = (88, 78, 65)
_SMALLEST_SIDE = 128
_MOST_SEEDS = 800
"""On a page, of one pair."""
_AT_ONCE = 16_384
"""Vectors that are compared with all modes at a time."""


@dataclass(frozen=True)
class Palette:
    """Turns embeddings into colours: their first three principal components, the same for all frames.

    Attributes
    ----------
    mean : numpy.ndarray, (D,) float32
        Of the foreground embeddings of the movie.
    axes : numpy.ndarray, (D, 3) float32
        Principal components; where embeddings have fewer, the others are zero.
    low, high : numpy.ndarray, (3,) float32
        Projections that are darkest and brightest.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    @classmethod
    def of(cls, saved: SavedEmbeddings) -> Palette | None:
        """Fit the colours to a movie.

        Parameters
        ----------
        saved : SavedEmbeddings

        Returns
        -------
        Palette or None
            None where no frame has any foreground.
        """
        numbers = saved.frames()
        chosen = numbers[:: max(1, len(numbers) // _FRAMES)]
        sample = [_thinned(frame.vectors, _VECTORS) for n in chosen if (frame := saved.frame(n)) is not None]
        vectors = np.concatenate(sample).astype(np.float32) if sample else np.zeros((0, 0), np.float32)
        if not len(vectors):
            return None
        mean = vectors.mean(axis=0)
        _, directions = np.linalg.eigh(np.cov((vectors - mean).T, ddof=0).reshape(len(mean), len(mean)))
        axes = np.zeros((len(mean), _COMPONENTS), np.float32)
        largest = directions[:, ::-1][:, :_COMPONENTS]
        # An axis may point either way: the one in which its largest share is positive.
        signs = np.sign(largest[np.abs(largest).argmax(axis=0), np.arange(largest.shape[1])])
        axes[:, : largest.shape[1]] = largest * signs
        low, high = np.percentile((vectors - mean) @ axes, (1, 99), axis=0).astype(np.float32)
        return cls(mean, axes, low, high)

    def colours(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
        """Colour embeddings: (n, D) to (n, 3) of red, green, blue."""
        along = (vectors.astype(np.float32) - self.mean) @ self.axes - self.low
        share = np.clip(along / np.maximum(self.high - self.low, 1e-6), 0, 1)
        scaled: NDArray[np.uint8] = np.rint(_DARK + share * (_BRIGHT - _DARK)).astype(np.uint8)
        return scaled


class EmbeddingPictures:
    """Makes what a page shows of the saved embeddings of a result.

    Parameters
    ----------
    saved : SavedEmbeddings
    palette : Palette
    budget : int
        Bytes that the two pictures of a frame may take.

    Attributes
    ----------
    factor : int
        Network pixels along a side of a pixel of the pictures.
    """

    def __init__(self, saved: SavedEmbeddings, palette: Palette, budget: int) -> None:
        self._saved, self._palette = saved, palette
        numbers = saved.frames()
        middle = saved.frame(numbers[len(numbers) // 2])
        assert middle is not None
        side = max(middle.foreground.shape)
        self.factor = max(1, -(-side // _LARGEST_SIDE))
        while True:
            for quality in _QUALITIES:
                self._quality = quality
                if sum(map(len, self._pictures(middle))) <= budget:
                    return
            if side <= _SMALLEST_SIDE * self.factor:
                return
            self.factor += 1

    @classmethod
    def of(cls, saved: SavedEmbeddings, budget: int) -> EmbeddingPictures | None:
        """Begin with what a result has; None where it has no embeddings, or no foreground at all."""
        palette = Palette.of(saved)
        return None if palette is None else cls(saved, palette, budget)

    def frame(self, number: int) -> dict[str, Any] | None:
        """Make what is shown of one frame, as JSON values.

        Its objects come from the pair of frames that ends with it; those of a first frame, from the first.

        Parameters
        ----------
        number : int
            Of the frame.

        Returns
        -------
        dict or None
            `embedding` and `foreground`: pictures as data URIs; `covers`: the (y, x) share of the frame that
            a pixel of them has; `seeds`: base64 of (s, 6) uint16, a row for each: 1 where it lies in this
            frame, 0 where in the other one; y and x in 1/65536 of the frame; red, green, blue; `seed_count`:
            of all, where the rows are but some; `modes`: a row [y, x, red, green, blue, pixels of this frame]
            for each, y and x in shares of the frame, null where no pixel here is nearest to it. None where
            nothing was saved.
        """
        frame = self._saved.frame(number)
        if frame is None:
            return None
        shape = np.array(frame.foreground.shape)
        embedding, foreground = map(_data_uri, self._pictures(frame))
        pair, here = self._saved.pair(number - 1), 1
        if pair is None:
            pair, here = self._saved.pair(number), 0
        seeds, count = (b"", 0) if pair is None else self._seeds(pair, here, shape)
        return {
            "embedding": embedding,
            "foreground": foreground,
            "covers": (self.factor / shape).round(6).tolist(),
            "seeds": base64.b64encode(seeds).decode("ascii"),
            "seed_count": count,
            "modes": [] if pair is None else self._modes(frame, pair, shape),
        }

    def _pictures(self, frame: SavedFrame) -> tuple[bytes, bytes]:
        colours = np.empty((*frame.foreground.shape, 3), np.uint8)
        colours[:] = _BACKGROUND
        colours[frame.foreground] = self._palette.colours(frame.vectors)
        sure = (255 - frame.background.astype(np.float32))[..., None] / 255
        paint = np.where(frame.foreground[..., None], np.array(_CELL), np.array(_NO_CELL))
        shades = np.rint(sure * paint).astype(np.uint8)
        return self._encode(colours), self._encode(shades)

    def _encode(self, image: NDArray[np.uint8]) -> bytes:
        height, width = (-side % self.factor for side in image.shape[:2])
        padded = np.pad(image, ((0, height), (0, width), (0, 0)), mode="edge").astype(np.float32)
        rows, columns = padded.shape[0] // self.factor, padded.shape[1] // self.factor
        small = padded.reshape(rows, self.factor, columns, self.factor, 3).mean(axis=(1, 3))
        return bytes(jpeg8_encode(np.rint(small).astype(np.uint8), level=self._quality))

    def _seeds(self, pair: SavedPair, here: int, shape: NDArray[np.int_]) -> tuple[bytes, int]:
        kept = _thinned(np.arange(len(pair.seeds)), _MOST_SEEDS)
        rows = np.zeros((len(kept), 6), "<u2")
        rows[:, 0] = pair.seeds[kept, 0] == here
        rows[:, 1:3] = (pair.seeds[kept, 1:] + 0.5) / shape * 65_536
        rows[:, 3:] = self._palette.colours(pair.seed_vectors[kept])
        return rows.tobytes(), len(pair.seeds)

    def _modes(self, frame: SavedFrame, pair: SavedPair, shape: NDArray[np.int_]) -> list[list[Any]]:
        modes = pair.modes.astype(np.float32)
        best, pixel = np.full(len(modes), -np.inf, np.float32), np.zeros(len(modes), np.int64)
        counts = np.zeros(len(modes), np.int64)
        for begin in range(0, len(frame.vectors) if len(modes) else 0, _AT_ONCE):
            cosines = frame.vectors[begin : begin + _AT_ONCE].astype(np.float32) @ modes.T
            counts += np.bincount(cosines.argmax(axis=1), minlength=len(modes))
            nearest = cosines.argmax(axis=0)
            closest = cosines[nearest, np.arange(len(modes))]
            better = closest > best
            best[better], pixel[better] = closest[better], nearest[better] + begin
        places = (np.argwhere(frame.foreground) + 0.5) / shape
        colours = self._palette.colours(modes).tolist()
        return [
            [*(places[at].round(5).tolist() if count else (None, None)), *colour, int(count)]
            for at, colour, count in zip(pixel.tolist(), colours, counts.tolist(), strict=True)
        ]


def _thinned(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Leave at most so many, evenly."""
    return values[:: max(1, -(-len(values) // most))]


def _data_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
