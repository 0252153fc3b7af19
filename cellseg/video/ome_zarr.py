"""OME-Zarr (versions 0.4 and 0.5) and plain Zarr arrays, in folders and behind URLs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.array import ArrayScene, guess_axes
from cellseg.video.axes import understand_axes
from cellseg.video.extras import require
from cellseg.video.recording import Recording, Scene
from cellseg.video.units import MICROMETRES, SECONDS, positive

METADATA = (".zgroup", ".zattrs", ".zarray", "zarr.json")


class OmeZarr(Recording):
    """Images of a Zarr group at full resolution; the images of a plate or a series are scenes.

    Parameters
    ----------
    place : Path or str
        Folder, or URL of whatever fsspec reads.
    axes : str, optional
        What the axes of plain arrays are.
    """

    def __init__(self, place: Path | str, axes: str | None = None) -> None:
        path = Path(place)
        zarr = require("zarr", "formats", path)
        if isinstance(place, str):
            require("fsspec", "formats", path)
        try:
            self._root = zarr.open(place if isinstance(place, str) else str(place), mode="r")
        except Exception as error:
            raise CellsegError(
                f"is not readable Zarr ({type(error).__name__}: {error})",
                path=path,
                remedy="Give the folder that holds .zattrs or zarr.json; a URL needs what fsspec asks for.",
            ) from error
        self._named_axes = axes
        self._images = [""] if isinstance(self._root, zarr.Array) else _images(self._root, path)
        self._is_array = isinstance(self._root, zarr.Array)
        self._remote = isinstance(place, str)
        self._read_scenes: dict[int, ArrayScene] = {}
        super().__init__(
            path,
            re.sub(r"(\.ome)?\.zarr$", "", path.name) or "movie",
            [image or "0" for image in self._images],
        )

    def scene(self, index: int) -> Scene:
        """Describe an image."""
        return self._array(index).describe()

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read the chunks of a plane."""
        return self._array(scene).read(number, channel, plane, *self.place(scene, number))

    def files(self, numbers: Sequence[int]) -> list[Path]:
        """List the files of the metadata: those of the chunks are too many to ask."""
        if self._remote:
            return []
        folders = [self.path, *(self.path / image for image in self._images if image)]
        return [folder / name for folder in folders for name in METADATA if (folder / name).exists()]

    def _array(self, index: int) -> ArrayScene:
        if index not in self._read_scenes:
            self._read_scenes[index] = self._describe(index)
        return self._read_scenes[index]

    def _describe(self, index: int) -> ArrayScene:
        if self._is_array:
            return ArrayScene(self._root, guess_axes(self._named_axes, self._root.shape, self.path))
        try:
            group = self._root[self._images[index]] if self._images[index] else self._root
            metadata = _metadata(group)
            multiscale = metadata["multiscales"][0]
            dataset = multiscale["datasets"][0]
            array = group[dataset["path"]]
            # Version 0.3 names its axes only; before, they were always these.
            listed = multiscale.get("axes", list("tczyx"))
            axes = [axis if isinstance(axis, dict) else {"name": axis} for axis in listed]
            scales = [1.0] * len(axes)
            for found in (dataset, multiscale):
                for transformation in found.get("coordinateTransformations", []):
                    if transformation.get("type") == "scale":
                        scales = [a * b for a, b in zip(scales, transformation["scale"], strict=True)]
            channels = [
                str(channel.get("label", "")) for channel in metadata.get("omero", {}).get("channels", [])
            ]
        except Exception as error:
            raise CellsegError(
                f"has OME-Zarr metadata that cannot be understood ({type(error).__name__}: {error})",
                path=self.path / self._images[index],
            ) from error
        letters = "".join(str(axis["name"])[:1].upper() for axis in axes)
        if self._named_axes is not None:
            found_axes = guess_axes(self._named_axes, array.shape, self.path)
        else:
            found_axes = understand_axes(letters, array.shape, self.path)
        # Without a unit a scale is a number of pixels.
        known = {
            letter: positive(scale, {**MICROMETRES, **SECONDS}.get(str(axis.get("unit")).lower()))
            for letter, axis, scale in zip(letters, axes, scales, strict=True)
        }
        y, x = known.get("Y"), known.get("X")
        return ArrayScene(
            array,
            found_axes,
            channels,
            None if y is None or x is None else (y, x),
            known.get("T"),
        )


def _metadata(group: Any) -> dict[str, Any]:
    """Give what OME says of a group: since version 0.5 it has a place of its own."""
    attributes = dict(group.attrs)
    return dict(attributes.get("ome", attributes))


def _images(root: Any, path: Path) -> list[str]:
    """Paths of the images inside a group."""
    metadata = _metadata(root)
    if "multiscales" in metadata:
        return [""]
    if "plate" in metadata:
        return [
            f"{well['path']}/{image['path']}"
            for well in metadata["plate"]["wells"]
            for image in _metadata(root[well["path"]])["well"]["images"]
        ]
    if "well" in metadata:
        return [image["path"] for image in metadata["well"]["images"]]
    # What bioformats2raw writes: the images are one level below, listed in OME or simply numbered.
    series = list(_metadata(root["OME"]).get("series", [])) if "OME" in root else []
    if not series:
        while str(len(series)) in root and "multiscales" in _metadata(root[str(len(series))]):
            series.append(str(len(series)))
    if not series:
        raise CellsegError(
            "is Zarr, but no OME-Zarr image",
            path=path,
            remedy="Give the image inside, whose metadata has `multiscales`, or one array with --axes.",
        )
    return series
