"""Pooling against torch's own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.convolution import pooling
from explorer.convolution.records import Geometry
from explorer.errors import BadRequest

X = np.random.default_rng(0).normal(size=(3, 8, 11))


@pytest.mark.parametrize("kind", ["max", "average"])
def test_equal_to_torch(kind: str) -> None:
    """Ordinary, overlapping (3 wide, stride 2), uneven and padded windows."""
    one = F.max_pool2d if kind == "max" else F.avg_pool2d
    for kernel, stride, padding in itertools.product(
        [(2, 2), (3, 3), (1, 4)], [(1, 1), (2, 2), (3, 2)], [(0, 0), (0, 1)]
    ):
        if 2 * padding[1] > kernel[1]:
            continue
        done = pooling.pool(X, kind, kernel, Geometry(stride, padding))
        expected = one(torch.from_numpy(X), kernel, stride, padding).numpy()
        np.testing.assert_allclose(done.output, expected, atol=1e-12)


def test_dilated_windows() -> None:
    """torch can spread the window of a max pooling too."""
    done = pooling.pool(X, "max", (3, 3), Geometry((2, 2), (1, 1), (2, 2)))
    expected = F.max_pool2d(torch.from_numpy(X), 3, 2, 1, 2).numpy()
    np.testing.assert_array_equal(done.output, expected)


def test_global_pooling_leaves_one_number_a_channel() -> None:
    """The mean and the maximum of each channel."""
    mean = F.adaptive_avg_pool2d(torch.from_numpy(X), 1).numpy()
    np.testing.assert_allclose(pooling.pool_all(X, "average").output, mean, atol=1e-12)
    most = F.adaptive_max_pool2d(torch.from_numpy(X), 1).numpy()
    np.testing.assert_array_equal(pooling.pool_all(X, "max").output, most)


@pytest.mark.parametrize(
    ("kernel", "padding", "says"),
    [((9, 2), (0, 0), "smaller kernel"), ((2, 2), (2, 2), "at most 1"), ((0, 2), (0, 0), "1 or")],
)
def test_impossible_windows(kernel: tuple[int, int], padding: tuple[int, int], says: str) -> None:
    """One sentence each."""
    with pytest.raises(BadRequest, match=says):
        pooling.pool(X, "max", kernel, Geometry(padding=padding))
