"""Interval maps along one axis, by hand and by the formulas of Araujo, Norris and Sim (2019)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from explorer.anatomy import axes
from explorer.anatomy.axes import IDENTITY, AxisField
from explorer.anatomy.extents import box

COUNT = 1000


def _stack(*layers: tuple[int, int, int, int]) -> AxisField:
    field = IDENTITY
    for kernel, stride, padding, dilation in layers:
        field = axes.windowed(field, kernel, stride, padding, dilation=dilation, count=COUNT)
    return field


def _recursion(layers: list[tuple[int, int, int, int]]) -> tuple[int, int, int]:
    """The paper's closed forms: r0 = sum (k-1) prod s + 1, S0 = prod s, P0 = sum p prod s."""
    r, s, p = 1, 1, 0
    for kernel, stride, padding, dilation in layers:
        r += (kernel - 1) * dilation * s
        p += padding * s
        s *= stride
    return r, s, p


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 1, 1, 1)] * 3,
        [(7, 2, 3, 1), (3, 2, 1, 1), (1, 1, 0, 1), (3, 2, 1, 1)],
        [(3, 1, 2, 2), (3, 1, 4, 4), (2, 2, 0, 1), (5, 3, 0, 1)],
    ],
)
def test_a_chain_of_windows_follows_the_closed_form(
    layers: list[tuple[int, int, int, int]],
) -> None:
    """Size, effective stride and effective padding of a chain are the paper's sums."""
    size, stride, padding, exact = box(_stack(*layers))
    assert (size, stride, padding) == _recursion(layers)
    assert exact


def test_vgg16_pool_by_pool() -> None:
    """r/S after the pools of VGG-16: 6/2, 16/4, 44/8, 100/16, 212/32 (and P = 90 at the end)."""
    field = IDENTITY
    found = []
    for convolutions in (2, 2, 3, 3, 3):
        for _ in range(convolutions):
            field = axes.windowed(field, 3, 1, 1, dilation=1, count=COUNT)
        field = axes.windowed(field, 2, 2, 0, dilation=1, count=COUNT)
        found.append(box(field))
    assert [(each.size, each.stride) for each in found] == [
        (6, 2), (16, 4), (44, 8), (100, 16), (212, 32)
    ]  # fmt: skip
    assert found[-1].padding == 90


def test_positions_of_a_window() -> None:
    """7x7, stride 2, padding 3: position 0 sees -3 to 3, position 10 sees 17 to 23."""
    field = _stack((7, 2, 3, 1))
    assert field.interval(0) == (-3, 3)
    assert field.interval(10) == (17, 23)


def test_transposed_convolution_has_a_phase_per_stride() -> None:
    """Kernel 4, stride 2, padding 1: even outputs read j-1 and j, odd ones j and j+1."""
    field = axes.transposed(IDENTITY, 4, 2, 1, dilation=1, count=COUNT)
    assert [field.interval(i) for i in range(4)] == [(-1, 0), (0, 1), (0, 1), (1, 2)]
    assert field.stride == Fraction(1, 2)


def test_transposed_convolution_with_a_kernel_shorter_than_its_stride_leaves_gaps() -> None:
    """Kernel 1, stride 2: every second output sees nothing."""
    field = axes.transposed(IDENTITY, 1, 2, 0, dilation=1, count=COUNT)
    assert field.interval(4) == (2, 2)
    start, stop = field.interval(5)
    assert start > stop
    assert not box(field).exact


def test_doubling_to_the_nearest_repeats_every_position() -> None:
    """Nearest x2: outputs 2j and 2j+1 see input j."""
    field = axes.resampled(IDENTITY, Fraction(1, 2), COUNT, "nearest")
    assert [field.interval(i) for i in range(4)] == [(0, 0), (0, 0), (1, 1), (1, 1)]


def test_doubling_linearly_reads_two_neighbours() -> None:
    """Bilinear x2, pixel centres: output 1 lies at 0.25, between inputs 0 and 1."""
    field = axes.resampled(IDENTITY, Fraction(1, 2), COUNT, "linear")
    assert [field.interval(i) for i in range(3)] == [(-1, 0), (0, 1), (0, 1)]


def test_odd_enlargement_hits_some_positions_exactly() -> None:
    """Bilinear x3: every third output lies on an input and sees it alone."""
    field = axes.resampled(IDENTITY, Fraction(1, 3), COUNT, "linear")
    assert [field.interval(i) for i in range(3)] == [(-1, 0), (0, 0), (0, 1)]


def test_adaptive_pooling_that_divides_is_a_plain_window() -> None:
    """14 to 7 is a 2-window with stride 2; 7 to 7 is nothing at all."""
    assert axes.adaptive(IDENTITY, 14, 7) == _stack((2, 2, 0, 1))
    assert axes.adaptive(IDENTITY, 7, 7) is IDENTITY


def test_adaptive_pooling_that_does_not_divide() -> None:
    """10 to 4 reads 0-2, 2-4, 5-7, 7-9 (floor and ceiling of i * 10 / 4)."""
    field = axes.adaptive(IDENTITY, 10, 4)
    assert [field.interval(i) for i in range(4)] == [(0, 2), (2, 4), (5, 7), (7, 9)]


def test_windows_of_attention_see_their_block() -> None:
    """Windows of 7: position 9 sees 7 to 13; a grid of spacing 8 over 56 sees almost all."""
    assert axes.mixed(IDENTITY, 1, 7, 56).interval(9) == (7, 13)
    assert axes.mixed(IDENTITY, 8, 7, 56).interval(9) == (1, 49)


def test_aligned_paths_join_to_minimum_start_and_maximum_stop() -> None:
    """A residual path of two 3x3 around the identity: the union is the longer path's box."""
    longer = _stack((3, 1, 1, 1), (3, 1, 1, 1))
    assert axes.union(longer, IDENTITY, COUNT) == longer
    # Without padding the paths lie apart: 0 to 4 and 0 to 0 is 0 to 4; shifted by 3, -3 to 4.
    valid, shifted = _stack((5, 1, 0, 1)), _stack((1, 1, 3, 1))
    assert axes.union(valid, shifted, COUNT).interval(10) == (7, 14)


def test_paths_of_different_strides_are_not_aligned() -> None:
    """Their union is listed position by position and has no stride."""
    field = axes.union(_stack((2, 2, 0, 1)), _stack((3, 3, 0, 1)), 5)
    assert [field.interval(i) for i in range(3)] == [(0, 2), (2, 5), (4, 8)]
    assert field.stride is None
    assert field.interval(5)[0] > field.interval(5)[1]


def test_the_box_of_windows_holds_every_phase_and_is_not_exact() -> None:
    """Windows of 2: position 0 sees 0-1, position 1 too; one box must cover -1 to +1 around."""
    field = axes.mixed(IDENTITY, 1, 2, 8)
    size, stride, padding, exact = box(field)
    assert (size, stride, padding) == (3, 1, 1)
    assert not exact


@pytest.mark.parametrize("period", [2, 3, 4, 6])
def test_a_pattern_that_repeats_sooner_is_shortened(period: int) -> None:
    """Reading every period-th position of a periodic map is a plain one again."""
    field = axes.resampled(IDENTITY, Fraction(1, period), COUNT, "nearest")
    assert axes.windowed(field, 1, period, 0, dilation=1, count=COUNT) == IDENTITY


def test_deep_chains_cost_plain_integers() -> None:
    """A map without phases stays without: a thousand layers later the numbers are exact."""
    field = IDENTITY
    for _ in range(1000):
        field = axes.windowed(field, 3, 1, 1, dilation=1, count=COUNT)
    assert field == AxisField(1, 1, (-1000,), (1000,))
