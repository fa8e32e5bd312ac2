"""Which steps are told: all at first, then fewer and fewer."""

from __future__ import annotations

from itertools import pairwise

from explorer.training.telling import tells_layers, tells_pictures, tells_step


def test_the_first_steps_are_all_told() -> None:
    """Two hundred of them, twenty layer by layer, three with pictures."""
    assert all(map(tells_step, range(1, 201)))
    assert all(map(tells_layers, range(1, 21)))
    assert all(map(tells_pictures, range(1, 4)))


def test_gaps_grow_with_the_number() -> None:
    """Never more than a hundredth of the way is left out, and always in round numbers."""
    told = [step for step in range(1, 64_001) if tells_step(step)]
    gaps = [after - before for before, after in pairwise(told)]
    assert all(gap <= max(1, before / 99) for gap, before in zip(gaps, told, strict=False))
    assert told[-1] == 64_000
    assert {500, 1000, 2000, 10_000, 20_000, 50_000} < set(told)


def test_long_runs_have_few_rows() -> None:
    """The schedule of He et al. for CIFAR-10, 64,000 steps."""
    every = range(1, 64_001)
    counts = [sum(map(which, every)) for which in (tells_step, tells_layers, tells_pictures)]
    assert counts[0] < 1300
    assert counts[1] < 150
    assert counts[2] < 60
