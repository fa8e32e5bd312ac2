"""The textbook's grids and bars say what the record says."""

from __future__ import annotations

import re

import numpy as np

from explorer.figures import arithmetic
from explorer.vision.arithmetic_records import Arithmetic, Edge


def made(channels: int = 2, side: int = 2) -> Arithmetic:
    """A convolution whose first row of cells is padding; channel c adds c + 1 for each cell."""
    patch = np.ones((channels, side, side), np.float32)
    patch[:, 0] = 0
    kernel = np.ones_like(patch) * -np.arange(1, channels + 1, dtype=np.float32)[:, None, None]
    edge = np.zeros((side, side), np.uint8)
    edge[0] = Edge.ZERO
    adds = (patch * kernel).sum((1, 2)).astype(np.float64)
    total = float(adds.sum())
    return Arithmetic(
        "conv", "convolution", tuple(range(-1, side - 1)), tuple(range(4, 4 + side)), 10, patch,
        edge, kernel, adds, total, 0.5, None, None, total + 0.5, total + 0.5,
    )  # fmt: skip


def test_three_grids_with_every_number() -> None:
    """Patch, kernel and products: twelve cells, the padding dashed, the sum below."""
    text = arithmetic.grids(made(), 1)
    assert text.count("<rect") == 12
    assert text.count("stroke-dasharray") == 2
    assert re.findall(r">([^<>]+)</text>", text) == [
        "0", "0", "1.00", "1.00", "−2.00", "−2.00", "−2.00", "−2.00", "0", "0", "−2.00", "−2.00",
    ]  # fmt: skip
    assert "input channel 11" in text
    assert "rows −1 to 0, columns 4 to 5" in text
    assert "sum −4.00" in text


def test_a_large_kernel_has_colours_only() -> None:
    """A patch of 16 by 16 as in ViT is too fine for digits."""
    text = arithmetic.grids(made(1, 16), 0)
    assert text.count("<rect") == 3 * 256
    assert "</text>" not in text


def test_bars_add_up_to_the_result() -> None:
    """The largest contributions, the rest as one bar, and the bias."""
    record = made(40)
    (bars,) = arithmetic.contributions(record).data
    assert len(bars.y) == arithmetic.MOST_BARS + 2
    assert sum(bars.y) == record.result
    assert bars.x[0] == "49"  # channel 10 + 39 adds most
    assert len(arithmetic.contribution_rows(record)) == 41


def test_numbers_are_short() -> None:
    """About three significant digits, a true minus sign, powers of ten where needed."""
    written = [arithmetic.number(each) for each in (0, 1.234, -0.01234, 123.4, -1e-7, 45678)]
    assert written == ["0", "1.23", "−0.012", "123", "−1e−7", "5e4"]
