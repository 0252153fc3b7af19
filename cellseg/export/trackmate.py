"""Export to the XML files of TrackMate (Fiji), written frame by frame.

A spot is an object with its outline; a track of TrackMate is a whole lineage, so it has as many as there are
lineages of two objects or more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import XMLGenerator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects
from skimage.measure import find_contours

from cellseg.export.experiment import Experiment
from cellseg.export.lineages import Lineages
from cellseg.export.measure import Columns, Wrap, measure

LABEL = "CELLSEG_LABEL"
"""Feature of a spot: its label in the masks."""

_VERSION = "7.11.1"
"""Of TrackMate, whose files these are like."""
_FEATURES = {
    "SpotFeatures": {
        "QUALITY": ("Quality", "QUALITY", False),
        "POSITION_X": ("X", "POSITION", False),
        "POSITION_Y": ("Y", "POSITION", False),
        "POSITION_Z": ("Z", "POSITION", False),
        "POSITION_T": ("T", "TIME", False),
        "FRAME": ("Frame", "NONE", True),
        "RADIUS": ("Radius", "LENGTH", False),
        "VISIBILITY": ("Visibility", "NONE", True),
        "AREA": ("Area", "AREA", False),
        "PERIMETER": ("Perimeter", "LENGTH", False),
        "CIRCULARITY": ("Circularity", "NONE", False),
        "SOLIDITY": ("Solidity", "NONE", False),
        LABEL: ("Label in the masks", "NONE", True),
    },
    "EdgeFeatures": {
        "SPOT_SOURCE_ID": ("Source spot ID", "NONE", True),
        "SPOT_TARGET_ID": ("Target spot ID", "NONE", True),
    },
    "TrackFeatures": {
        "TRACK_INDEX": ("Track index", "NONE", True),
        "TRACK_ID": ("Track ID", "NONE", True),
        "NUMBER_SPOTS": ("Number of spots in track", "NONE", True),
        "NUMBER_SPLITS": ("Number of split events", "NONE", True),
        "TRACK_DURATION": ("Track duration", "TIME", False),
        "TRACK_START": ("Track start", "TIME", False),
        "TRACK_STOP": ("Track stop", "TIME", False),
    },
}
_INTENSITIES = {"mean": "MEAN", "median": "MEDIAN", "min": "MIN", "max": "MAX", "sum": "TOTAL", "std": "STD"}


def write_trackmate(experiment: Experiment, path: Path, progress: Wrap = iter) -> None:
    """Write a result as a TrackMate XML file.

    Parameters
    ----------
    experiment : Experiment
        Units are micrometres and seconds where they are known, else pixels and frames.
    path : Path
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Raises
    ------
    CellsegError
        Masks and tracks do not agree.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        document = _Document(file)
        with document.inside("TrackMate", version=_VERSION):
            document.write("Log", "Written by cellseg.")
            units = {
                "spatialunits": "pixel" if experiment.pixel_size_um is None else "micrometer",
                "timeunits": "frame" if experiment.frame_interval_s is None else "second",
            }
            with document.inside("Model", **units):
                _declare_features(document, len(experiment.channels))
                _write_spots(document, experiment, progress)
                _write_tracks(document, experiment)
            _write_settings(document, experiment)
            document.write("GUIState", state="ConfigureViews")


class _Document(XMLGenerator):
    """XML as it is written; lines are indented by depth."""

    def __init__(self, file: Any) -> None:
        super().__init__(file, encoding="utf-8", short_empty_elements=True)
        self._depth = 0
        self.startDocument()

    def write(self, name: str, text: str = "", /, **attributes: Any) -> None:
        """Write an element that holds no others."""
        self.ignorableWhitespace("  " * self._depth)
        self.startElement(name, _texts(attributes))
        self.characters(text)
        self.endElement(name)
        self.ignorableWhitespace("\n")

    @contextmanager
    def inside(self, name: str, /, **attributes: Any) -> Iterator[None]:
        """Write an element around what is written meanwhile."""
        self.ignorableWhitespace("  " * self._depth)
        self.startElement(name, _texts(attributes))
        self.ignorableWhitespace("\n")
        self._depth += 1
        yield
        self._depth -= 1
        self.ignorableWhitespace("  " * self._depth)
        self.endElement(name)
        self.ignorableWhitespace("\n")


def _texts(attributes: Mapping[str, Any]) -> Any:
    return {
        # TrackMate reads Java's spelling of what is not a number.
        name: ("NaN" if value != value else repr(value)) if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }


def _declare_features(document: _Document, channels: int) -> None:
    intensities = {
        f"{there}_INTENSITY_CH{channel}": (f"{here.capitalize()} intensity ch{channel}", "INTENSITY", False)
        for channel in range(1, channels + 1)
        for here, there in _INTENSITIES.items()
    }
    with document.inside("FeatureDeclarations"):
        for group, features in _FEATURES.items():
            with document.inside(group):
                declared = features | (intensities if group == "SpotFeatures" else {})
                for feature, (name, dimension, whole) in declared.items():
                    document.write(
                        "Feature",
                        feature=feature,
                        name=name,
                        shortname=name,
                        dimension=dimension,
                        isint=str(whole).lower(),
                    )


def _write_spots(document: _Document, experiment: Experiment, progress: Wrap) -> None:
    lineages = Lineages(experiment.result.tracks)
    frames = list(experiment.result.masks)
    total = sum(track.end - track.begin + 1 for track in lineages.tracks.values())
    with document.inside("AllSpots", nspots=total):
        for columns, frame in zip(measure(experiment, progress), frames, strict=True):
            with document.inside("SpotsInFrame", frame=frame):
                labels = experiment.result.masks[frame]
                boxes = find_objects(labels.astype(np.int32, copy=False))
                for index, label in enumerate(columns["track"].tolist()):
                    spot = _spot(experiment, columns, index)
                    outline = _outline(labels, boxes[label - 1], label) - (spot["y"], spot["x"])
                    outline *= experiment.pixel_size_um or (1, 1)
                    node = lineages.node(label, frame)
                    text = " ".join(f"{value:.6g}" for value in outline[:, ::-1].ravel())
                    document.write(
                        "Spot",
                        text,
                        ID=node,
                        name=f"ID{node}",
                        **spot["features"],
                        ROI_N_POINTS=len(outline),
                    )


def _spot(experiment: Experiment, columns: Columns, index: int) -> dict[str, Any]:
    """Place of an object in pixels, and the features of its spot."""
    row = {name: values[index].item() for name, values in columns.items()}
    y, x = experiment.pixel_size_um or (1.0, 1.0)
    area = row["area_px"] * y * x
    features = {
        "QUALITY": 1.0,
        "POSITION_X": row["x_px"] * x,
        "POSITION_Y": row["y_px"] * y,
        "POSITION_Z": 0.0,
        "POSITION_T": float(row.get("time_s", row["frame"])),
        "FRAME": row["frame"],
        "RADIUS": float(np.sqrt(area / np.pi)),
        "VISIBILITY": 1,
        "AREA": float(area),
        # TrackMate knows no pixels that are not square: then the perimeter is the one it would be on average.
        "PERIMETER": float(row["perimeter_px"] * np.sqrt(y * x)),
        "CIRCULARITY": row["circularity"],
        "SOLIDITY": row["solidity"],
        LABEL: row["track"],
    }
    for channel in range(1, len(experiment.channels) + 1):
        for here, there in _INTENSITIES.items():
            features[f"{there}_INTENSITY_CH{channel}"] = row[f"{here}_ch{channel}"]
    return {"y": row["y_px"], "x": row["x_px"], "features": features}


def _outline(labels: NDArray[Any], box: tuple[slice, slice], label: int) -> NDArray[np.float64]:
    """Outline (n, 2) of the largest part of an object, in pixels (y, x); the last point is not the first."""
    inside = np.pad(labels[box] == label, 1)
    contours = find_contours(inside.astype(float), 0.5)  # type: ignore[no-untyped-call]
    longest = np.asarray(max(contours, key=len), np.float64)
    corner = np.array([part.start - 1 for part in box])
    outline: NDArray[np.float64] = longest[:-1] + corner
    return outline


def _write_tracks(document: _Document, experiment: Experiment) -> None:
    lineages = Lineages(experiment.result.tracks)
    frames = list(experiment.result.masks)
    interval = experiment.frame_interval_s or 1.0
    families: dict[int, list[int]] = {}
    for label, root in lineages.root.items():
        families.setdefault(root, []).append(label)
    written: list[int] = []
    with document.inside("AllTracks"):
        for root, labels in families.items():
            links = [link for label in labels for link in lineages.links(frames, label)]
            if not links:
                continue  # a single spot, which TrackMate counts as no track
            tracks = [lineages.tracks[label] for label in labels]
            begin, end = min(track.begin for track in tracks), max(track.end for track in tracks)
            features = {
                "TRACK_INDEX": len(written),
                "TRACK_ID": root,
                "NUMBER_SPOTS": len(links) + 1,
                "NUMBER_SPLITS": sum(len(lineages.daughters[label]) > 1 for label in labels),
                "TRACK_DURATION": (end - begin) * interval,
                "TRACK_START": begin * interval,
                "TRACK_STOP": end * interval,
            }
            with document.inside("Track", name=f"Track_{root}", **features):
                for source, target in links:
                    document.write("Edge", SPOT_SOURCE_ID=source, SPOT_TARGET_ID=target)
            written.append(root)
    with document.inside("FilteredTracks"):
        for root in written:
            document.write("TrackID", TRACK_ID=root)


def _write_settings(document: _Document, experiment: Experiment) -> None:
    """Describe the image; the detector and the tracker are the manual ones."""
    frames = list(experiment.result.masks)
    height, width = experiment.result.masks[frames[0]].shape
    y, x = experiment.pixel_size_um or (1.0, 1.0)
    path = experiment.channels[0].path.resolve() if experiment.channels else None
    file = path if path is not None and path.is_file() else None
    with document.inside("Settings"):
        document.write(
            "ImageData",
            filename=file.name if file else "",
            folder=str((file.parent if file else path) or ""),
            width=width,
            height=height,
            nslices=1,
            nframes=frames[-1] + 1,
            pixelwidth=float(x),
            pixelheight=float(y),
            voxeldepth=1.0,
            timeinterval=float(experiment.frame_interval_s or 1.0),
        )
        document.write(
            "BasicSettings",
            xstart=0,
            xend=width - 1,
            ystart=0,
            yend=height - 1,
            zstart=0,
            zend=0,
            tstart=0,
            tend=frames[-1],
        )
        document.write("DetectorSettings", DETECTOR_NAME="MANUAL_DETECTOR", RADIUS=5.0)
        document.write("InitialSpotFilter", feature="QUALITY", value=0.0, isabove="true")
        document.write("SpotFilterCollection")
        document.write("TrackerSettings", TRACKER_NAME="MANUAL_TRACKER")
        document.write("TrackFilterCollection")
        with document.inside("AnalyzerCollection"):
            for group in ("SpotAnalyzers", "EdgeAnalyzers", "TrackAnalyzers"):
                document.write(group)
