"""Numbers are written the same way everywhere, with the unit's convention."""

import locale
import subprocess
import sys

import pytest

from explorer import units
from explorer.errors import BadRequest

RESNET50_PARAMS = 25_557_032  # torchvision's weights.meta["num_params"]
RESNET50_MACS = 4_089_184_256  # FlopCounterMode / 2 at 224 x 224


def test_a_count_keeps_every_digit() -> None:
    """Thousands are separated by commas."""
    assert units.count(RESNET50_PARAMS) == "25,557,032"
    assert units.count(0) == "0"
    assert units.count(None) == "unknown"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1000, "1.00 k"),
        (61_706, "61.7 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (999_999, "1.00 M"),
        (RESNET50_PARAMS, "25.6 M"),
        (9_996, "10.0 k"),
        (99_960, "100 k"),
        (4_089_184_256, "4.09 G"),
        (10**21, "1000 E"),
        (-1_500, "-1.50 k"),
        (None, "unknown"),
    ],
)
def test_short_numbers_keep_three_digits(number: int | None, text: str) -> None:
    """Rounding never shows four digits or an outgrown prefix."""
    assert units.short(number) == text


def test_flops_are_twice_the_macs() -> None:
    """The convention is in the unit."""
    assert units.cost(RESNET50_MACS) == "4.09 GMACs"
    assert units.cost(RESNET50_MACS, "FLOPs") == "8.18 GFLOPs"
    assert units.operations(RESNET50_MACS, "FLOPs") == 2 * RESNET50_MACS
    assert units.cost(672) == "672 MACs"
    assert set(units.CONVENTIONS) == {"MACs", "FLOPs"}


def test_an_unknown_cost_is_said() -> None:
    """None is never written as zero."""
    assert units.cost(None) == "not counted"
    assert units.cost(0) == "0 MACs"


def test_bytes_have_decimal_prefixes() -> None:
    """The memory of fp32 weights is four times their count, in the same prefix."""
    assert units.memory(4 * RESNET50_PARAMS) == "102 MB"
    assert units.memory(512) == "512 B"
    assert units.memory(85_000_000_000) == "85.0 GB"
    assert units.memory(None) == "unknown"


def test_shapes_and_axes() -> None:
    """One multiplication sign between the lengths, fractions as they are."""
    assert units.shape((64, 112, 112)) == "64 × 112 × 112"
    assert units.shape(()) == "1"
    assert units.axes((427, 427)) == "427 × 427"
    assert units.axes((2.0, 0.5, None)) == "2 × 0.5 × ?"
    assert units.axes((12_345_678, -1.0 / 3)) == "12345678 × -0.333333"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (85e-9, "85.0 ns"),
        (850e-6, "850 µs"),
        (0.0123, "12.3 ms"),
        (0.9996, "1.00 s"),
        (1.236, "1.24 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.8, "1 h 00 min"),
        (3725, "1 h 02 min"),
        (None, "unknown"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    """Times choose the unit a person would."""
    assert units.duration(seconds) == text


def test_rates_and_percentages() -> None:
    """Throughputs and shares read as a sentence would say them."""
    assert units.rate(412.3) == "412 images/s"
    assert units.rate(3.14159) == "3.14 images/s"
    assert units.rate(8926, "images") == "8.93 k images/s"
    assert units.percent(1 - 18 / 25) == "28.0 %"
    assert units.percent(0.76130, 2) == "76.13 %"
    assert units.percent(None) == "unknown"


@pytest.mark.parametrize(
    ("text", "size"),
    [("224", (224, 224)), ("224x320", (224, 320)), (" 32 X 48 ", (32, 48)), ("0", (0, 0))],
)
def test_sizes_are_read(text: str, size: tuple[int, int]) -> None:
    """One number is a square, two are height and width."""
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "224x", "-1", "1.5", "224x224x3", "big", "٣"])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    """The error says how to write one."""
    with pytest.raises(BadRequest, match="write H or HxW"):
        units.parse_size(text)


def test_the_locale_changes_nothing() -> None:
    """A German number format must not turn commas into points."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "C.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert units.count(1_234_567) == "1,234,567"
            assert units.duration(1.236) == "1.24 s"
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_units_load_no_torch() -> None:
    """The page server imports this module."""
    code = "import sys, explorer.units; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
