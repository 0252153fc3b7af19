"""Images with masks that are no movie: which belong together, and what they show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from imagecodecs import png_decode
from numpy.typing import NDArray

from cellseg.ctc import read_labels
from cellseg.errors import CellsegError
from cellseg.training.masks import (
    Labels,
    check_masks,
    connected_pieces,
    know_no_cells_apart,
    some,
)
from cellseg.video import Video, open_video
from cellseg.video.header import Header

_TIFF = (".tif", ".tiff")
_SUFFIXES = (*_TIFF, ".png")
_SHOWN = 3


@dataclass(frozen=True)
class Still:
    """An image and its masks.

    Attributes
    ----------
    path, mask_path : Path
    pieces : bool
        Whether the masks know no cells apart, so that every connected piece is taken for one.
    """

    path: Path
    mask_path: Path
    pieces: bool = False

    @property
    def name(self) -> str:
        """Name of its file without the suffix."""
        return self.path.stem

    def image(self) -> NDArray[Any]:
        """Read the image, (Y, X).

        Raises
        ------
        CellsegError
            It is damaged, in colour, or more than one plane.
        """
        if self.path.suffix.lower() not in _TIFF:
            return _read_png(self.path)
        with open_video(self.path) as video:
            if len(video) > 1:
                raise CellsegError(
                    f"holds {len(video)} pages, but a still is one 2-D image",
                    path=self.path,
                    remedy="Save one plane, or give the file with --movie if its pages are frames.",
                )
            return video.frame(0)

    def masks(self) -> Labels:
        """Read the masks, (Y, X), 0 for background.

        Raises
        ------
        CellsegError
            They are damaged, of another size than the image, or no label image.
        """
        is_tiff = self.mask_path.suffix.lower() in _TIFF
        labels = read_labels(self.mask_path, binary=True) if is_tiff else _read_png(self.mask_path)
        check_masks(labels, self.image().shape, self.mask_path)
        return connected_pieces(labels) if self.pieces else labels


def pair_stills(images: Path, masks: Path) -> list[Still]:
    """Find the images of a folder that have masks in another.

    Parameters
    ----------
    images, masks : Path
        Folders of TIFF or PNG files; an image and its masks have the same name but for the suffix.

    Returns
    -------
    list of Still
        By name; at least one. Images without masks are left out.

    Raises
    ------
    CellsegError
        A folder is missing or has no files, no names agree, masks have no image, or all masks are empty.
    """
    if images.resolve() == masks.resolve():
        raise CellsegError(
            "is given for images and for masks", path=images, remedy="Keep them in two folders."
        )
    pictures, labels = _files(images, "images"), _files(masks, "masks")
    strays = [labels[stem].name for stem in labels if stem not in pictures]
    if strays:
        shown = ", ".join([*strays[:_SHOWN], *["..."] * (len(strays) > _SHOWN)])
        raise CellsegError(
            f"{len(strays)} of {len(labels)} masks have no image in {images}: {shown}",
            path=masks,
            remedy=f"An image and its masks must have one name, such as {next(iter(pictures))}.tif in both.",
        )
    stills = [Still(pictures[stem], labels[stem]) for stem in labels]
    for still in stills:
        still.masks()  # what is wrong with one is told of now, not at the first validation
    pieces = know_no_cells_apart([still.masks() for still in some(stills)])
    return [replace(still, pieces=pieces) for still in stills]


class StillVideo(Video):
    """An image as a movie in which nothing moves.

    Parameters
    ----------
    still : Still
    frames : int
        How long it is.
    """

    def __init__(self, still: Still, frames: int) -> None:
        self._image = still.image()
        header = Header((self._image.shape[0], self._image.shape[1]), self._image.dtype, None, None)
        super().__init__(
            still.path, name=still.name, frame_numbers=tuple(range(frames)), digits=3, header=header
        )

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, t: int) -> NDArray[Any]:
        return self._image

    def _place(self, t: int) -> tuple[Path, str]:
        return self.path, "the image"

    def _files(self) -> list[Path]:
        return [self.path]


def _files(folder: Path, what: str) -> dict[str, Path]:
    """Image files of a folder by their names without suffix, in order."""
    if not folder.is_dir():
        raise CellsegError(f"is no folder of {what}", path=folder, remedy="Give --stills IMAGES MASKS.")
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in files:
            raise CellsegError(
                f"holds {files[path.stem].name} and {path.name}", path=folder, remedy="Remove one of them."
            )
        files[path.stem] = path
    if not files:
        raise CellsegError(
            f"holds no {what}", path=folder, remedy="They should be TIFF or PNG files, one per image."
        )
    return files


def _read_png(path: Path) -> NDArray[Any]:
    """Read a grey image; colours that are all equal are grey, too."""
    try:
        image: NDArray[Any] = png_decode(path.read_bytes())
    except OSError:
        raise
    except Exception as error:  # a damaged file fails in as many ways as there are decoders
        raise CellsegError(
            f"cannot be read as PNG ({error})", path=path, remedy="Write or copy the file again."
        ) from error
    if image.ndim == 3:
        colours = image[..., : 1 if image.shape[2] == 2 else 3]
        if (colours != colours[..., :1]).any():
            raise CellsegError(
                "is in colour",
                path=path,
                remedy="Save one channel as grey values; of masks, one whole number per cell.",
            )
        image = colours[..., 0]
    return image.astype(np.uint8) if image.dtype == bool else image
