"""The challenge's measures written as their definitions read: sets of pixels, dictionaries, plain loops."""

from itertools import pairwise

from cellseg.metrics.graph import PARENT_LINK, TRACK_LINK


def pixels_of(image):
    """Label -> set of pixels."""
    objects = {}
    for y, row in enumerate(image.tolist()):
        for x, label in enumerate(row):
            if label:
                objects.setdefault(label, set()).add((y, x))
    return objects


def matches_of(reference, result):
    """Reference label -> result label, where more than half of the reference object is covered."""
    references, results = pixels_of(reference), pixels_of(result)
    return {
        r: s
        for r, pixels in references.items()
        for s, others in results.items()
        if len(pixels & others) * 2 > len(pixels)
    }


def seg(frames):
    """(sum of Jaccard indices, number of reference objects)."""
    total, count = 0.0, 0
    for reference, result in frames:
        references, results = pixels_of(reference), pixels_of(result)
        matches = matches_of(reference, result)
        for label, pixels in references.items():
            count += 1
            if label in matches:
                other = results[matches[label]]
                total += len(pixels & other) / len(pixels | other)
    return total, count


def graph_of(images, tracks):
    """Vertices (frame, label) and edges {(vertex, vertex): semantics}; images by frame number."""
    vertices = {(frame, label) for frame, image in images.items() for label in pixels_of(image)}
    edges = {}
    nodes = {
        track.label: [
            (frame, track.label)
            for frame in sorted(images)
            if track.begin <= frame <= track.end and (frame, track.label) in vertices
        ]
        for track in tracks
    }
    order = sorted(images)
    for line in nodes.values():
        for a, b in pairwise(line):
            if order.index(a[0]) + 1 == order.index(b[0]):
                edges[a, b] = TRACK_LINK
    for track in tracks:
        mother, daughter = nodes.get(track.parent), nodes[track.label]
        if mother and daughter and track.parent != track.label:
            edges[mother[-1], daughter[0]] = PARENT_LINK
    return vertices, edges


def operations(references, results, reference_tracks, result_tracks):
    """Counts of the six operations; images by frame number."""
    vertices_r, edges_r = graph_of(references, reference_tracks)
    vertices_s, edges_s = graph_of(results, result_tracks)
    covers = {vertex: [] for vertex in vertices_s}
    for frame in references:
        for r, s in matches_of(references[frame], results[frame]).items():
            covers[frame, s].append((frame, r))
    found = {r for covered in covers.values() for r in covered}
    unique = {s: covered[0] for s, covered in covers.items() if len(covered) == 1}
    carried = {
        (unique[a], unique[b]): kind for (a, b), kind in edges_s.items() if a in unique and b in unique
    }
    return {
        "NS": sum(len(covered) - 1 for covered in covers.values() if len(covered) > 1),
        "FN": len(vertices_r - found),
        "FP": sum(not covered for covered in covers.values()),
        "ED": sum(edge not in edges_r for edge in carried),
        "EA": sum(edge not in carried for edge in edges_r),
        "EC": sum(edges_r.get(edge, kind) != kind for edge, kind in carried.items()),
    }
