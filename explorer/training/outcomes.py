"""What came of one run of an experiment, as its judge reads it. No torch here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.runs.records import LayerSteps, Steps
from explorer.training.records import Began, Ended, Epoch, Layers, Step

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.runs.store import RunStore
    from explorer.training.records import Record

_COLUMNS = (
    "step", "epoch", "seconds", "loss", "accuracy", "learning_rate", "samples_per_second",
    "gradient_norm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """The records of one run, under the key and name of its variant.

    `ended` is None for a run that did not come to its end; `diverged` says that this was because
    its loss grew beyond all bounds, which is an answer too. `sharpness` is known once a study
    looked (`explorer.training.flatness`).
    """

    key: str
    title: str
    began: Began | None
    steps: Steps
    layers: LayerSteps
    epochs: tuple[Epoch, ...]
    ended: Ended | None
    diverged: bool = False
    sharpness: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it is an answer: it ran its length, or diverged."""
        return self.diverged or self.ended is not None


DIVERGED = "is no number any more"
"""What is in the sentence of a run that diverged, and of no other."""


def of_run(store: RunStore, run: Run, key: str, sharpness: float | None = None) -> Outcome:
    """What came of a run in the store, as the variant `key` of its experiment."""
    return Outcome(
        key,
        run.variant,
        run.began,
        store.steps(run.id),
        store.layers(run.id),
        store.epochs(run.id),
        run.result if run.state == "done" else None,
        run.state == "failed" and DIVERGED in run.sentence,
        sharpness,
    )


def gathered(key: str, title: str, records: Iterable[Record], *, diverged: bool = False) -> Outcome:
    """Put the records of a run in columns, as the store has them."""
    told = tuple(records)
    steps = [each for each in told if isinstance(each, Step)]
    layers = [each for each in told if isinstance(each, Layers)]
    return Outcome(
        key,
        title,
        next((each for each in told if isinstance(each, Began)), None),
        Steps(np.arange(1, len(steps) + 1), *(_column(steps, name) for name in _COLUMNS)),
        LayerSteps(
            np.array([each.step for each in layers], dtype=np.int64),
            np.array([each.gradient_norms for each in layers], dtype=np.float64),
            np.array([each.update_ratios for each in layers], dtype=np.float64),
        ),
        tuple(each for each in told if isinstance(each, Epoch)),
        next((each for each in told if isinstance(each, Ended)), None),
        diverged,
    )


def _column(steps: list[Step], name: str) -> np.ndarray:
    return np.array([getattr(each, name) for each in steps], dtype=np.float64)
