"""Numbers as a person reads them, the same whatever the computer's locale. No torch here.

Conventions, which every page and export shares: a MAC is one multiply-add and counts as two
FLOPs; prefixes are decimal (1 MB is 1,000,000 bytes, so 25.6 M parameters of 4 bytes are
102 MB); shortened numbers keep three significant digits; a number nobody knows is "unknown" or
"not counted", never 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from explorer.errors import BadRequest

Convention: TypeAlias = Literal["MACs", "FLOPs"]

CONVENTIONS: dict[Convention, str] = {
    "MACs": "1 MAC is one multiplication with its addition",
    "FLOPs": "1 MAC counts as 2 FLOPs: a multiplication and an addition",
}

NOT_COUNTED = "not counted"
UNKNOWN = "unknown"
TIMES = " × "

_PREFIXES = ("", "k", "M", "G", "T", "P", "E")
_SMALL_PREFIXES = ("", "m", "µ", "n")


def count(number: int | None) -> str:
    """Write every digit: 25557032 -> "25,557,032"."""
    return UNKNOWN if number is None else f"{number:,}"


def short(number: float | None) -> str:
    """Write three significant digits and a prefix: 25557032 -> "25.6 M"; under 1,000 exactly."""
    return UNKNOWN if number is None else " ".join(_scaled(number)).rstrip()


def operations(macs: int, convention: Convention = "MACs") -> int:
    """Multiply-adds as a number of the chosen unit: FLOPs are twice the MACs."""
    return 2 * macs if convention == "FLOPs" else macs


def cost(macs: int | None, convention: Convention = "MACs") -> str:
    """Write multiply-adds with their unit: "4.09 GMACs", or "8.18 GFLOPs"."""
    if macs is None:
        return NOT_COUNTED
    figure, prefix = _scaled(operations(macs, convention))
    return f"{figure} {prefix}{convention}"


def memory(number: float | None) -> str:
    """Write bytes with a decimal prefix: 102228128 -> "102 MB"."""
    if number is None:
        return UNKNOWN
    figure, prefix = _scaled(number)
    return f"{figure} {prefix}B"


def shape(lengths: Sequence[int]) -> str:
    """Write a tensor's shape: (64, 112, 112) -> "64 × 112 × 112"; a scalar has the shape "1"."""
    return TIMES.join(str(each) for each in lengths) or "1"


def axes(numbers: Sequence[float | None]) -> str:
    """Write one number per axis, fractions as such: (2.0, 0.5, None) -> "2 × 0.5 × ?"."""
    return TIMES.join("?" if each is None else _axis(each) for each in numbers)


def percent(fraction: float | None, digits: int = 1) -> str:
    """Write a fraction as a percentage: 0.28 -> "28.0 %"."""
    return UNKNOWN if fraction is None else f"{100 * fraction:.{digits}f} %"


def duration(seconds: float | None) -> str:
    """Write a time: "850 µs", "12.3 ms", "1.24 s", "2 min 05 s", "1 h 02 min"."""
    if seconds is None:
        return UNKNOWN
    if seconds >= 3600 - 0.5:
        minutes = round(seconds / 60)
        return f"{minutes // 60} h {minutes % 60:02d} min"
    if seconds >= 59.95:
        whole = round(seconds)
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{_small(seconds)}s"


def rate(per_second: float | None, unit: str = "images") -> str:
    """Write a throughput: "412 images/s", three significant digits."""
    if per_second is None:
        return UNKNOWN
    figure, prefix = _scaled(per_second, fractions=True)
    return f"{figure} {prefix} {unit}/s" if prefix else f"{figure} {unit}/s"


def parse_size(text: str) -> tuple[int, int]:
    """Read "224" or "224x320" as (height, width) in pixels.

    Raises:
        BadRequest: the text is neither. The range is for whoever uses the size to check.
    """
    found = re.fullmatch(r"\s*(\d{1,9})(?:\s*[x×X]\s*(\d{1,9}))?\s*", text, re.ASCII)
    if found is None:
        raise BadRequest(f"Size {text!r} is not a size: write H or HxW, such as 224 or 224x320.")
    height, width = found.groups()
    return int(height), int(width or height)


def _axis(number: float) -> str:
    """Every digit of a whole number, six significant ones of another."""
    return str(int(number)) if float(number).is_integer() else f"{number:.6g}"


def _scaled(number: float, *, fractions: bool = False) -> tuple[str, str]:
    """Digits and prefix of a number; whole numbers under 1,000 stay as they are."""
    value, steps = float(number), 0
    # 999.5, because three digits would write it as 1000.
    while abs(value) >= 999.5 and steps < len(_PREFIXES) - 1:
        value, steps = value / 1000, steps + 1
    exact = steps == 0 and not fractions and value == round(value)
    return (str(round(value)) if exact else _three_digits(value)), _PREFIXES[steps]


def _small(number: float) -> str:
    """Digits and prefix of a number that may be under 1: 0.0123 -> "12.3 m"."""
    value, steps = number, 0
    while 0 < abs(value) < 0.9995 and steps < len(_SMALL_PREFIXES) - 1:
        value, steps = value * 1000, steps + 1
    return f"{_three_digits(value) if value else '0'} {_SMALL_PREFIXES[steps]}"


def _three_digits(value: float) -> str:
    """Three significant digits without an exponent: 4.089 -> "4.09", 25.55 -> "25.6"."""
    magnitude = abs(value)
    decimals = 2 if magnitude < 9.995 else 1 if magnitude < 99.95 else 0
    return f"{value:.{decimals}f}"
