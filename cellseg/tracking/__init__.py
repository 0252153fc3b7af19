"""Clusters become instances, instances tracks, tracks a lineage.

Pure functions of label images and tables; nothing here knows of files or networks. Per frame pair:

    pair = pair_labels(pair_components(clusters, foreground), min_pixels)
    labels = clean_instances(upsample_labels(pair[1], shape), min_area=..., border=...)
    objects.append(object_rows(labels, frame)); overlaps.append(overlap_rows(before, labels, frame - 1, NEXT))

and once at the end:

    lineage = solve_lineage(np.concatenate(objects), np.concatenate(overlaps), LinkerSettings())
    final = lineage.final_frame(frame, read)
"""

from cellseg.tracking.clean import clean_instances
from cellseg.tracking.components import pair_components
from cellseg.tracking.instances import pair_labels
from cellseg.tracking.lineage import Lineage
from cellseg.tracking.merge_tiles import merge_tiles
from cellseg.tracking.movie import Box
from cellseg.tracking.settings import LinkerSettings
from cellseg.tracking.solve import solve_lineage
from cellseg.tracking.tables import object_rows, overlap_rows
from cellseg.tracking.upsample import upsample_labels

__all__ = [
    "Box",
    "Lineage",
    "LinkerSettings",
    "clean_instances",
    "merge_tiles",
    "object_rows",
    "overlap_rows",
    "pair_components",
    "pair_labels",
    "solve_lineage",
    "upsample_labels",
]
