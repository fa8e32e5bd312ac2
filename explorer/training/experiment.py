"""An experiment: runs set against each other, a question to guess at, and a judge. No torch here.

The answer is never written down: a judge reads it off what the runs recorded. What the textbook
expects is written down, so that it can be said when a run here does not show it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.runs.curves import Axis
    from explorer.training.outcomes import Outcome
    from explorer.training.quantities import Quantity
    from explorer.training.recipe import Recipe

Study: TypeAlias = Literal["", "flatness", "folds", "decision", "members", "gradients", "costs"]
"""What finished runs are looked at with, beside their curves."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the runs: its key, its name in legends, and what is trained."""

    key: str
    title: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that may be guessed."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer that the runs gave: an option's key, and the numbers that decide in a sentence."""

    answer: str
    because: str


@dataclass(frozen=True, slots=True)
class Guess:
    """What may be guessed, and what decides.

    `expected` is the option that the textbook would have come out.
    """

    question: str
    options: tuple[Option, ...]
    expected: str
    judge: Callable[[Sequence[Outcome]], Verdict]

    def text(self, key: str) -> str:
        """The words of an option."""
        return next(option.text for option in self.options if option.key == key)


@dataclass(frozen=True, slots=True)
class Check:
    """Something else that the textbook expects of the same runs, and who decides.

    `says` is the expectation as a sentence; it is shown where the judge answers `expected`.
    """

    says: str
    expected: str
    judge: Callable[[Sequence[Outcome]], Verdict]


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn while the runs go on: a metric of `explorer.runs.curves`, against an axis."""

    metric: str
    axis: Axis = "epoch"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A question that runs of training answer.

    `lesson` is the sentence it shows, `caveat` when that is not the whole truth, `setting` what is
    trained on what. `quantities` are the columns of its table. `minutes` is how long it takes on
    two CPU cores, measured.
    """

    key: str
    title: str
    question: str
    setting: str
    lesson: str
    caveat: str
    paper: str
    link: str
    variants: tuple[Variant, ...]
    guess: Guess
    curves: tuple[Curves, ...]
    quantities: tuple[Quantity, ...]
    minutes: float
    study: Study = ""
    checks: tuple[Check, ...] = ()

    def recipes(self, seed: int = 0) -> tuple[Recipe, ...]:
        """What each variant trains, with its seed so much higher."""
        return tuple(
            dataclasses.replace(each.recipe, seed=each.recipe.seed + seed) for each in self.variants
        )
