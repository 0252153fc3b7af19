"""Synthetic time-lapse microscopy with exact ground truth.

Bodies that move, deform, touch, divide, enter and leave (`population`), pixels shared out among them
(`scene`), and a microscope that looks at them (`dic`, `phase`, `fluorescence`).
"""

from cellseg.simulate.dataset import write_ctc
from cellseg.simulate.presets import PRESETS, Preset, preset
from cellseg.simulate.simulation import SimulatedFrame, Simulation, simulate

__all__ = ["PRESETS", "Preset", "SimulatedFrame", "Simulation", "preset", "simulate", "write_ctc"]
