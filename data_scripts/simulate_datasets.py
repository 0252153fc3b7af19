"""Simulate a dataset of every preset, in challenge layout.

python data_scripts/simulate_datasets.py --output data/simulated --sequences 2 --frames 60
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from cellseg.simulate import PRESETS, preset, write_ctc


def main() -> None:
    """Write each sequence with a seed of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--sequences", type=int, default=2)
    parser.add_argument("--frames", type=int, default=60)
    arguments = parser.parse_args()
    for name in PRESETS:
        for number in range(1, arguments.sequences + 1):
            with tqdm(total=arguments.frames, desc=f"{name} {number:02d}", unit="frame") as bar:
                write_ctc(
                    preset(name),
                    arguments.output,
                    f"{number:02d}",
                    arguments.frames,
                    number,
                    progress=bar.update,
                )


if __name__ == "__main__":
    main()
