"""Isotonic regression by pooling adjacent violators."""

from __future__ import annotations

from collections.abc import Sequence


def isotonic(shares: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """The nearest values that never fall, by weighted least squares.

    Args:
        shares: in the order in which they must not fall.
        sizes: how much each counts, above 0.

    >>> [round(level, 2) for level in isotonic([0.1, 0.4, 0.2], [1, 1, 1])]
    [0.1, 0.3, 0.3]
    """
    blocks: list[tuple[float, float, int]] = []
    for share, size in zip(shares, sizes, strict=True):
        blocks.append((share, size, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, low_size, low_count), (high, high_size, high_count) = blocks[-2:]
            size_of_both = low_size + high_size
            blocks[-2:] = [((low * low_size + high * high_size) / size_of_both, size_of_both, low_count + high_count)]
    return [share for share, _, count in blocks for _ in range(count)]
