"""The challenge's measures written as their definitions read: sets of pixels, dictionaries, plain loops."""

from itertools import pairwise, permutations

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


class Lives:
    """Tracks as they are seen: the frames of each, and the mother of each."""

    def __init__(self, images, tracks):
        self.frames = {}
        for track in sorted(tracks):
            seen = [f for f in sorted(images) if track.begin <= f <= track.end and track.label in images[f]]
            if seen:
                self.frames[track.label] = seen
        self.mother = {
            track.label: track.parent
            for track in tracks
            if track.label in self.frames and track.parent in self.frames and track.parent != track.label
        }

    def divisions(self):
        """Mother -> daughters."""
        families = {}
        for daughter, mother in self.mother.items():
            families.setdefault(mother, []).append(daughter)
        return {mother: daughters for mother, daughters in families.items() if len(daughters) > 1}

    def cycles(self):
        """Lengths of the tracks between two divisions."""
        divisions = self.divisions()
        return [
            self.frames[label][-1] - self.frames[label][0]
            for label in divisions
            if self.mother.get(label) in divisions
        ]


class Following:
    """Whether a track of the result is at the place of a track of the reference, and nowhere else."""

    def __init__(self, references, results, reference_tracks, result_tracks):
        self.reference, self.result = Lives(references, reference_tracks), Lives(results, result_tracks)
        self.matches = {frame: matches_of(references[frame], results[frame]) for frame in references}

    def at(self, frame, label, other):
        matches = self.matches[frame]
        return (
            frame in self.reference.frames[label]
            and frame in self.result.frames[other]
            and matches.get(label) == other
            and list(matches.values()).count(other) == 1
        )


def complete_tracks(*case):
    """(complete, reference, result) tracks."""
    follow = Following(*case)
    complete = sum(
        any(
            (frames[0], frames[-1]) == (others[0], others[-1])
            and all(follow.at(frame, label, other) for frame in frames)
            for other, others in follow.result.frames.items()
        )
        for label, frames in follow.reference.frames.items()
    )
    return complete, len(follow.reference.frames), len(follow.result.frames)


def track_fractions(*case):
    """Reference label -> longest part that was followed, as the challenge's Java program goes about it."""
    follow = Following(*case)
    fractions = dict.fromkeys(sorted(follow.reference.frames), 0)
    for other in sorted(follow.result.frames):
        for label in fractions:
            if fractions[label] == 1:
                continue
            frames = follow.reference.frames[label]
            run = longest = 0
            for frame in frames:
                run = run + 1 if follow.at(frame, label, other) else 0
                longest = max(longest, run)
            fractions[label] = max(fractions[label], longest / len(frames))
            if fractions[label] == 1:
                break
    return fractions


def divisions(tolerance, *case):
    """(found, reference, result) divisions; every way to pair them off is tried."""
    follow = Following(*case)
    references, results = follow.reference.divisions(), follow.result.divisions()

    def same(mother, other):
        end, other_end = follow.reference.frames[mother][-1], follow.result.frames[other][-1]
        return (
            abs(end - other_end) <= tolerance
            and follow.at(min(end, other_end), mother, other)
            and len(references[mother]) == len(results[other])
            and any(all(map(born, references[mother], order)) for order in permutations(results[other]))
        )

    def born(daughter, other):
        begin, other_begin = follow.reference.frames[daughter][0], follow.result.frames[other][0]
        return abs(begin - other_begin) <= tolerance and follow.at(max(begin, other_begin), daughter, other)

    def most(mothers, free):
        if not mothers:
            return 0
        with_first = [1 + most(mothers[1:], free - {other}) for other in free if same(mothers[0], other)]
        return max([most(mothers[1:], free), *with_first])

    return most(sorted(references), frozenset(results)), len(references), len(results)


def cell_cycle_accuracy(references, results, reference_tracks, result_tracks):
    """CCA; None when the reference has no complete cycle."""
    cycles = Lives(references, reference_tracks).cycles()
    others = Lives(results, result_tracks).cycles()
    if not cycles:
        return None
    if not others:
        return 0

    def up_to(length, lengths):
        return sum(one <= length for one in lengths) / len(lengths)

    return 1 - max(abs(up_to(n, cycles) - up_to(n, others)) for n in range(max(cycles + others) + 1))
