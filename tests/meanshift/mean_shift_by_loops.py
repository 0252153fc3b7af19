"""Flat-kernel mean-shift as it is defined, one seed at a time, in float64."""

import numpy as np


def cosine_distance(a, b):
    return 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def euclidean_distance(a, b):
    return np.linalg.norm(a - b)


DISTANCES = {"cosine": cosine_distance, "euclidean": euclidean_distance}


def climb(vectors, seed, bandwidth, tolerance=1e-3, max_iterations=300, metric="cosine"):
    """Shift one seed until it rests; its place, and the number of points in the window averaged last."""
    distance = DISTANCES[metric]
    vectors = vectors.astype(np.float64)
    place = seed.astype(np.float64)
    for _ in range(max_iterations):
        window = [x for x in vectors if distance(x, place) <= bandwidth]
        before, place = place, np.mean(window, axis=0)
        # Cosine distances know no lengths: there a step is measured by the length of the place.
        unit = np.linalg.norm(place) if metric == "cosine" else 1.0
        if np.linalg.norm(place - before) < tolerance * bandwidth * unit:
            break
    return place, len(window)


def mean_shift(vectors, seeds, bandwidth, metric="cosine", **kwargs):
    """Labels and modes, the most populated first."""
    distance = DISTANCES[metric]
    rests = [climb(vectors, seed, bandwidth, metric=metric, **kwargs) for seed in seeds]
    modes = []
    for place, _ in sorted(rests, key=lambda rest: -rest[1]):
        if all(distance(place, mode) > bandwidth for mode in modes):
            modes.append(place)
    labels = [int(np.argmin([distance(x, mode) for mode in modes])) for x in vectors]
    return np.array(labels), np.array(modes)
