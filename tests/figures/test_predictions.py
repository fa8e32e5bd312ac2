"""Bars of probabilities: as long as the numbers, and told apart by words too."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import predictions as figure
from explorer.figures.predictions import ANSWER, RANDOM, RIGHT
from explorer.vision.prediction_records import changes, judged, ranked

NAMES = ("cat", "dog", "house", "football", "lion")
SCORES = np.array([0.1, 0.6, 0.05, 0.05, 0.2])


def words(drawn: object) -> list[str]:
    """All that is written above bars."""
    return [each.text for each in drawn.layout.annotations]  # type: ignore[attr-defined]


def test_bars_are_the_probabilities() -> None:
    """Three bars of 0.6, 0.2 and 0.1 on a track of 1, named above."""
    drawn = figure.top(ranked(SCORES, NAMES, 3))
    track, bars = drawn.data
    assert list(track.x) == [1, 1, 1]
    assert list(bars.x) == [0.6, 0.2, 0.1]
    assert words(drawn) == ["dog", "60.0 %", "lion", "20.0 %", "cat", "10.0 %"]
    assert set(bars.marker.color) == {ANSWER}
    assert drawn.layout.xaxis.range == (0, 1)


def test_the_right_class_is_marked_and_stands_below_if_it_is_far_down() -> None:
    """In words and in colour; one that is among the bars is not drawn twice."""
    guesses = ranked(SCORES, NAMES, 2)
    inside = figure.top(guesses, right=judged(SCORES, NAMES, 4))
    assert list(inside.data[1].marker.color) == [ANSWER, RIGHT]
    assert "lion · right, rank 2" in words(inside)
    below = figure.top(guesses, right=judged(SCORES, NAMES, 3))
    assert list(below.data[1].x) == [0.6, 0.2, 0.05]
    assert list(below.data[1].marker.color) == [ANSWER, ANSWER, RIGHT]
    assert "football · right, rank 5" in words(below)


def test_random_answers_have_another_colour() -> None:
    """The colour of the warning."""
    drawn = figure.top(ranked(SCORES, NAMES, 2), random=True)
    assert set(drawn.data[1].marker.color) == {RANDOM}


def test_names_are_text_and_not_markup() -> None:
    """A class of the user's own network may be called anything."""
    drawn = figure.top(ranked([1.0], ["<b>x</b>"], 1))
    assert words(drawn)[0] == "&lt;b&gt;x&lt;/b&gt;"


def test_before_and_after() -> None:
    """Two bars a class, its ranks in words where they change."""
    after = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    found = changes(SCORES, after, NAMES, 2)
    drawn = figure.before_and_after(found, "one", "ten")
    assert {trace.name: list(trace.x) for trace in drawn.data} == {
        "one": [0.1, 0.6, 0.2], "ten": [0.5, 0.3, 0.04],
    }  # fmt: skip
    assert words(drawn)[0] == "cat · rank 3 → 1"
    assert words(drawn)[1] == "10.0 % → 50.0 %"
    rows = figure.change_rows(found, "one", "ten")
    assert rows[0] == {
        "class": "cat", "probability, one": 0.1, "probability, ten": 0.5, "rank, one": 3,
        "rank, ten": 1,
    }  # fmt: skip


def test_the_table_has_every_number() -> None:
    """Rank, class with its own number, probability and score."""
    row = figure.top_rows(ranked(SCORES, NAMES, 1))[0]
    assert (row["rank"], row["class"], row["index"], row["probability"]) == (1, "dog", 1, 0.6)


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "0.0 %"), (1e-9, "< 0.1 %"), (0.0004, "< 0.1 %"), (0.0005, "0.1 %"),
        (0.687, "68.7 %"),
        (0.99949, "99.9 %"), (0.9996, "> 99.9 %"), (1.0, "100.0 %"),
    ],
)  # fmt: skip
def test_shares_are_never_a_false_nothing_or_everything(probability: float, shown: str) -> None:
    """What is nearly 0 or nearly 1 is said to be nearly so."""
    assert figure.percent(probability) == shown
