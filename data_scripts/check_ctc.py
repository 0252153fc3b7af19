"""Check a sequence of the Cell Tracking Challenge before training on it.

    python data_scripts/check_ctc.py data/DIC-C2DH-HeLa/01

Prints the blocks of consecutive frames, and what training makes of the ground truth: instances with an id,
pixels that count as some cell, pixels that are ignored.
"""

import argparse
from pathlib import Path

import numpy as np

from cellseg.config import Preparation
from cellseg.training import read_movies
from cellseg.training.labels import BACKGROUND, FOREGROUND, IGNORED


def main() -> None:
    """Read everything once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sequence", type=Path)
    parser.add_argument("--border", type=int, default=0, help="width E outside the field of interest")
    arguments = parser.parse_args()
    preparation = Preparation(input_px_per_network_px=(1, 1))
    movies = read_movies(arguments.sequence, preparation, border=arguments.border)
    for number, movie in enumerate(movies):
        instances = sum(len(np.unique(frame[frame > 0])) for frame in movie.labels)
        length, *size = movie.images.shape
        print(f"block {number}: {length} frames of {size}, {instances} instances")
        for name, value in (("background", BACKGROUND), ("some cell", FOREGROUND), ("ignored", IGNORED)):
            print(f"  {name:>10}: {np.mean(movie.labels == value):.1%} of the pixels")


if __name__ == "__main__":
    main()
