"""Mean-shift of one seed after the other, by the definition of the distances: slow, obvious, in float64."""

import numpy as np


def distance(first, second, metric):
    if metric == "cosine":
        return 1 - np.dot(first, second) / np.linalg.norm(first) / np.linalg.norm(second)
    return np.linalg.norm(first - second)


def rests_of(points, seeds, bandwidth, metric):
    """Where each seed comes to rest, and how many points are in the window averaged last."""
    rests = []
    for seed in seeds:
        position = seed
        for _ in range(300):
            window = [point for point in points if distance(point, position, metric) <= bandwidth]
            moved = np.mean(window, axis=0)
            step = np.linalg.norm(moved - position)
            position = moved
            if step < 1e-3 * bandwidth:
                break
        rests.append((len(window), *position))
    return rests


def modes_of(points, seeds, bandwidth, metric):
    """The modes: the most populated rests, none within the bandwidth of another."""
    modes = []
    for _, *rest in sorted(rests_of(points, seeds, bandwidth, metric), reverse=True):
        if all(distance(np.array(rest), mode, metric) > bandwidth for mode in modes):
            modes.append(np.array(rest))
    return np.array(modes)


def labels_of(points, modes, metric):
    return [int(np.argmin([distance(point, mode, metric) for mode in modes])) for point in points]
