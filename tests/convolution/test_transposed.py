"""The transposed convolution against torch's own, and its stamps by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.convolution import transposed
from explorer.convolution.records import Geometry
from explorer.errors import BadRequest


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal numbers, the same in every run."""
    return np.random.default_rng(seed).normal(size=shape)


def torchs(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """What torch makes of the same."""
    return F.conv_transpose2d(
        torch.from_numpy(x)[None],
        torch.from_numpy(weight),
        None if bias is None else torch.from_numpy(bias),
        geometry.stride, geometry.padding, geometry.output_padding,
        geometry.groups, geometry.dilation,
    )[0].numpy()  # fmt: skip


@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (4, 2), (5, 5)])
def test_equal_to_torch(kernel: tuple[int, int]) -> None:
    """Strides, paddings, dilations and output paddings, axis by axis different."""
    x, weight, bias = numbers(2, 4, 5), numbers(2, 3, *kernel, seed=1), numbers(3, seed=2)
    for stride, padding, dilation, more in itertools.product(
        [(1, 1), (2, 2), (3, 2)], [(0, 0), (1, 0)], [(1, 1), (2, 1)], [(0, 0), (1, 1)]
    ):
        if any(a >= max(s, d) for a, s, d in zip(more, stride, dilation, strict=True)):
            continue
        geometry = Geometry(stride, padding, dilation, output_padding=more)
        done = transposed.transpose(x, weight, bias, geometry)
        np.testing.assert_allclose(done.output, torchs(x, weight, bias, geometry), atol=1e-12)


def test_equal_to_torch_in_groups() -> None:
    """Two groups of two channels in, each giving three out."""
    x, weight = numbers(4, 3, 3), numbers(4, 3, 3, 3, seed=1)
    geometry = Geometry(stride=(2, 2), padding=(1, 1), groups=2)
    done = transposed.transpose(x, weight, None, geometry)
    np.testing.assert_allclose(done.output, torchs(x, weight, None, geometry), atol=1e-12)


def test_stamps_are_what_a_field_of_ones_adds_up_to() -> None:
    """Ones stamping ones count themselves."""
    for kernel, stride, padding in itertools.product([(3, 3), (4, 4)], [1, 2, 3], [0, 1]):
        geometry = Geometry((stride, stride), (padding, padding))
        ones = transposed.transpose(np.ones((1, 3, 4)), np.ones((1, 1, *kernel)), None, geometry)
        np.testing.assert_array_equal(ones.stamps, ones.output[0])


def test_a_checkerboard_by_hand() -> None:
    """At stride 2 a kernel of three gives 1 1 2 1 2 1 1 stamps, one of four the same 2 inside."""
    three = transposed.stamps((1, 3), (1, 3), Geometry((1, 2)))
    assert three.tolist() == [[1, 1, 2, 1, 2, 1, 1]]
    four = transposed.stamps((1, 3), (1, 4), Geometry((1, 2), (0, 1)))
    assert four.tolist() == [[1, 2, 2, 2, 2, 1]]


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (Geometry(padding=(5, 5)), "less padding"),
        (Geometry(stride=(2, 2), output_padding=(2, 2)), "smaller output padding"),
        (Geometry(stride=(0, 2)), "stride cannot be 0"),
        (Geometry(groups=2), "divides 1"),
    ],
)
def test_impossible_geometry(geometry: Geometry, says: str) -> None:
    """One sentence each."""
    with pytest.raises(BadRequest, match=says):
        transposed.transpose(np.ones((1, 3, 3)), np.ones((1, 1, 3, 3)), None, geometry)
