"""Score a model on the block of frames it never saw.

    python evaluation/held_out.py --dataset DIC-C2DH-HeLa --data data

`--schedules` compares ways the state may live, instead of the model's own.

The whole sequence is segmented and tracked as a user would; the scores count the held-out block of
`configs/<dataset>.yaml` alone. Of a sequence with missing frames, the longest run of consecutive frames
in the block is taken. SEG is against the silver truth of every frame; SEG_gold, on the few frames
that were annotated by hand, stands beside it with its number of objects. Writes
`evaluation/results/held_out-<model>.json`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import load_dataset_config, override
from cellseg.ctc import evaluate
from cellseg.device import choose_device, choose_precision
from cellseg.pipeline import infer
from cellseg.video import open_video
from evaluation.blind import load_blind_model, refuse_seen
from evaluation.scoring.unseen import unseen

SCHEDULES = {
    "stream": ["inference.state=stream"],
    "window": ["inference.state=window", "inference.window=8"],
    "window, 2 warm-up frames": ["inference.state=window", "inference.window=8", "inference.warmup=2"],
}


def main() -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", help="default: the one the dataset's configuration names")
    parser.add_argument("--schedules", action="store_true", help="compare stream and window")
    arguments = parser.parse_args()

    config = load_dataset_config(arguments.dataset)
    device = choose_device()
    model = load_blind_model(arguments.model or config.model, device, choose_precision("auto", device))
    rows = []
    for name, blocks in config.blocks.items():
        sequence = arguments.data / config.dataset / name
        if not sequence.is_dir():
            continue
        frames = unseen(sequence, blocks)
        refuse_seen(model.card, sequence, frames.scored)
        own = config.settings().for_model(model.card)
        for schedule, assignments in (
            SCHEDULES if arguments.schedules else {"as the model says": []}
        ).items():
            with tempfile.TemporaryDirectory() as folder, open_video(sequence, frames.movie) as video:
                result = Path(folder) / f"{name}_RES"
                infer(video, model, override(own, assignments), result)
                record = json.loads((result / "run.json").read_text(encoding="utf-8"))
                truth = sequence.with_name(f"{name}_GT")
                scores = evaluate(result, truth, frames=frames.scored).scores.as_dict()
            rows.append(
                {
                    "sequence": name,
                    "frames": frames.scored,
                    "schedule": schedule,
                    "SEG": scores.get("SEG_silver"),
                    "SEG_gold": scores["SEG"],
                    **{measure: scores[measure] for measure in ("DET", "TRA", "LNK", "operations", "counts")},
                    "seconds_per_frame": record["seconds"]["elapsed"] / len(video),
                }
            )
            print(json.dumps(rows[-1]))
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / f"held_out-{model.name}.json").write_text(
        json.dumps({"model": model.name, "threads": torch.get_num_threads(), "rows": rows}, indent=1) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
