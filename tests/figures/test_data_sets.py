"""Bars of classes and points of the plane."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import data_sets as figures
from explorer.training.data.records import POINT, DataSet, Description, Split


def described(classes: tuple[str, ...], *, points: bool = False) -> Description:
    """Class number n has 10 + n to learn from, 2 held out and 3 to test."""
    count = len(classes)
    shape = POINT if points else (1, 8, 8)
    data = DataSet("x", "X", "", classes, shape, 12 * count, 3 * count, "yours")
    splits = (
        Split("train", tuple(10 + number for number in range(count))),
        Split("validation", (2,) * count),
        Split("test", (3,) * count),
    )
    places = np.arange(2 * count, dtype=np.float32).repeat(2).reshape(-1, 2)
    labels = np.arange(2 * count) % count
    return Description(
        data,
        splits,
        0,
        (0.0,),
        (1.0,),
        None,
        places if points else None,
        labels if points else None,
    )


def test_bars_stand_on_each_other() -> None:
    """A part each, named as in the words above them."""
    drawn = figures.counts(described(("a", "b")))
    assert drawn.layout.barmode == "stack"
    assert [(bar.name, list(bar.y)) for bar in drawn.data] == [
        ("learned from", [10, 11]), ("held out", [2, 2]), ("tested on", [3, 3]),
    ]  # fmt: skip
    assert len({bar.marker.color for bar in drawn.data}) == 3


def test_foreign_names_are_text_and_short() -> None:
    """plotly would read HTML in them."""
    drawn = figures.counts(described(("<b>bold</b>", "a" * 50)))
    assert drawn.layout.xaxis.ticktext[0] == "&lt;b&gt;bold&lt;/b&gt;"
    assert len(drawn.layout.xaxis.ticktext[1]) == 18


@pytest.mark.parametrize(("count", "named"), [(40, True), (41, False), (1000, False)])
def test_many_names_are_left_to_the_table(count: int, named: bool) -> None:
    """They would stand on each other."""
    found = described(tuple(f"class {number}" for number in range(count)))
    assert figures.counts(found).layout.xaxis.showticklabels is named
    assert figures.rows(found)[-1] == {
        "class": f"class {count - 1}", "learned from": 9 + count, "held out": 2, "tested on": 3,
    }  # fmt: skip


def test_points_keep_their_class_and_their_proportions() -> None:
    """Each class its colour and its symbol; x is as long as y."""
    found = described(("a", "b", "c"), points=True)
    drawn = figures.scatter(found)
    assert [list(each.x) for each in drawn.data] == [[0, 3], [1, 4], [2, 5]]
    assert len({(each.marker.color, each.marker.symbol) for each in drawn.data}) == 3
    assert drawn.layout.yaxis.scaleanchor == "x"
    assert figures.points(found)[4] == {"x": 4.0, "y": 4.0, "class": "b"}
