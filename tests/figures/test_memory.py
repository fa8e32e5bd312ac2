"""Memory, drawn part by part."""

from __future__ import annotations

import pytest

from explorer.anatomy import dissect, memory
from explorer.figures import memory as figure


def test_bars_are_as_long_as_the_estimates() -> None:
    """Each optimiser's parts add up to its total; Adam's state is twice the weights."""
    anatomy = dissect("lenet5")
    estimates = [memory.training(anatomy, each, 4) for each in memory.OPTIMISERS]
    drawn = figure.training(estimates)
    for place, estimate in enumerate(estimates):
        assert sum(trace.x[place] for trace in drawn.data) == estimate.total_bytes
    state = next(trace for trace in drawn.data if trace.name == "optimiser state")
    assert list(state.x) == [0, 61_706 * 4, 61_706 * 8]


def test_the_table_has_every_part_with_its_formula() -> None:
    """The text alternative says how each part comes about."""
    estimate = memory.training(dissect("lenet5"), "adam", 2)
    rows = figure.training_rows([estimate])
    assert sum(int(row["bytes"]) for row in rows) == estimate.total_bytes
    assert all(row["formula"] for row in rows)


@pytest.mark.parametrize("optimiser", list(memory.OPTIMISERS))
def test_every_part_has_a_colour_of_its_own(optimiser: str) -> None:
    """A part without an entry would be grey like another."""
    drawn = figure.training([memory.training(dissect("lenet5"), optimiser, 1)])
    colors = [trace.marker.color for trace in drawn.data]
    assert len(set(colors)) == len(colors)
