"""Pixel size and frame interval from the metadata that ImageJ and OME write into a TIFF file.

Resolution tags alone are not believed: most programs fill them with printing resolutions.
"""

from __future__ import annotations

from xml.etree import ElementTree

import tifffile

from cellseg.video.units import MICROMETRES, SECONDS, positive


def pixel_size_um(tif: tifffile.TiffFile, image: int = 0) -> tuple[float, float] | None:
    """Size (y, x) of a pixel in micrometres, or None where the file does not say it in a known unit."""
    if tif.is_ome:
        pixels = _ome_pixels(tif, image)
        sizes = [_quantity(pixels, f"PhysicalSize{axis}", "µm", MICROMETRES) for axis in "YX"]
    elif tif.is_imagej:
        unit = MICROMETRES.get(str((tif.imagej_metadata or {}).get("unit", "")).lower())
        sizes = [_size_from_resolution(tif, f"{axis}Resolution", unit) for axis in "YX"]
    else:
        return None
    y, x = sizes
    return None if y is None or x is None else (y, x)


def frame_interval_s(tif: tifffile.TiffFile, image: int = 0) -> float | None:
    """Seconds between frames, or None where the file does not say it in a known unit."""
    if tif.is_ome:
        return _quantity(_ome_pixels(tif, image), "TimeIncrement", "s", SECONDS)
    metadata = (tif.is_imagej and tif.imagej_metadata) or {}
    return positive(metadata.get("finterval"), SECONDS.get(str(metadata.get("tunit", "s")).lower()))


def channel_names(tif: tifffile.TiffFile, image: int = 0) -> tuple[str, ...]:
    """Names of the channels of an image, as far as an OME file says them."""
    images = _ome_images(tif)
    channels = images[image].findall("{*}Pixels/{*}Channel") if image < len(images) else []
    return tuple(channel.get("Name", "") for channel in channels)


def image_names(tif: tifffile.TiffFile, count: int) -> tuple[str, ...]:
    """Names of the images of a file, or their numbers where they have no name."""
    names = [image.get("Name", "") for image in _ome_images(tif)]
    return tuple(names) if len(names) == count and all(names) else tuple(map(str, range(count)))


def _ome_images(tif: tifffile.TiffFile) -> list[ElementTree.Element]:
    try:
        return ElementTree.fromstring((tif.is_ome and tif.ome_metadata) or "<OME/>").findall("{*}Image")
    except ElementTree.ParseError:
        return []


def _ome_pixels(tif: tifffile.TiffFile, image: int) -> dict[str, str]:
    """Attributes of the `Pixels` element of an image."""
    images = _ome_images(tif)
    pixels = images[image].find("{*}Pixels") if image < len(images) else None
    return {} if pixels is None else pixels.attrib


def _quantity(
    attributes: dict[str, str], name: str, default_unit: str, units: dict[str, float]
) -> float | None:
    unit = units.get(attributes.get(f"{name}Unit", default_unit).lower())
    return positive(attributes.get(name), unit)


def _size_from_resolution(tif: tifffile.TiffFile, tag: str, unit: float | None) -> float | None:
    """ImageJ writes pixels per unit as a fraction."""
    pixels, units = tif.pages.first.tags.valueof(tag, (0, 1))
    return positive(units / pixels if pixels else None, unit)
