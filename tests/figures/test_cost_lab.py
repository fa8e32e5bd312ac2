"""The Cost lab's figures show what was counted, measured and seen."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.blocks import by_formula
from explorer.blocks.comparisons import COMPARISONS, find
from explorer.blocks.lab import compare, curve
from explorer.blocks.lab_records import Timed, Timing
from explorer.blocks.parts import Conv
from explorer.figures import cost_lab, scaling
from explorer.figures.cost_lab_inside import firsts


def drawn(key: str, knob: str, *, relative: bool, quantity: cost_lab.Quantity) -> object:
    """A curve of a comparison as the page draws it."""
    lab, counted = compare(key), curve(key, {}, knob)
    values = dict(lab.values)
    found = [float(each.value) for each in counted.points]
    lines = by_formula.along(find(key), values, knob, min(found), max(found))
    titles = {each.key: each.title for each in lab.designs}
    return cost_lab.curve(
        counted, lines, cost_lab.Curves(titles, knob, quantity, relative, values[knob])
    )


@pytest.mark.parametrize("key", COMPARISONS)
def test_bars_are_shares_of_the_first(key: str) -> None:
    """The first design is 100 % in each quantity, the others what they have by it."""
    lab = compare(key)
    figure = cost_lab.bars(lab)
    assert [trace.name for trace in figure.data] == [each.title for each in lab.designs]
    assert list(figure.data[0].x) == pytest.approx([100, 100, 100])
    for trace, design in zip(figure.data, lab.designs, strict=True):
        assert trace.x[0] == pytest.approx(100 * design.params / lab.designs[0].params)
        assert trace.x[1] == pytest.approx(100 * design.macs / lab.designs[0].macs)


def test_shares_are_written_to_be_read() -> None:
    """Per cent, and from ten times the first on so many times."""
    assert [cost_lab.share(each) for each in (0.406, 72.0, 139.23, 1000.0, 2_458_624.0)] == [
        "0.406 %", "72 %", "139 %", "10 ×", "24,586 ×",
    ]  # fmt: skip


def test_the_separable_curve_is_its_law() -> None:
    """As a share of the full convolution: 1 / C_out + 1 / 9, line and dots alike."""
    figure = drawn("separable", "outputs", relative=True, quantity="MACs")
    line, dots = figure.data[2], figure.data[3]  # type: ignore[attr-defined]
    assert (line.mode, dots.mode) == ("lines", "markers")
    for trace in (line, dots):
        assert len(trace.x) > 5
        assert list(trace.y) == pytest.approx([1 / x + 1 / 9 for x in trace.x])


@pytest.mark.parametrize("quantity", ["weights", "MACs", "memory"])
def test_lines_meet_dots(quantity: cost_lab.Quantity) -> None:
    """Each design's line passes through all of its counted points."""
    figure = drawn("bottleneck", "middle", relative=False, quantity=quantity)
    lines, dots = figure.data[::2], figure.data[1::2]  # type: ignore[attr-defined]
    for line, dot in zip(lines, dots, strict=True):
        known = dict(zip(line.x, line.y, strict=True))
        met = [x for x in dot.x if x in known]
        assert len(met) >= 3
        assert [known[x] for x in met] == [
            y for x, y in zip(dot.x, dot.y, strict=True) if x in known
        ]


def test_curve_rows_are_the_counted_points() -> None:
    """A row each point and design, under the knob's name."""
    counted = curve("stack")
    rows = cost_lab.curve_rows(counted, {"stack": "stacked", "single": "one"})
    assert len(rows) == len(counted.points)
    assert {"n": 3, "design": "stacked", "parameters": 27 * 64**2}.items() <= next(
        row for row in rows if row["n"] == 3 and row["design"] == "stacked"
    ).items()


def test_the_field_grows_ring_by_ring() -> None:
    """Two 3x3: a core of 9 pixels behind the first layer, a ring of 16 behind the second."""
    chain = by_formula.seen((Conv(4), Conv(4)))
    first = firsts(chain, 7)
    assert first.shape == (7, 7)
    assert [(first == each).sum() for each in (1, 2, 0)] == [9, 16, 24]
    assert first[3, 3] == 1
    assert np.array_equal(first[1, 1:6], [2, 2, 2, 2, 2])


def test_growth_shows_as_many_layers_as_asked() -> None:
    """Behind one of two layers the stack sees 3 x 3, and the title says so."""
    masks = {
        "stack": by_formula.seen((Conv(4), Conv(4))),
        "one": by_formula.seen((Conv(4, (5, 5)),)),
    }
    figure = cost_lab.growth(masks, 1)
    assert [each.text for each in figure.layout.annotations] == [
        "stack: sees 3 × 3", "one: sees 5 × 5",
    ]  # fmt: skip
    assert [int((np.array(trace.z) > 0).sum()) for trace in figure.data] == [9, 25]
    assert cost_lab.growth_rows(masks)[1]["pixels that count"] == 25


@pytest.mark.parametrize("key", ["inception", "bottleneck", "squeeze"])
def test_branches_add_up(key: str) -> None:
    """Each design's branches, and what is outside of them, are 100 % of it."""
    lab = compare(key)
    rows = cost_lab.share_rows(lab)
    for design in (each for each in lab.designs if each.shares):
        own = [row for row in rows if row["design"] == design.title]
        assert sum(row["parameters %"] for row in own) == pytest.approx(100)
        assert sum(row["MACs %"] for row in own) == pytest.approx(100)
        assert min(row["MACs"] for row in own) >= 0
    assert cost_lab.shares(lab).data


def test_channels_along_a_dense_block() -> None:
    """64 + 32 for each layer; memory never falls and ends with the design's activations."""
    lab = compare("dense")
    rows = [row for row in cost_lab.block_rows(lab) if row["design"] == "dense block"]
    assert [row["channels"] for row in rows] == [64, 96, 128, 160, 192, 224, 256]
    written = [row["bytes so far"] for row in rows]
    assert written == sorted(written)
    assert written[-1] == lab.designs[0].activation_bytes
    assert len(cost_lab.block(lab).data) == 2 * len(lab.designs)


def test_time_stands_beside_multiply_adds() -> None:
    """Half the time of the first design is 50 %, with quartiles around it."""
    lab = compare("separable")
    done = Timing(
        "separable", lab.values, 1, "a device", 2,
        (Timed("full", 4.0, 3.0, 6.0, 9), Timed("separable", 2.0, 1.0, 3.0, 9)),
    )  # fmt: skip
    macs, time = cost_lab.times(lab, done).data
    assert list(time.x) == [100, 50]
    assert list(time.error_x.array) == [50, 25]
    assert list(time.error_x.arrayminus) == [25, 25]
    assert list(macs.x) == pytest.approx([100, 100 * 672 / 2160])


def test_the_family_stands_at_its_cost() -> None:
    """A point a network, in its order, with its accuracy."""
    known = [
        scaling.Standing("B0", 386, 5, 224, 77.7, "V1"),
        scaling.Standing("B1", 687, 8, 240, 79.8, "V2"),
    ]
    figure = scaling.family(known, 500)
    assert list(figure.data[0].x) == [386, 687]
    assert list(figure.data[0].y) == [77.7, 79.8]
    assert figure.layout.shapes[0].x0 == 500
    assert [row["network"] for row in scaling.family_rows(known)] == ["B0", "B1"]


def test_the_budget_has_line_and_dots() -> None:
    """What the rule promises beside what was counted."""
    drawn_ = scaling.Budget((0.0, 1.0), (1.0, 1.92), (1.0, 2.57), 1.0)
    line, dots = scaling.budget(drawn_).data
    assert list(line.y) == [1.0, 1.92]
    assert list(dots.y) == [1.0, 2.57]
    assert scaling.budget_rows(drawn_)[1] == {"phi": 1.0, "promised": 1.92, "counted": 2.57}
