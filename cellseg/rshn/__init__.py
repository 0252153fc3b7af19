"""The recurrent stacked hourglass network: frames in, unit embeddings and foreground out.

`RSHN.step` is the front door: one frame and a state in, one embedding and the next state out. `embed_pairs`
walks a whole movie with it, in the `stream` or the `window` schedule; `embed_published` does so as published.
"""

from cellseg.rshn.cost import flops_per_frame
from cellseg.rshn.model import CARD, WEIGHTS, Model, Network, build_network, load_model, load_network
from cellseg.rshn.network import RSHN, State
from cellseg.rshn.published_schedule import (
    WINDOW,
    TilePair,
    embed_published,
    published_flops_per_frame,
    tile_pair,
)
from cellseg.rshn.published_tiles import TILE, Tiling
from cellseg.rshn.schedule import Pair, embed_pairs
from cellseg.rshn.tensorflow_import import import_tensorflow_model
from cellseg.rshn.tiles import Tiled, tiles_at_once, within_memory
from cellseg.rshn.weights import load_weights, save_weights

__all__ = [
    "CARD",
    "RSHN",
    "TILE",
    "WEIGHTS",
    "WINDOW",
    "Model",
    "Network",
    "Pair",
    "State",
    "TilePair",
    "Tiled",
    "Tiling",
    "build_network",
    "embed_pairs",
    "embed_published",
    "flops_per_frame",
    "import_tensorflow_model",
    "load_model",
    "load_network",
    "load_weights",
    "published_flops_per_frame",
    "save_weights",
    "tile_pair",
    "tiles_at_once",
    "within_memory",
]
