"""The curve along a network: its lines are the records' numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.figures import receptive_field as figures
from explorer.pictures import samples
from explorer.vision.effective_field import field_growth
from explorer.vision.field_rows import field_rows

if TYPE_CHECKING:
    from explorer.vision.field_records import FieldGrowth, FieldRow

MIDDLE = (16.0, 16.0)


@pytest.fixture(scope="module")
def rows() -> tuple[FieldRow, ...]:
    """LeNet-5's rows."""
    return field_rows("lenet5", "random").main


@pytest.fixture(scope="module")
def grown() -> FieldGrowth:
    """LeNet-5's fields with random weights."""
    return field_growth("lenet5", samples.accepted("digit_5"), MIDDLE, weights="random")


def test_theory_stands_alone_until_something_is_measured(rows: tuple[FieldRow, ...]) -> None:
    """LeNet-5 by hand: 5, 6, 14, 16, 32 of 32 pixels."""
    figure = figures.growth(rows, MIDDLE, chosen="c3")
    assert [trace.name for trace in figure.data] == ["theoretical", "the input, 32 pixels"]
    assert figure.data[0].y == (5, 6, 14, 16, 32)
    assert figure.data[0].x == tuple(row.name for row in rows)
    assert set(figure.data[1].y) == {32}
    assert figure.layout.yaxis.type == "log"


def test_what_is_measured_is_drawn_and_random_is_said(
    rows: tuple[FieldRow, ...], grown: FieldGrowth
) -> None:
    """The 95 % side of each row, never above the theory."""
    trained = replace(grown, use=replace(grown.use, random=False))
    figure = figures.growth(rows, MIDDLE, measured=[trained, grown])
    first, second = figure.data[1:3]
    assert first.name == "effective (95 % of the mass)"
    assert second.name == "effective (95 % of the mass), random weights"
    assert first.y == tuple(field.spread.side_95 for field in grown.fields)
    for effective, theoretical in zip(first.y, figure.data[0].y, strict=True):
        assert effective <= theoretical


def test_whole_input_has_its_convolutions_apart() -> None:
    """MobileNetV3's squeeze and excitation: 224 from the second row on, convolutions alone less."""
    rows = field_rows("mobilenet_v3_small", "random").main
    figure = figures.growth(rows, (112.0, 112.0))
    assert [trace.name for trace in figure.data][:2] == ["theoretical", "along convolutions alone"]
    assert figure.data[0].y[:3] == (3, 224, 224)
    assert figure.data[1].y[:3] == (3, 7, 15)
    assert figure.data[1].y[-1] == 639


def test_the_rows_below_the_figure_hold_its_numbers(
    rows: tuple[FieldRow, ...], grown: FieldGrowth
) -> None:
    """One line a row; without a measurement no column of one."""
    plain = figures.growth_rows(rows, MIDDLE)
    assert [line["theoretical side"] for line in plain] == [5, 6, 14, 16, 32]
    assert not any("95 %" in name for name in plain[0])
    line = figures.growth_rows(rows, MIDDLE, [grown])[2]
    assert line["layer"] == "c3"
    assert line["95 % side, Random weights"] == grown.fields[2].spread.side_95
    assert line["share in the box, Random weights"] == pytest.approx(1)


def test_long_names_are_cut_at_their_start(rows: tuple[FieldRow, ...]) -> None:
    """The end tells neighbours apart."""
    long = replace(rows[0], name="encoder.layers.encoder_layer_11.add#2")
    figure = figures.growth([long], MIDDLE)
    assert figure.layout.xaxis.ticktext == ("…_layer_11.add#2",)
    assert figure.layout.xaxis.tickvals == (long.name,)
