"""The sliding window against torch's own, and what it says of impossible windows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.convolution import sliding
from explorer.convolution.records import ACTIVATIONS, PADDING_MODES, Geometry
from explorer.errors import BadRequest


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal numbers, the same in every run."""
    return np.random.default_rng(seed).normal(size=shape)


def torchs(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """What torch makes of the same, its own padding included."""
    p, q = geometry.padding
    mode = {"zeros": "constant"}.get(geometry.mode, geometry.mode)
    bordered = F.pad(torch.from_numpy(x)[None], (q, q, p, p), mode=mode)
    result = F.conv2d(
        bordered,
        torch.from_numpy(weight),
        None if bias is None else torch.from_numpy(bias),
        stride=geometry.stride,
        dilation=geometry.dilation,
        groups=geometry.groups,
    )
    return result[0].numpy()


@pytest.mark.parametrize("mode", PADDING_MODES)
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (5, 5), (1, 4), (7, 3)])
def test_equal_to_torch_for_every_stride_dilation_and_padding(
    mode: str, kernel: tuple[int, int]
) -> None:
    """All that fits of strides, dilations and paddings, axis by axis different."""
    x, weight, bias = numbers(3, 9, 11), numbers(4, 3, *kernel, seed=1), numbers(4, seed=2)
    tried = 0
    for stride, dilation, padding in itertools.product(
        [(1, 1), (2, 3)], [(1, 1), (1, 2), (2, 1)], [(0, 0), (1, 2), (3, 3)]
    ):
        geometry = Geometry(stride, padding, dilation, 1, mode)
        if any(
            d * (k - 1) + 1 > n + 2 * p
            for n, p, d, k in zip((9, 11), padding, dilation, kernel, strict=True)
        ):
            continue
        tried += 1
        done = sliding.convolve(x, weight, bias, geometry)
        np.testing.assert_allclose(done.output, torchs(x, weight, bias, geometry), atol=1e-12)
    assert tried >= 6


@pytest.mark.parametrize(("channels", "outputs", "groups"), [(6, 4, 2), (4, 8, 4), (3, 3, 3)])
def test_equal_to_torch_in_groups(channels: int, outputs: int, groups: int) -> None:
    """Each group of outputs reads its own group of inputs; depthwise is as many groups as both."""
    x, weight = numbers(channels, 6, 6), numbers(outputs, channels // groups, 3, 3, seed=1)
    geometry = Geometry(groups=groups, padding=(1, 1))
    done = sliding.convolve(x, weight, None, geometry)
    np.testing.assert_allclose(done.output, torchs(x, weight, None, geometry), atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_activation_is_torchs(activation: str) -> None:
    """The sums stay what they were beside what the activation makes of them."""
    x, weight = numbers(1, 5, 5) * 300, numbers(1, 1, 3, 3, seed=1)
    done = sliding.convolve(x, weight, None, Geometry(), activation)
    same = {"none": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    expected = same[activation](torch.from_numpy(done.sums)).numpy()
    np.testing.assert_allclose(done.output, expected, atol=1e-12)


def test_an_edge_by_hand() -> None:
    """Rows of 10 10 0 under −1 0 1 weighted 1 2 1: 0 on flat ground, −40 across the edge."""
    x = np.tile([10.0, 10.0, 10.0, 0.0, 0.0, 0.0], (1, 5, 1))
    weight = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])[None, None]
    done = sliding.convolve(x, weight, None, Geometry())
    assert done.output[0].tolist() == [[0.0, -40.0, -40.0, 0.0]] * 3


def test_a_kernel_as_large_as_its_input_is_a_fully_connected_layer() -> None:
    """The same numbers as torch's linear layer on the flattened input, bias included."""
    x, weight, bias = numbers(2, 4, 5), numbers(3, 2, 4, 5, seed=1), numbers(3, seed=2)
    done = sliding.convolve(x, weight, bias, Geometry())
    flat = F.linear(
        torch.from_numpy(x).flatten(),
        torch.from_numpy(weight).flatten(1),
        torch.from_numpy(bias),
    )
    assert done.output.shape == (3, 1, 1)
    np.testing.assert_allclose(done.output.ravel(), flat.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "weight", "geometry", "says"),
    [
        ((1, 4, 4), (1, 1, 5, 5), Geometry(), "choose a smaller kernel"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(dilation=(2, 2)), "smaller kernel or dilation"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(padding=(4, 4), mode="reflect"), "at most 3"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(padding=(5, 5), mode="circular"), "at most 4"),
        ((3, 4, 4), (2, 1, 3, 3), Geometry(groups=2), "divides 3"),
        ((4, 4, 4), (3, 2, 3, 3), Geometry(groups=2), "divides 3"),
        ((3, 4, 4), (1, 1, 3, 3), Geometry(), "1 deep and the input has 3"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(stride=(0, 1)), "stride cannot be 0"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(dilation=(1, -1)), "dilation cannot be -1"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(padding=(-1, 0)), "padding cannot be -1"),
        ((1, 4, 4), (1, 1, 3, 3), Geometry(groups=0), "0 groups"),
    ],
)
def test_impossible_geometry_is_one_sentence(
    shape: tuple[int, ...], weight: tuple[int, ...], geometry: Geometry, says: str
) -> None:
    """It names what does not fit and what to choose instead."""
    with pytest.raises(BadRequest) as caught:
        sliding.convolve(np.zeros(shape), np.zeros(weight), None, geometry)
    assert says in str(caught.value)
    assert str(caught.value).count(".") == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e9])
def test_an_empty_cell_is_named(bad: float) -> None:
    """Row and column counted from 1, as a person does."""
    x = np.zeros((1, 4, 4))
    x[0, 1, 2] = bad
    with pytest.raises(BadRequest, match="row 2, column 3 of the input"):
        sliding.convolve(x, np.ones((1, 1, 3, 3)), None, Geometry())
