"""The obvious reference for the best packing: all are tried."""


def largest_gain(rows, taken=frozenset()):
    """Total gain of the best packing of rows (parties, gain): the first row is in it, or it is not."""
    if not rows:
        return 0.0
    (parties, gain), others = rows[0], rows[1:]
    without = largest_gain(others, taken)
    if taken & set(parties):
        return without
    return max(without, gain + largest_gain(others, taken | set(parties)))
