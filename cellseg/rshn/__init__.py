"""The recurrent stacked hourglass network: frames in, unit embeddings and foreground out.

`RSHN.step` is the front door: one frame and a state in, one embedding and the next state out. `embed_pairs`
walks a whole movie with it, in the `stream` or the `window` schedule.
"""

from cellseg.rshn.cost import flops_per_frame
from cellseg.rshn.model import CARD, WEIGHTS, Model, Network, build_network, load_model, load_network
from cellseg.rshn.network import RSHN, State
from cellseg.rshn.schedule import Pair, embed_pairs
from cellseg.rshn.weights import load_weights, save_weights

__all__ = [
    "CARD",
    "RSHN",
    "WEIGHTS",
    "Model",
    "Network",
    "Pair",
    "State",
    "build_network",
    "embed_pairs",
    "flops_per_frame",
    "load_model",
    "load_network",
    "load_weights",
    "save_weights",
]
