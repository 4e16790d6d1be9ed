"""What is computed from measurements: medians of rounds, ratios of rounds that ran side by side."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """One round of one contender."""

    rate: float  # requests per second
    cpu: float  # microseconds per request, of all the server's processes
    p50: float  # milliseconds
    p99: float
    foreign: float = 0.0  # share of the machine that neither the server nor the load used


def middle(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""
    return Sample(*(median(figures) for figures in zip(*samples, strict=True)))


def ratio(above: Sequence[Sample], below: Sequence[Sample], figure: str) -> float:
    """Return the median of the rounds' ratios: what disturbs a whole round cancels out."""
    pairs = zip(above, below, strict=True)
    ratios: list[float] = [getattr(one, figure) / getattr(other, figure) for one, other in pairs]
    return median(ratios)


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the smallest figure that `share` of them do not exceed (nearest rank)."""
    ordered = sorted(figures)
    rank = -int(-len(ordered) * share // 1)
    return ordered[max(rank, 1) - 1]
