"""Pixel size and frame interval from the metadata that ImageJ and OME write into a TIFF file.

Resolution tags alone are not believed: most programs fill them with printing resolutions.
"""

from __future__ import annotations

import math
from xml.etree import ElementTree

import tifffile

_MICROMETRES = {
    **dict.fromkeys(("µm", "μm", "um", "micron", "microns", "micrometer", "\\u00b5m"), 1.0),
    **dict.fromkeys(("nm", "nanometer"), 1e-3),
    **dict.fromkeys(("mm", "millimeter"), 1e3),
    **dict.fromkeys(("cm", "centimeter"), 1e4),
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}


def pixel_size_um(tif: tifffile.TiffFile) -> tuple[float, float] | None:
    """Size (y, x) of a pixel in micrometres, or None where the file does not say it in a known unit."""
    if tif.is_ome:
        pixels = _ome_pixels(tif)
        sizes = [_quantity(pixels, f"PhysicalSize{axis}", "µm", _MICROMETRES) for axis in "YX"]
    elif tif.is_imagej:
        unit = _MICROMETRES.get(str((tif.imagej_metadata or {}).get("unit", "")).lower())
        sizes = [_size_from_resolution(tif, f"{axis}Resolution", unit) for axis in "YX"]
    else:
        return None
    y, x = sizes
    return None if y is None or x is None else (y, x)


def frame_interval_s(tif: tifffile.TiffFile) -> float | None:
    """Seconds between frames, or None where the file does not say it in a known unit."""
    if tif.is_ome:
        return _quantity(_ome_pixels(tif), "TimeIncrement", "s", _SECONDS)
    metadata = (tif.is_imagej and tif.imagej_metadata) or {}
    return _positive(metadata.get("finterval"), _SECONDS.get(str(metadata.get("tunit", "s")).lower()))


def _ome_pixels(tif: tifffile.TiffFile) -> dict[str, str]:
    """Attributes of the first `Pixels` element."""
    try:
        root = ElementTree.fromstring(tif.ome_metadata or "<OME/>")
    except ElementTree.ParseError:
        return {}
    pixels = root.find(".//{*}Pixels")
    return {} if pixels is None else pixels.attrib


def _quantity(
    attributes: dict[str, str], name: str, default_unit: str, units: dict[str, float]
) -> float | None:
    unit = units.get(attributes.get(f"{name}Unit", default_unit).lower())
    return _positive(attributes.get(name), unit)


def _size_from_resolution(tif: tifffile.TiffFile, tag: str, unit: float | None) -> float | None:
    """ImageJ writes pixels per unit as a fraction."""
    pixels, units = tif.pages.first.tags.valueof(tag, (0, 1))
    return _positive(units / pixels if pixels else None, unit)


def _positive(value: object, unit: float | None) -> float | None:
    """Convert to the base unit; None unless it is a positive number."""
    try:
        number = float(value) * (unit or math.nan)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if 0 < number < math.inf else None
