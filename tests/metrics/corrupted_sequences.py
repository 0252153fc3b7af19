"""Random small movies with an exact lineage, and valid results that are wrong in every way that is scored."""

from collections import Counter

import numpy as np

from cellseg.types import Track

SIZE = 40


def random_truth(rng, frames):
    """Label images (T, Y, X) of squares that drift and divide, and their tracks."""
    masks = np.zeros((frames, SIZE, SIZE), np.uint16)
    tracks, alive, next_label = {}, {}, 1
    for _ in range(rng.integers(2, 6)):
        alive[next_label] = rng.integers(4, SIZE - 10, 2)
        tracks[next_label] = [0, 0, 0]
        next_label += 1
    for t in range(frames):
        for label in list(alive):
            if t and rng.random() < 0.15:
                corner = alive.pop(label)
                for step in (-5, 5) if rng.random() < 0.7 else (0,):
                    alive[next_label] = np.clip(corner + np.array([0, step]), 0, SIZE - 8)
                    tracks[next_label] = [t, t, label]
                    next_label += 1
        for label in list(alive):
            alive[label] = np.clip(alive[label] + rng.integers(-1, 2, 2), 0, SIZE - 8)
            y, x = alive[label]
            masks[t, y : y + rng.integers(4, 8), x : x + rng.integers(4, 8)] = label
    return _valid(rng, masks, {label: parent for label, (_, _, parent) in tracks.items()}, wrong_parents=0.0)


def markers(rng, masks):
    """Shrink the objects to markers: the pixels whose left and upper neighbours have the same label."""
    if rng.random() < 0.5:
        return masks
    inner = (masks == np.roll(masks, 1, 1)) & (masks == np.roll(masks, 1, 2))
    kept = np.where(inner, masks, 0)
    lost = ~np.isin(masks, kept)  # an object too thin to shrink, in the whole movie
    for t in range(len(masks)):
        lost[t] |= ~np.isin(masks[t], kept[t])
    return np.where(lost, masks, kept)


def corrupt(rng, masks, tracks):
    """A valid result made from the truth by drops, merges, splits, shifts, swaps, cuts and wrong lineages."""
    masks = masks.copy()
    parents = {track.label: track.parent for track in tracks}
    strength = rng.random()
    for t in range(len(masks)):
        if rng.random() < 0.4:
            masks[t] = np.roll(masks[t], rng.integers(-2, 3, 2), (0, 1))
        for label in _labels(masks[t]):
            if rng.random() > 0.5 * strength:
                continue
            where = masks[t] == label
            if not where.any():  # another took its place
                continue
            other = int(rng.choice(_labels(masks[t])))
            fresh = int(masks.max()) + 1
            match rng.integers(8):
                case 0:
                    masks[t][where] = 0
                case 1:
                    masks[t][where] = other
                case 2:
                    where[:, : int(np.median(np.nonzero(where)[1])) + 1] = False
                    masks[t][where] = fresh
                case 3:
                    later = masks[t:]
                    first, second = later == label, later == other
                    later[first], later[second] = other, label
                case 4:
                    masks[t:][masks[t:] == label] = fresh
                    parents[fresh] = label if rng.random() < 0.5 else 0
                case 5:
                    y, x = rng.integers(0, SIZE - 6, 2)
                    masks[t, y : y + 5, x : x + 5] = fresh
                case 6:  # the daughters are not told apart yet: a division is late
                    if mother := parents.get(label):
                        sisters = [other for other in _labels(masks[t]) if parents.get(other) == mother]
                        masks[t][np.isin(masks[t], sisters)] = mother
                case 7:  # the mother is cut in two daughters already: a division is early
                    daughters = [daughter for daughter, mother in parents.items() if mother == label]
                    if len(daughters) == 2 and not np.isin(daughters, masks[t]).any():
                        middle = int(np.median(np.nonzero(where)[1])) + 1
                        masks[t][:, :middle][where[:, :middle]] = daughters[0]
                        masks[t][:, middle:][where[:, middle:]] = daughters[1]
    return _valid(rng, masks, parents, wrong_parents=0.3 * strength)


def plain_divisions(tracks):
    """Forget the parents of all but the divisions that every program takes for one.

    There are two or more daughters, all from the frame after the mother's last.
    """
    end = {track.label: track.end for track in tracks}
    prompt = Counter(
        track.parent for track in tracks if track.parent and track.begin == end[track.parent] + 1
    )
    families = Counter(track.parent for track in tracks)
    plain = {mother for mother, daughters in prompt.items() if daughters == families[mother] > 1}
    return [track._replace(parent=track.parent if track.parent in plain else 0) for track in tracks]


def _labels(image):
    return np.unique(image[image > 0])


def _valid(rng, masks, parents, wrong_parents):
    """Give every unbroken run of a label a track of its own, and parents that end before their children."""
    seen = [set(_labels(mask).tolist()) for mask in masks]
    output, runs, fresh = np.zeros_like(masks), [], 1
    for label in sorted(set().union(*seen)):
        for t in range(len(masks)):
            if label in seen[t]:
                if t == 0 or label not in seen[t - 1]:
                    runs.append([fresh, t, t, label])
                    fresh += 1
                runs[-1][2] = t
                output[t][masks[t] == label] = runs[-1][0]
    tracks = []
    for new, begin, end, label in runs:
        ended = [run for run in runs if run[2] < begin]
        own = [run[0] for run in ended if run[3] in (label, parents.get(label, 0))]
        parent = own[-1] if own else 0
        if ended and rng.random() < wrong_parents:
            parent = ended[rng.integers(len(ended))][0]
        tracks.append(Track(new, begin, end, parent))
    return output, tracks
