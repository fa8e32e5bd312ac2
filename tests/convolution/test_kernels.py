"""The well-known kernels, as the books print them, and what they do to simple pictures."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.convolution import kernels, patterns
from explorer.convolution.records import Geometry
from explorer.convolution.sliding import convolve
from explorer.errors import BadRequest

BOOK = {
    "sobel_x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel_y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "gauss": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "box": [[1 / 9] * 3] * 3,
}


@pytest.mark.parametrize("kernel", kernels.KERNELS, ids=lambda each: each.name)
def test_three_by_three_is_the_books(kernel: kernels.Kernel) -> None:
    """Sobel, Laplacian, binomial blur, sharpening and relief in their usual form."""
    np.testing.assert_allclose(kernel.draw(3, 3), BOOK[kernel.name])


@pytest.mark.parametrize("size", [(2, 2), (3, 5), (5, 5), (7, 7), (4, 3)])
def test_blurs_keep_the_brightness_and_slopes_ignore_it(size: tuple[int, int]) -> None:
    """The weights of a mean add up to one, those of a difference to nothing."""
    for name, total in {"box": 1, "gauss": 1, "identity": 1, "sobel_x": 0, "sobel_y": 0}.items():
        assert kernels.named(name, size).sum() == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("name", "size"), [("sobel_x", (3, 1)), ("laplacian", (2, 3))])
def test_sizes_a_kernel_does_not_exist_in(name: str, size: tuple[int, int]) -> None:
    """One sentence says how large it must be."""
    with pytest.raises(BadRequest, match="choose"):
        kernels.named(name, size)


def test_unknown_names() -> None:
    """The known ones are listed."""
    with pytest.raises(BadRequest, match="sobel_x"):
        kernels.named("sobel_z", (3, 3))
    with pytest.raises(BadRequest, match="stripes"):
        patterns.grid("dots", 1, 5, 5)


@pytest.mark.parametrize("pattern", patterns.PATTERNS, ids=lambda each: each.name)
@pytest.mark.parametrize("size", [(5, 5), (12, 12), (5, 12), (4, 4)])
def test_patterns_are_whole_numbers_of_any_size(
    pattern: patterns.Pattern, size: tuple[int, int]
) -> None:
    """As many channels as asked for, none of them flat, all easy to reckon with."""
    grid = patterns.grid(pattern.name, 3, *size)
    assert grid.shape == (3, *size)
    assert (grid == grid.round()).all()
    assert (grid.max(axis=(1, 2)) > grid.min(axis=(1, 2))).all()


def test_a_point_prints_the_kernel_turned_round() -> None:
    """A single 1 under a sliding window shows the kernel rotated by 180 degrees."""
    kernel = kernels.named("emboss", (3, 3)) + np.arange(9).reshape(3, 3)
    done = convolve(patterns.grid("point", 1, 5, 5), kernel[None, None], None, Geometry())
    np.testing.assert_array_equal(done.output[0], kernel[::-1, ::-1])


def test_a_small_seven_is_whole() -> None:
    """No row is left out: the stroke goes on from the bar to the bottom, as drawn by hand."""
    assert (patterns.grid("digit", 1, 5, 5)[0] / 10).astype(int).tolist() == [
        [1, 1, 1, 1, 1],
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0],
    ]
