"""What a test score means, in words and numbers that were worked out elsewhere."""

from __future__ import annotations

import dataclasses

import pytest

from explorer.finetune.intervals import wilson
from explorer.training.records import Began, Ended, Score
from explorer.ui.training_after import meaning

BEGAN = Began(
    "LeNet-5", 61_706, ("c1",), tuple("0123456789"), (1, 32, 32), 1293, 144, 360, 21, 210,
    top5=True, device="CPU", threads=1,
)  # fmt: skip
ENDED = Ended(
    "length", 10, 210, 3.0, Score(0.1, 97.0, 100.0, 1293), None, Score(0.2, 95.0, 100.0, 360)
)


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [
        (0.5, 10, 0.2366, 0.7634),
        (0.0, 20, 0.0, 0.1611),
        (1.0, 360, 0.9894, 1.0),
        (0.95, 360, 0.9223, 0.9681),
    ],
)
def test_wilsons_interval(share: float, count: int, low: float, high: float) -> None:
    """Scipy's binomtest(k, n).proportion_ci(method="wilson") gives these, to four places."""
    scipy = pytest.importorskip("scipy.stats")
    known = scipy.binomtest(round(share * count), count).proportion_ci(method="wilson")
    assert wilson(share, count) == pytest.approx((known.low, known.high), abs=2e-4)
    assert wilson(share, count) == pytest.approx((low, high), abs=2e-4)


def test_the_sentence_counts_what_was_read_wrongly() -> None:
    """Five per cent of 360 are 18; guessing among ten classes is right in a tenth."""
    said = meaning(ENDED, BEGAN)
    assert "Of 360 test pictures" in said
    assert "**18** were read wrongly by the last weights" in said
    assert "Guessing would be right in 10 %" in said
    # Of all pictures: another 360 would be outside of it more often, for they vary too.
    assert "Of all such pictures it reads 92.2 to 96.8 % (an interval that is right in" in said
    assert "by heart" not in said


def test_a_gap_between_training_and_test_is_called_learning_by_heart() -> None:
    """With what helps against it."""
    overfitted = dataclasses.replace(ENDED, test=Score(1.0, 80.0, None, 360), weights="best")
    said = meaning(overfitted, BEGAN)
    assert "17.0 points more often" in said
    assert "dropout would help" in said
    assert "by the best epoch's weights" in said


def test_what_is_hard_in_training_too_asks_for_more() -> None:
    """A larger network or a longer run."""
    weak = dataclasses.replace(
        ENDED, train=Score(1.0, 60.0, None, 1293), test=Score(1.0, 59.0, None, 360)
    )
    assert "a larger network or a longer run may help" in meaning(weak, BEGAN)


def test_a_run_that_was_stopped_was_not_tested() -> None:
    """And says why."""
    assert "not looked at" in meaning(dataclasses.replace(ENDED, test=None), BEGAN)
