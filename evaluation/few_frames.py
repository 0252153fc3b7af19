"""How many corrected frames does it take? Fine-tune a model on 5, 10 and 20 frames of a sequence new to it.

    python evaluation/few_frames.py --dataset Fluo-N2DH-SIM+ --data data --from generalist

What `train --movie MOVIE --truth MASKS --from MODEL` makes of masks of so many frames, spread evenly over all
frames before the held-out block (with `--pairs` over pairs of neighbouring frames), is scored on the held-out
block of `configs/<dataset>.yaml`, as `infer MOVIE --model MODEL` segments and tracks it. 0 frames: the model
itself, told the diameter of the cells. Which of the frames with masks choose the weights is left to `train`.
Writes `evaluation/results/few_frames-<dataset>-<model>.json`.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import (
    DatasetConfig,
    Preparation,
    Settings,
    load_dataset_config,
    load_model_card,
    override,
)
from cellseg.device import choose_device, choose_precision
from cellseg.pipeline import infer
from cellseg.resources import find
from cellseg.rshn import load_model
from cellseg.training import (
    OwnMovie,
    TrainingSettings,
    find_truth,
    load_recipe,
    suited_to,
    train_model,
    typical_diameter,
)
from cellseg.video import open_video
from evaluation.blind import refuse_seen
from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.tables import table
from evaluation.scoring.run import BEFORE, Movie
from evaluation.scoring.unseen import unseen

COUNTS = (0, 5, 10, 20)


def main(command: Sequence[str] | None = None, results: Path = RESULTS) -> None:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", required=True, help="name, or a configuration")
    parser.add_argument("--data", type=Path, required=True, help="folder of CTC datasets")
    parser.add_argument("--from", dest="start", required=True, metavar="MODEL")
    parser.add_argument("--steps", type=int, help="most steps of a training; default: the recipe's")
    parser.add_argument("--frames", type=int, action="append", help=f"how many; default: {COUNTS}")
    parser.add_argument("--pairs", action="store_true", help="of neighbouring frames")
    parser.add_argument("--recipe", default="fine-tune")
    arguments = parser.parse_args(command)

    config = load_dataset_config(arguments.dataset)
    settings = suited_to(
        load_recipe(arguments.recipe), load_model_card(find("models", arguments.start) / "model.yaml")
    )
    if arguments.steps is not None:
        settings = override(settings, [f"steps={arguments.steps}"])
    rows = []
    for count in arguments.frames or COUNTS:
        rows.append(measure(config, arguments.data, arguments.start, settings, count, arguments.pairs))
        print(json.dumps(rows[-1]), flush=True)
    shown = ("SEG", "DET", "TRA", "LNK")
    print(
        table(["frames", *shown], [[row["count"], *(f"{row[name]:.3f}" for name in shown)] for row in rows])
    )
    record = {
        "dataset": config.dataset,
        "model": Path(arguments.start).name,
        "pairs": arguments.pairs,
        "settings": settings.model_dump(mode="json"),
        "machine": conditions(choose_device().type),
        "rows": rows,
    }
    results.mkdir(exist_ok=True)
    name = f"few_frames-{config.dataset}-{record['model']}{'-pairs' if arguments.pairs else ''}.json"
    (results / name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def measure(
    config: DatasetConfig, data: Path, start: str, settings: TrainingSettings, count: int, pairs: bool
) -> dict[str, Any]:
    """Fine-tune a model on some frames, and score it on those held out.

    Parameters
    ----------
    config : DatasetConfig
    data : Path
        Folder of datasets.
    start : str
        Model to start from.
    settings : TrainingSettings
    count : int
        How many frames have masks; 0 leaves the model as it is.
    pairs : bool
        Whether they are neighbours, two by two.

    Returns
    -------
    dict
        The count, the frames, the step of the weights kept, seconds of training, and scores.
    """
    name, blocks = next((n, b) for n, b in config.blocks.items() if (data / config.dataset / n).is_dir())
    sequence = data / config.dataset / name
    movie = Movie(config, sequence, unseen(sequence, blocks))
    refuse_seen(load_model_card(find("models", start) / "model.yaml"), sequence, movie.frames.scored)
    seen = find_truth(sequence).within((0, blocks.validation[1])).numbers
    row: dict[str, Any] = {"count": count, "frames": spread(seen, count, pairs)}
    device = choose_device()
    with tempfile.TemporaryDirectory() as folder:
        model, scale = start, typical_diameter(sequence, blocks.training)
        if count:
            begin = time.perf_counter()
            source = OwnMovie(
                sequence, copy_masks(sequence, row["frames"], Path(folder)), border=config.linker.border
            )
            model = str(
                train_model([source], settings, Path(folder) / "model", device, start=start, say=print)
            )
            row["seconds"] = time.perf_counter() - begin
        loaded = load_model(model, device, choose_precision("auto", device))
        preparation: Preparation = loaded.card.preparation
        if count:
            row["steps"] = loaded.card.training.steps
        elif preparation.cell_diameter_px is not None:
            factor = scale / preparation.cell_diameter_px
            preparation = preparation.scaled((factor, factor))
        # Nothing is known of the movie but the field of interest, which is the challenge's.
        settings = override(Settings(), [f"linker.border={config.linker.border}"])
        with open_video(sequence, movie.frames.begun(BEFORE)) as video:
            result = Path(folder) / f"{name}_RES"
            infer(video, loaded, settings, result, preparation=preparation)
        return {**row, **movie.scores(result)}


def spread(numbers: Sequence[int], count: int, pairs: bool) -> list[int]:
    """Choose frames evenly, alone or as pairs of neighbours."""
    if not pairs:
        places = np.linspace(0, len(numbers) - 1, count).round().astype(int)
    else:
        firsts = np.linspace(0, len(numbers) - 2, -(-count // 2)).round().astype(int)
        places = np.ravel(np.stack([firsts, firsts + 1], 1))[:count]
    return sorted({int(numbers[place]) for place in places})


def copy_masks(sequence: Path, numbers: Sequence[int], folder: Path) -> Path:
    """Copy the ground truth of some frames; give the folder that `--truth` would name."""
    truth = find_truth(sequence)
    name = sequence.name
    for number in numbers:
        for images, place in (
            (truth.identities, folder / f"{name}_GT" / "TRA"),
            (truth.outlines, folder / f"{name}_ST" / "SEG"),
        ):
            if images is not None:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(images.files[number], place)
    return folder / f"{name}_GT"


if __name__ == "__main__":
    main()
