"""Rows of a run, as they are put together from one look to the next."""

from __future__ import annotations

import dataclasses

import numpy as np

from explorer.runs.records import Steps
from explorer.ui.live_rows import joined


def steps(*pairs: tuple[int, int]) -> Steps:
    """Rows of these numbers in the store and steps; every other column holds the step too."""
    number, step = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    others = {field.name: step for field in dataclasses.fields(Steps)}
    return Steps(**{**others, "number": number})


def test_newer_rows_are_put_behind_the_older_ones() -> None:
    """In all columns."""
    found = joined(steps((1, 1), (2, 2)), steps((5, 3)))
    assert found.number.tolist() == [1, 2, 5]
    for field in dataclasses.fields(Steps):
        if field.name != "number":
            assert getattr(found, field.name).tolist() == [1, 2, 3], field.name


def test_nothing_new_changes_nothing() -> None:
    """The very same columns stay."""
    before = steps((1, 1))
    assert joined(before, steps()) is before


def test_a_run_that_went_on_from_a_checkpoint_tells_its_steps_anew() -> None:
    """What it had told after the checkpoint is gone; a step never stands there twice."""
    found = joined(steps((1, 1), (2, 2), (3, 3), (4, 4)), steps((8, 3), (9, 4), (10, 5)))
    assert found.step.tolist() == [1, 2, 3, 4, 5]
    assert found.number.tolist() == [1, 2, 8, 9, 10]


def test_the_first_rows_are_taken_as_they_are() -> None:
    """A run that had told nothing at the last look."""
    assert joined(steps(), steps((1, 1), (2, 2))).step.tolist() == [1, 2]
