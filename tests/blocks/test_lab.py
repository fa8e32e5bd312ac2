"""Counting comparisons, curves along their knobs, and impossible geometry."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from explorer.blocks import by_formula
from explorer.blocks.comparisons import COMPARISONS, find
from explorer.blocks.lab import compare, curve
from explorer.blocks.parts import Conv, DepthwiseConv, Pool
from explorer.errors import BadDesign, BadRequest
from explorer.knobs import settled


@pytest.mark.parametrize("key", COMPARISONS)
def test_formulas_have_the_counted_numbers(key: str) -> None:
    """Each design's formula comes to what was counted, and the record crosses processes."""
    lab = pickle.loads(pickle.dumps(compare(key)))
    for design in lab.designs:
        assert design.weights_formula.values == (design.params,)
        assert design.macs_formula.values == (design.macs,)
        assert sum(step.params for step in design.steps) == design.params
        assert sum(step.macs for step in design.steps) == design.macs
        assert sum(step.activation_bytes for step in design.steps) == design.activation_bytes


def test_the_answer_is_that_of_the_setting() -> None:
    """With three kernels the stack has 27/49 of the weights."""
    assert compare("stack", {"n": 3}).answer == pytest.approx(27 / 49)


@pytest.mark.parametrize("key", COMPARISONS)
def test_a_curve_passes_through_the_setting(key: str) -> None:
    """One of its points is what `compare` counts, and there are enough to see a line."""
    lab, along = compare(key), curve(key)
    here = dict(lab.values)[along.knob]
    at_here = {each.design: each for each in along.points if each.value == here}
    for design in lab.designs:
        point = at_here[design.key]
        assert (point.params, point.macs) == (design.params, design.macs)
        assert point.activation_bytes == design.activation_bytes
    assert len({each.value for each in along.points}) >= 3


@pytest.mark.parametrize("key", COMPARISONS)
def test_lines_by_formula_pass_through_the_counted_points(key: str) -> None:
    """Along any numeric knob: what is drawn as a line is what real modules are counted at."""
    comparison, values = find(key), dict(compare(key).values)
    for knob in comparison.knobs:
        if knob.choices:
            continue
        for point in curve(key, values, knob.name).points[:12]:
            at = float(point.value)
            lines = by_formula.along(comparison, values, knob.name, at, at)
            line = next(each for each in lines if each.design == point.design)
            assert (line.params[0], line.macs[0]) == (point.params, point.macs), knob.name


def test_impossible_values_are_left_out_of_a_curve() -> None:
    """32 groups divide only multiples of 32 channels."""
    found = {each.value for each in curve("grouped", {"groups": 32}, "channels").points}
    assert found
    assert all(value % 32 == 0 for value in found)


def test_a_curve_over_a_word_is_refused() -> None:
    """The numeric knobs are named."""
    with pytest.raises(BadRequest, match=r"kernel.*not 'padding'"):
        curve("separable", {}, "padding")


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("separable", {"height": 2}, "larger than the padded input of 2"),
        ("grouped", {"groups": 3}, "must divide"),
    ],
)
def test_impossible_geometry(key: str, given: dict[str, int], said: str) -> None:
    """One sentence says which and why."""
    with pytest.raises(BadDesign, match=said):
        compare(key, given)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"n": 0}, "from 1 to 8"), ({"n": 1.5}, "whole number"), ({"m": 2}, "no setting 'm'"),
     ({"channels": -4}, "from 1 to 4096"), ({"channels": "many"}, "not 'many'"),
     ({"channels": True}, "not True"), ({"channels": float("nan")}, "not nan")],
)  # fmt: skip
def test_knobs_out_of_range(given: dict[str, object], said: str) -> None:
    """The range is said."""
    with pytest.raises(BadRequest, match=said):
        compare("stack", given)


def test_what_a_stack_sees() -> None:
    """Three 3x3: masks of 3, 5 and 7 pixels a side without holes, as the anatomy's fields."""
    values = settled(find("stack").knobs, {"n": 3})
    chain = next(each for each in find("stack").designs(values) if each.key == "stack").parts
    masks = by_formula.seen(chain)
    steps = [
        step.field
        for design in compare("stack", {"n": 3}).designs
        if design.key == "stack"
        for step in design.steps
        if step.kind == "Conv2d"
    ]
    assert [mask.shape for mask in masks] == steps == [(3, 3), (5, 5), (7, 7)]
    assert all(mask.all() for mask in masks)


def test_dilation_leaves_holes() -> None:
    """A 3x3 dilated by two touches 9 of 25 pixels; two of them 25 of 81: every second."""
    once, twice = by_formula.seen((Conv(4, dilation=2), DepthwiseConv(dilation=2)))
    assert (once.shape, once.sum()) == ((5, 5), 9)
    assert (twice.shape, twice.sum()) == ((9, 9), 25)
    assert np.array_equal(np.argwhere(twice[0])[:, 0], [0, 2, 4, 6, 8])


def test_fields_are_drawn_of_chains_of_kernels_only() -> None:
    """Strides and pooling move outputs apart: no picture rather than a wrong one."""
    assert by_formula.seen((Conv(4, stride=2),)) == ()
    assert by_formula.seen((Conv(4), Pool("max"))) == ()
