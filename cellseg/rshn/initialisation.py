"""How the weights start: truncated-normal variance scaling, zero biases (Payer et al. 2019)."""

from __future__ import annotations

import math

import torch
from torch import nn

from cellseg.rshn.conv_gru import ConvGRU

_TRUNCATED_STD = 0.87962566103423978
"""Standard deviation of a unit normal cut at two standard deviations."""


def initialise(network: nn.Module) -> None:
    """Draw every convolution: scale 2 (He), but scale 1 for the recurrent gates; fan-in = kh * kw * c_in."""
    gates = {id(unit.gates) for unit in network.modules() if isinstance(unit, ConvGRU)}
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            scale = 1.0 if id(layer) in gates else 2.0
            std = math.sqrt(scale / layer.weight[0].numel()) / _TRUNCATED_STD
            nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
            if layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)
