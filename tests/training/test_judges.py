"""Who decides: on outcomes written by hand."""

from __future__ import annotations

import pytest

from explorer.training import judges
from explorer.training.experiment import Variant
from explorer.training.quantities import (
    GAP,
    GRADIENT_RATIO,
    HELD_OUT_ACCURACY,
    SHARPNESS,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAIN_ACCURACY,
    TRAIN_ERROR,
    TRAIN_LOSS,
)
from explorer.training.recipe import checked
from tests.outcomes import outcome


def test_the_best_is_the_one_that_is_ahead() -> None:
    """By at least the margin; its numbers stand in the sentence, best first."""
    found = judges.best(TEST_ACCURACY, 1.0)(
        [outcome("a", test=80.0), outcome("b", test=91.0), outcome("c", test=90.0)]
    )
    assert found.answer == "b"
    assert found.because == "Test accuracy: B 91.0 %, C 90.0 %, A 80.0 %"


@pytest.mark.parametrize(("second", "answer"), [(90.49, "a"), (90.51, judges.NONE)])
def test_less_than_the_margin_is_no_difference(second: float, answer: str) -> None:
    """91 is half a point ahead of 90.5, and not of more than that."""
    found = judges.best(TEST_ACCURACY, 0.5)([outcome("a", test=91.0), outcome("b", test=second)])
    assert found.answer == answer
    assert ("less than 0.5 points" in found.because) == (answer == judges.NONE)


def test_a_low_loss_is_better_and_a_high_error_worse() -> None:
    """Which way is better belongs to the quantity."""
    two = [
        outcome("a", train=60.0, train_loss=0.2),
        outcome("b", train=70.0, train_loss=0.1),
    ]
    assert judges.best(TRAIN_LOSS, 0.05)(two).answer == "b"
    assert judges.worst(TRAIN_ERROR, 1.0)(two).answer == "a"


def test_a_run_that_diverged_is_the_worst() -> None:
    """However bad the others are; of two that diverged neither is."""
    bad, gone = outcome("bad", train=0.0), outcome("gone", diverged=True)
    assert judges.worst(TRAIN_ACCURACY, 1.0)([bad, gone]).answer == "gone"
    assert judges.best(TRAIN_ACCURACY, 1.0)([gone, bad]).answer == "bad"
    both = judges.worst(TRAIN_ACCURACY, 1.0)([gone, outcome("too", diverged=True), bad])
    assert both.answer == judges.NONE
    assert "GONE diverged" in both.because


@pytest.mark.parametrize(
    ("value", "answer"), [(10.0, "low"), (20.0, "low"), (20.1, "mid"), (95.0, "high")]
)
def test_reached_takes_the_first_bound_that_holds(value: float, answer: str) -> None:
    """Bounds are upper ones, and included."""
    judge = judges.reached("a", TRAIN_ACCURACY, ((20.0, "low"), (94.0, "mid"), (100.0, "high")))
    assert judge([outcome("b", train=50.0), outcome("a", train=value)]).answer == answer


def test_against_looks_at_two_alone() -> None:
    """The third one's numbers play no part."""
    three = [outcome("a", test=70.0), outcome("b", test=60.0), outcome("c", test=99.0)]
    found = judges.against("b", "a", TEST_ACCURACY, 1.0)(three)
    assert (found.answer, "C" in found.because) == ("a", False)


def test_spread_is_from_best_to_worst() -> None:
    """88 to 93.5: 5.5 points."""
    folds = [outcome("1", held_out=88.0), outcome("2", held_out=93.5), outcome("3", held_out=90.0)]
    judge = judges.spread(HELD_OUT_ACCURACY, ((1.0, "same"), (3.0, "near"), (100.0, "far")))
    found = judge(folds)
    assert found.answer == "far"
    assert "5.5 points apart" in found.because
    assert judge([*folds[:2], outcome("4", diverged=True)]).answer == "far"


def test_choices_are_the_variants_and_none_of_them() -> None:
    """In the order of the variants."""
    made = judges.choices([Variant("a", "A", checked()), Variant("b", "B", checked())])
    assert [each.key for each in made] == ["a", "b", judges.NONE]


def test_quantities_read_what_their_names_say() -> None:
    """Of one outcome written by hand."""
    told = outcome("a", train=90.0, test=80.0, train_loss=0.3, test_loss=0.6, sharpness=0.25)
    assert TRAIN_ERROR.of(told) == pytest.approx(10.0)
    assert GAP.of(told) == pytest.approx(10.0)
    assert TEST_LOSS.of(told) == 0.6
    assert SHARPNESS.of(told) == 0.25
    assert GRADIENT_RATIO.of(told) == pytest.approx(0.25)
    assert TRAIN_ACCURACY.written(told) == "90.0 %"
    assert SHARPNESS.written(outcome("b")) == "not known"
