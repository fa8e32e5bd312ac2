"""Single numbers of a run that experiments are judged by. No torch here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from explorer.training.outcomes import Outcome
    from explorer.training.records import Score


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a run: `of` gives None where there is none, `says` is its convention.

    `high` says whether a larger one is better; a run that diverged is worse than any other.
    `prized` says whether the best one is worth pointing out.
    """

    title: str
    unit: str
    says: str
    high: bool
    of: Callable[[Outcome], float | None]
    prized: bool = True

    def written(self, outcome: Outcome) -> str:
        """The number as it is shown, with its unit."""
        value = self.of(outcome)
        if value is None or not np.isfinite(value):
            return "diverged" if outcome.diverged else "not known"
        number = f"{value:.1f}" if self.unit in ("%", "points", "s") else f"{value:.3g}"
        return f"{number} {self.unit}".strip()

    def rank(self, outcome: Outcome) -> float:
        """A number that is larger for a better run; that of a diverged one is minus infinity."""
        value = self.of(outcome)
        if outcome.diverged or value is None or np.isnan(value):
            return -np.inf
        return value if self.high else -value


def _last_train(outcome: Outcome) -> Score | None:
    return None if outcome.diverged or not outcome.epochs else outcome.epochs[-1].train


def _train_accuracy(outcome: Outcome) -> float | None:
    score = _last_train(outcome)
    return None if score is None else score.top1


def _train_error(outcome: Outcome) -> float | None:
    accuracy = _train_accuracy(outcome)
    return None if accuracy is None else 100.0 - accuracy


def _train_loss(outcome: Outcome) -> float | None:
    score = _last_train(outcome)
    return None if score is None else score.loss


def _test(outcome: Outcome) -> Score | None:
    return None if outcome.ended is None else outcome.ended.test


def _test_accuracy(outcome: Outcome) -> float | None:
    score = _test(outcome)
    return None if score is None else score.top1


def _test_loss(outcome: Outcome) -> float | None:
    score = _test(outcome)
    return None if score is None else score.loss


def _held_out(outcome: Outcome) -> float | None:
    score = None if outcome.ended is None else outcome.ended.validation
    return None if score is None else score.top1


def _gap(outcome: Outcome) -> float | None:
    train, test = _train_accuracy(outcome), _test_accuracy(outcome)
    return None if train is None or test is None else train - test


def _seconds(outcome: Outcome) -> float | None:
    return None if outcome.ended is None else outcome.ended.seconds


def _epochs(outcome: Outcome) -> float | None:
    return None if outcome.ended is None else outcome.ended.epochs


def _gradient_ratio(outcome: Outcome) -> float | None:
    """The first layer's gradient by the last one's, at the first step that was told of."""
    norms = outcome.layers.gradient_norms
    if norms.ndim != 2 or not norms.size or not norms[0, -1]:
        return None
    return float(norms[0, 0] / norms[0, -1])


_SHOWN = "over the last epoch's batches as they were shown (of an ensemble, at its end)"
_TESTED = "on the test pictures, at the end"

TRAIN_ERROR = Quantity("Training error", "%", f"Wrong answers {_SHOWN}.", False, _train_error)
TRAIN_ACCURACY = Quantity(
    "Training accuracy", "%", f"Right answers {_SHOWN}.", True, _train_accuracy
)
TRAIN_LOSS = Quantity("Training loss", "", f"The recipe's own loss {_SHOWN}.", False, _train_loss)
TEST_ACCURACY = Quantity("Test accuracy", "%", f"Right answers {_TESTED}.", True, _test_accuracy)
TEST_LOSS = Quantity("Test loss", "", f"The recipe's own loss {_TESTED}.", False, _test_loss)
HELD_OUT_ACCURACY = Quantity(
    "Held-out accuracy", "%", "Right answers on the pictures held out, at the end.", True, _held_out
)
GAP = Quantity(
    "Gap",
    "points",
    "Training accuracy less test accuracy, in percentage points.",
    False,
    _gap,
    False,
)
SECONDS = Quantity(
    "Training time",
    "s",
    "Time spent training, evaluation and pauses left out.",
    False,
    _seconds,
    False,
)
EPOCHS = Quantity(
    "Epochs", "", "How often every training picture was shown.", False, _epochs, False
)
GRADIENT_RATIO = Quantity(
    "First by last gradient", "",
    "Norm of the first layer's gradient divided by the last layer's, at the first step.",
    True, _gradient_ratio, False,
)  # fmt: skip
SHARPNESS = Quantity(
    "Sharpness", "",
    "Rise of the training loss where every filter is moved by half its norm, a mean over random "
    "directions.",
    False, lambda outcome: outcome.sharpness,
)  # fmt: skip
