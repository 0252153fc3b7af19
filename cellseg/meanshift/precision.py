"""Matrix products in full float32, whatever rounding the rest of the program allows torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def full_float32() -> Iterator[None]:
    """Switch reduced-precision matrix products (TF32, bfloat16) off, and back afterwards.

    TF32 is wrong in the third digit: with a bandwidth of 0.1, windows would be off by a few per cent.
    """
    if not hasattr(torch.backends.cuda.matmul, "fp32_precision"):  # torch < 2.9
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)
        return
    # The older switch raises an error where the caller has used these newer ones; the reverse works.
    switches = (torch.backends.cuda.matmul, torch.backends.mkldnn.matmul)  # type: ignore[attr-defined]
    before_each = [switch.fp32_precision for switch in switches]
    for switch in switches:
        switch.fp32_precision = "ieee"
    try:
        yield
    finally:
        for switch, value in zip(switches, before_each, strict=True):
            switch.fp32_precision = value
