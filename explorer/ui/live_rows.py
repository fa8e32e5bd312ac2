"""The rows of runs that a visitor looks at: each look asks the store for newer ones alone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.runs.records import OVER, Steps
from explorer.ui import cached

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.records import Epoch

_KEPT = "live_rows"
MOST_RUNS = 24
"""Runs whose rows a session keeps."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a run told so far, steps as columns; `ended` is when it did, None while it goes on."""

    steps: Steps
    epochs: tuple[Epoch, ...]
    ended: float | None


def of(run: Run) -> Rows:
    """All rows of a run; those known from the last look are not read again."""
    kept: dict[str, Rows] = st.session_state.setdefault(_KEPT, {})
    before = kept.pop(run.id, None)
    ended = run.ended if run.state in OVER else None
    if before is None or ended is None or before.ended != ended:
        before = _read(run.id, before, ended)
    kept[run.id] = before
    for old in list(kept)[:-MOST_RUNS]:
        del kept[old]
    return before


def _read(run: str, before: Rows | None, ended: float | None) -> Rows:
    store = cached.store()
    if before is None:
        return Rows(store.steps(run), store.epochs(run), ended)
    last = int(before.steps.number[-1]) if len(before.steps.number) else 0
    return Rows(joined(before.steps, store.steps(run, last)), store.epochs(run), ended)


def joined(before: Steps, new: Steps) -> Steps:
    """Rows and the newer ones; a run that went on from a checkpoint tells of its steps anew."""
    if not len(new.number):
        return before
    keep = before.step < new.step[0]
    columns = {
        field.name: np.concatenate((getattr(before, field.name)[keep], getattr(new, field.name)))
        for field in dataclasses.fields(Steps)
    }
    return Steps(**columns)
