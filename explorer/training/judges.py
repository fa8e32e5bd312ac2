"""Who decides what an experiment's answer is: functions of the runs' records. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from explorer.training.experiment import Option, Verdict

if TYPE_CHECKING:
    from explorer.training.experiment import Variant
    from explorer.training.outcomes import Outcome
    from explorer.training.quantities import Quantity

Judge: TypeAlias = Callable[[Sequence["Outcome"]], Verdict]

NONE = "none"
"""The answer where runs differ by less than would be worth a word."""


def choices(variants: Sequence[Variant], none: str = "No clear difference") -> tuple[Option, ...]:
    """An option for each variant, and one for no difference."""
    return (*(Option(each.key, each.title) for each in variants), Option(NONE, none))


def best(quantity: Quantity, margin: float) -> Judge:
    """The variant that is best, if it is so by at least the margin over the second best."""
    return lambda outcomes: _ahead(outcomes, quantity, margin, worst=False)


def worst(quantity: Quantity, margin: float) -> Judge:
    """The variant that is worst, if it is so by at least the margin from the second worst.

    Of several that diverged none is the worst.
    """
    return lambda outcomes: _ahead(outcomes, quantity, margin, worst=True)


def _ahead(
    outcomes: Sequence[Outcome], quantity: Quantity, margin: float, *, worst: bool
) -> Verdict:
    ranked = sorted(outcomes, key=quantity.rank, reverse=not worst)
    first, second = (quantity.rank(each) for each in ranked[:2])
    numbers = listed(ranked, quantity)
    if first == second or abs(first - second) < margin:
        unit = {"%": " points", "": ""}.get(quantity.unit, f" {quantity.unit}")
        return Verdict(NONE, f"{numbers}; the first two differ by less than {margin:g}{unit}")
    return Verdict(ranked[0].key, numbers)


def listed(outcomes: Sequence[Outcome], quantity: Quantity) -> str:
    """A quantity of all runs in half a sentence."""
    parts = ", ".join(f"{each.title} {quantity.written(each)}" for each in outcomes)
    return f"{quantity.title}: {parts}"


def among(keys: Sequence[str], judge: Judge) -> Judge:
    """The same judge, shown these variants alone."""
    return lambda outcomes: judge([each for each in outcomes if each.key in keys])


def reached(key: str, quantity: Quantity, steps: Sequence[tuple[float, str]]) -> Judge:
    """Where a variant's number lies: the answer of the first step whose bound it does not exceed.

    `steps` are upper bounds, ascending, with their options; the last one is never exceeded.
    """

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        value = quantity.of(_named(outcomes, key))
        number = -np.inf if value is None else value
        answer = next(option for bound, option in steps if number <= bound)
        return Verdict(answer, listed(outcomes, quantity))

    return judge


def against(first: str, second: str, quantity: Quantity, margin: float) -> Judge:
    """Which of two variants is better, if one is so by at least the margin."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        two = [_named(outcomes, key) for key in (first, second)]
        return _ahead(two, quantity, margin, worst=False)

    return judge


def spread(quantity: Quantity, steps: Sequence[tuple[float, str]]) -> Judge:
    """How far the best run is from the worst one: the first step that it does not exceed.

    A run that diverged is as far from the others as can be.
    """

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        values = [quantity.rank(each) for each in outcomes]
        if not np.isfinite(values).all():
            return Verdict(steps[-1][1], listed(outcomes, quantity))
        width = max(values) - min(values)
        answer = next(option for bound, option in steps if width <= bound)
        return Verdict(answer, f"{listed(outcomes, quantity)}; {width:.1f} points apart")

    return judge


def _named(outcomes: Sequence[Outcome], key: str) -> Outcome:
    return next(each for each in outcomes if each.key == key)
