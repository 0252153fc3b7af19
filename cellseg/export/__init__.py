"""Measurements, and the formats of other programs: CSV, GEFF, TrackMate, OME-Zarr, movies, and back."""

from cellseg.export.blank import Blank
from cellseg.export.csv_tables import write_csv
from cellseg.export.experiment import Experiment, combine, open_experiment
from cellseg.export.fresh import fresh
from cellseg.export.geff_graph import write_geff
from cellseg.export.import_tracks import Imported, import_tracks
from cellseg.export.lineages import Lineages
from cellseg.export.measure import measure, measure_frame
from cellseg.export.ome_zarr_labels import write_ome_zarr
from cellseg.export.overlay import lineage_colour, overlays
from cellseg.export.overlay_movie import write_gif, write_mp4, write_png
from cellseg.export.points import Points, tracks_of
from cellseg.export.read_geff import read_geff
from cellseg.export.read_trackmate import read_trackmate
from cellseg.export.track_table import TrackTable
from cellseg.export.trackmate import write_trackmate

__all__ = [
    "Blank",
    "Experiment",
    "Imported",
    "Lineages",
    "Points",
    "TrackTable",
    "combine",
    "fresh",
    "import_tracks",
    "lineage_colour",
    "measure",
    "measure_frame",
    "open_experiment",
    "overlays",
    "read_geff",
    "read_trackmate",
    "tracks_of",
    "write_csv",
    "write_geff",
    "write_gif",
    "write_mp4",
    "write_ome_zarr",
    "write_png",
    "write_trackmate",
]
