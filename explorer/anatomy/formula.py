"""A formula with numbers in it: the same text as LaTeX and plain, and the value it comes to.

No torch here. Formulas are written once, in plain characters: `⌊(n_in + 2·p) / s⌋ + 1`. A name's
part after the underscore is its index; what stands between ⌊ and ⌋ is rounded down, between ⌈ and
⌉ up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "int | float"
Numbers: TypeAlias = Mapping[str, Value]

_NAME = re.compile(r"[A-Za-z]\w*")
_ROUNDED = {
    "⌊": ("\\left\\lfloor ", "⌋", "\\right\\rfloor "),
    "⌈": ("\\left\\lceil ", "⌉", "\\right\\rceil "),
}
_SIGNS = {"·": " \\cdot ", "−": "-", "×": " \\times "}


@dataclass(frozen=True, slots=True)
class Formula:
    """One number of a layer, explained.

    `general` and `with_numbers` are LaTeX, `plain` says the same without it; all are empty where
    there is nothing to calculate, and `sentence` says what is true instead. `result` is the value
    as written, `values` the number, or one per axis.
    """

    title: str
    general: str = ""
    with_numbers: str = ""
    plain: str = ""
    result: str = ""
    values: tuple[Value, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A formula for `symbol` as text, and as a function of the numbers named in it."""

    symbol: str
    text: str
    value: Callable[[Numbers], Value]


def applied(
    title: str, rule: Rule, axes: Sequence[Numbers], names: Sequence[str] = (), sentence: str = ""
) -> Formula:
    """Put numbers into a rule, once, or once per axis; axes that are alike share a line."""
    values = tuple(rule.value(numbers) for numbers in axes)
    alike = all(numbers == axes[0] for numbers in axes)
    lines = [
        ("" if alike or not names else names[place], _filled(rule.text, numbers), value)
        for place, (numbers, value) in enumerate(zip(axes, values, strict=True))
    ][: 1 if alike else None]
    # A rule of numbers only says nothing in general.
    general = "" if rule.text == lines[0][1] else f"{rule.symbol} = {rule.text}"
    written = [f"{name + ': ' if name else ''}{text} = {_number(v)}" for name, text, v in lines]
    return Formula(
        title,
        general=latex(general),
        with_numbers=_aligned(
            [f"{_named(name)}{latex(text)} = {_number(v)}" for name, text, v in lines]
        ),
        plain="; ".join(filter(None, [general, *written])),
        result=_result(values),
        values=values,
        sentence=sentence,
    )


def said(title: str, sentence: str, values: Sequence[Value] = ()) -> Formula:
    """A number, or none, that needs a sentence and no formula."""
    return Formula(title, result=_result(values), values=tuple(values), sentence=sentence)


def latex(text: str) -> str:
    """Turn a formula in plain characters into LaTeX."""
    for opening, (left, closing, right) in _ROUNDED.items():
        pattern = rf"{opening}\((.*)\) / (.+?){closing}"
        text = re.sub(pattern, rf"{opening}\\frac{{\1}}{{\2}}{closing}", text)
        text = text.replace(opening, left).replace(closing, right)
    text = re.sub(r"(?<![\\\w])([A-Za-z]+)_(\w+)", r"\1_{\\mathrm{\2}}", text)
    text = re.sub(r"^([A-Za-z]{2,})(?= =)", r"\\text{\1}", text)
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return text


def _filled(text: str, numbers: Numbers) -> str:
    return _NAME.sub(lambda name: _bracketed(numbers.get(name[0])) or name[0], text)


def _bracketed(value: Value | None) -> str:
    if value is None:
        return ""
    return f"({_number(value)})" if value < 0 else _number(value)


def _result(values: Sequence[Value]) -> str:
    """One count with commas, or the lengths of a shape without."""
    if len(values) == 1 and float(values[0]).is_integer():
        return f"{int(values[0]):,}"
    return " × ".join(map(_number, values))


def _number(value: Value) -> str:
    """All digits of a whole number, six significant ones of another."""
    if float(value).is_integer():
        return f"{int(value)}"
    return f"{value:.6g}"


def _named(axis: str) -> str:
    return f"\\text{{{axis}: }}" if axis else ""


def _aligned(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return "\\begin{aligned}" + " \\\\ ".join(f"&{line}" for line in lines) + "\\end{aligned}"
