"""Sizes, parameters and multiply-adds against torch's modules and known figures."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.convolution import arithmetic, geometry
from explorer.convolution.records import Geometry
from explorer.errors import BadRequest


def flops(module: nn.Module, x: torch.Tensor) -> int:
    """What torch counts: two FLOPs a multiply-add."""
    with FlopCounterMode(display=False) as counter:
        module(x)
    return counter.get_total_flops()


def test_convolutions_cost_what_torch_says() -> None:
    """Shape, parameters and MACs of real modules, groups included."""
    for kernel, stride, padding, dilation, groups in itertools.product(
        [(3, 3), (1, 5)], [1, 2], [0, 2], [1, 2], [1, 2]
    ):
        module = nn.Conv2d(4, 6, kernel, stride, padding, dilation, groups)
        x = torch.zeros(1, 4, 10, 12)
        size, params, macs = arithmetic.convolution(
            (10, 12),
            (6, 4 // groups, *kernel),
            Geometry((stride,) * 2, (padding,) * 2, (dilation,) * 2, groups),
        )
        shape = module(x).shape[-2:]
        assert size.values in (tuple(shape), (shape[0],) * 2)
        assert params.values == (sum(p.numel() for p in module.parameters()),)
        assert 2 * macs.values[0] == flops(module, x)


def test_transposed_convolutions_cost_what_torch_says() -> None:
    """Every input position is multiplied with the whole kernel."""
    for stride, padding, more in [(1, 0, 0), (2, 1, 1), (3, 0, 0)]:
        module = nn.ConvTranspose2d(3, 2, 4, stride, padding, more, bias=False)
        x = torch.zeros(1, 3, 5, 5)
        size, params, macs = arithmetic.transposed(
            (5, 5),
            (3, 2, 4, 4),
            Geometry((stride,) * 2, (padding,) * 2, output_padding=(more,) * 2),
            bias=False,
        )
        assert size.values[0] == module(x).shape[-1]
        assert params.values == (3 * 2 * 4 * 4,)
        assert 2 * macs.values[0] == flops(module, x)


def test_the_courses_example() -> None:
    """6x6x3, a 3x3 filter, 5 filters, no padding: 2,160 multiplications, 4 x 4 out."""
    size, _, macs = arithmetic.convolution((6, 6), (5, 3, 3, 3), Geometry())
    assert size.result == "4 × 4"
    assert macs.result == "2,160"


def test_the_numbers_stand_in_the_formula() -> None:
    """7 wide, 3 wide kernel, padding 1, stride 2: (7 + 2 - 2 - 1) / 2 + 1 = 4."""
    size, _, _ = arithmetic.convolution((7, 7), (1, 1, 3, 3), Geometry((2, 2), (1, 1)))
    assert "⌊(7 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 4" in size.plain


def test_a_pooling_has_nothing_to_learn() -> None:
    """AlexNet's first pooling: 55 to 27, 9 values each for 96 channels."""
    size, looked = arithmetic.pooling(96, (55, 55), (3, 3), Geometry((2, 2)))
    assert size.result == "27 × 27"
    assert looked.values == (96 * 27 * 27 * 9,)


@pytest.mark.parametrize(("size", "fits"), [((5, 5), True), ((4, 5), False)])
def test_a_window_just_fits(size: tuple[int, int], fits: bool) -> None:
    """3 wide with dilation 2 needs five positions."""
    spread = Geometry(dilation=(2, 2))
    if fits:
        assert geometry.output_size(size, (3, 3), spread) == (1, 1)
    else:
        with pytest.raises(BadRequest):
            geometry.output_size(size, (3, 3), spread)
