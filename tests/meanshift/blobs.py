"""Random blobs of directions, as the embeddings of cells are."""

import numpy as np


def blobs(rng, instances, size, dimensions=18, spread=0.03):
    """Vectors (instances * size, D) float32 in random order, and the blob of each."""
    centres = np.empty((0, dimensions))
    while len(centres) < instances:
        centre = rng.normal(size=dimensions)
        centre /= np.linalg.norm(centre)
        if (centres @ centre < 0.6).all():
            centres = np.vstack([centres, centre])
    labels = rng.permutation(np.repeat(np.arange(instances), size))
    vectors = centres[labels] + rng.normal(scale=spread, size=(len(labels), dimensions))
    return vectors.astype(np.float32), labels


def same_partition(a, b):
    """Whether two labellings differ in nothing but the names of the labels."""
    pairs = len(set(zip(np.asarray(a).tolist(), np.asarray(b).tolist(), strict=True)))
    return pairs == len(np.unique(a)) == len(np.unique(b))
