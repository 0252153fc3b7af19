"""Label images that any program made, read one frame at a time.

`open_masks` gives a `Video` whose frames are label images: whole numbers from 0, which is background. Numbers
say nothing from frame to frame.
"""

from cellseg.masks.open import open_masks

__all__ = ["open_masks"]
