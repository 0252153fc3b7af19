"""Read the tracks of a TrackMate XML file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from cellseg.errors import CellsegError
from cellseg.export.points import Points
from cellseg.export.trackmate import LABEL

_NOT_ONE = "is not a TrackMate XML file"


def read_trackmate(path: Path) -> Points:
    """Read the spots and links of the tracks that passed the filters.

    A spot without links is a cell seen once if it was exported by this program; from elsewhere it is what
    TrackMate holds it for: no part of any track.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Points
        In pixels, by the pixel size the file states.

    Raises
    ------
    CellsegError
        The file cannot be read, is not one of TrackMate's, or holds no tracks.
    """
    spots: dict[str, tuple[int, float, float, float, int]] = {}
    tracks: dict[str, list[tuple[str, str]]] = {}
    kept: set[str] = set()
    filtered = False
    size: tuple[float, float] | None = None
    try:
        for event, element in ElementTree.iterparse(path, events=("start", "end")):
            if event == "start":
                if element.tag == "Track":
                    links = tracks.setdefault(element.attrib["TRACK_ID"], [])
            elif element.tag == "Spot":
                spots[element.attrib["ID"]] = _spot(element.attrib)
            elif element.tag == "Edge":
                links.append((element.attrib["SPOT_SOURCE_ID"], element.attrib["SPOT_TARGET_ID"]))
            elif element.tag == "TrackID":
                kept.add(element.attrib["TRACK_ID"])
            elif element.tag == "FilteredTracks":
                filtered = True
            elif element.tag == "ImageData":
                size = float(element.attrib["pixelheight"]), float(element.attrib["pixelwidth"])
            if event == "end" and element.tag in ("Spot", "SpotsInFrame", "Track"):
                element.clear()
    except OSError as error:
        raise CellsegError(f"cannot be read ({error.strerror or error})", path=path) from error
    except (ElementTree.ParseError, KeyError, ValueError, UnboundLocalError) as error:
        raise CellsegError(
            f"{_NOT_ONE} ({error})", path=path, remedy="Save it again in TrackMate."
        ) from error
    if size is None or not spots:
        raise CellsegError(f"{_NOT_ONE}, or holds no spots", path=path, remedy="Save it again in TrackMate.")
    chosen = [link for name, links in tracks.items() if name in kept or not filtered for link in links]
    linked = {spot for links in tracks.values() for link in links for spot in link}
    alone = [name for name, spot in spots.items() if spot[4] and name not in linked]
    names = list(dict.fromkeys([*(spot for link in chosen for spot in link), *alone]))
    missing = [name for name in names if name not in spots]
    if missing:
        raise CellsegError(f"has a link to spot {missing[0]}, which is not in it", path=path)
    if not names:
        raise CellsegError("holds no track", path=path)
    index = {name: number for number, name in enumerate(names)}
    frame, y, x, radius, label = np.array([spots[name] for name in names], float).T
    return Points(
        frame.astype(np.int64),
        np.stack([y / size[0], x / size[1]], axis=1),
        radius / np.sqrt(size[0] * size[1]),
        label.astype(np.int64),
        np.array([(index[a], index[b]) for a, b in chosen], np.int64).reshape(-1, 2),
    )


def _spot(attributes: dict[str, str]) -> tuple[int, float, float, float, int]:
    """Frame, y, x and radius in the file's unit, and label (0 for none)."""
    return (
        int(float(attributes["FRAME"])),
        float(attributes["POSITION_Y"]),
        float(attributes["POSITION_X"]),
        float(attributes.get("RADIUS", "nan")),
        int(float(attributes.get(LABEL, 0))),
    )
