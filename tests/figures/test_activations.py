"""The figure along the network has each row's numbers at its place."""

from __future__ import annotations

from explorer.figures import activations
from explorer.vision.activation_records import Along, LayerStatistics, Statistics
from explorer.vision.records import NetworkUse

USE = NetworkUse("net", "Net", "V1", "ImageNet", random=False, device="cpu")
FOUND = Along(
    USE,
    (
        LayerStatistics(0, "conv", "Conv2d", (1, 4, 2, 2), 4, 0, Statistics(16, -1, 2, 0.1, 1, 0)),
        LayerStatistics(2, "relu", "ReLU", (1, 4, 2, 2), 4, 1, Statistics(16, 0, 2, 0.5, 0.7, 0.5)),
    ),
)


def test_shares_are_per_cent() -> None:
    """One of four channels dead is 25 per cent, half of the values 0 is 50."""
    rows = activations.along_rows(FOUND)
    assert [row["dead %"] for row in rows] == [0.0, 25.0]
    assert [row["zeros"] for row in rows] == [0.0, 50.0]


def test_each_row_stands_at_its_number() -> None:
    """Four series over the rows' places in the anatomy; the chosen row is marked."""
    figure = activations.along(FOUND, "relu")
    assert [tuple(trace.x) for trace in figure.data] == [(0, 2)] * 4
    assert [tuple(trace.y) for trace in figure.data][2] == (0.1, 0.5)
    assert {shape.x0 for shape in figure.layout.shapes} == {2}
