"""The arithmetic behind `make bench`."""

import pytest

from tests.benchmarks.arithmetic import Sample, middle, percentile, ratio
from tests.benchmarks.gates import GATES, judge
from tests.benchmarks.held_sign_in import moments_of


def at(rate: float) -> Sample:
    """Return a round at this rate."""
    return Sample(rate, cpu=1e6 / rate, p50=1, p99=2)


def test_the_middle_of_rounds() -> None:
    """One round that was disturbed changes nothing."""
    assert middle([at(100), at(100), at(10)]) == at(100)


def test_rounds_are_compared_pairwise() -> None:
    """A slow moment of the machine hits both sides and cancels out."""
    assert ratio([at(200), at(100), at(20)], [at(100), at(50), at(10)], "rate") == 2


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, 1), (0.5, 50), (0.501, 51), (0.99, 99), (1, 100)]
)
def test_percentile(share: float, expected: int) -> None:
    """The nearest rank, with no figure invented between two."""
    assert percentile(range(100, 0, -1), share) == expected


def test_percentile_of_one() -> None:
    """A single figure is every percentile."""
    assert percentile([7], 0.5) == percentile([7], 0.99) == 7


def test_gates_are_judged_both_ways() -> None:
    """A bound from above and one from below; what was not measured is not judged."""
    most = next(gate for gate in GATES if gate.at_most)
    least = next(gate for gate in GATES if not gate.at_most)
    assert [line.split()[0] for line in judge({most.name: most.bound})] == ["PASS"]
    assert [line.split()[0] for line in judge({most.name: most.bound * 1.01})] == ["FAIL"]
    assert [line.split()[0] for line in judge({least.name: least.bound})] == ["PASS"]
    assert [line.split()[0] for line in judge({least.name: least.bound * 0.99})] == ["FAIL"]
    assert judge({most.name: None})[0].startswith("SKIP")
    assert judge({}) == []


def test_names_of_gates_are_unique() -> None:
    """A figure belongs to one gate."""
    assert len({gate.name for gate in GATES}) == len(GATES)


def test_held_polls_save_requests() -> None:
    """A poll is due some time after the interval; one that is held ends with the decision."""
    assert moments_of(decided_at=13, wait=0) == [0, 6, 12, 18]
    held = moments_of(decided_at=60, wait=25)
    assert held[:2] == [0, 6]
    assert held[-1] < 60
    assert len(held) < len(moments_of(decided_at=60, wait=0)) / 2
