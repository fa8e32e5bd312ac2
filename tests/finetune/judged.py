"""A report that can be checked by hand: three classes, ten pictures, four of them held out."""

from __future__ import annotations

import numpy as np

from explorer.finetune import intervals
from explorer.finetune.baselines import baselines, verdict
from explorer.finetune.calibration import calibrated
from explorer.finetune.report_records import Doubt, Doubts, Projection, Report
from explorer.finetune.scoring import scores

CLASSES = ("cat", "<b>개", "fox 🦊")
ITEMS = np.arange(10) + 100
LABELS = np.array([0, 0, 0, 1, 1, 2, 0, 0, 1, 2])
SAID = np.array([0, 0, 1, 1, 1, 2, 0, 1, 1, 1])
SURE = np.array([0.9, 0.8, 0.7, 0.9, 0.6, 0.5, 0.95, 0.62, 0.72, 0.82])
HELD_OUT = np.arange(10) >= 6


def probabilities(said: np.ndarray) -> np.ndarray:
    """As sure of what is said as `SURE` has it, the rest shared evenly."""
    sure = np.resize(SURE, len(said))
    found = np.repeat((1 - sure)[:, None] / 2, 3, axis=1)
    found[np.arange(len(said)), said] = sure
    return found.astype(np.float32)


def judged(
    said: np.ndarray = SAID,
    labels: np.ndarray = LABELS,
    items: np.ndarray = ITEMS,
    held_out: np.ndarray = HELD_OUT,
    classes: tuple[str, ...] = CLASSES,
    collection: str = "collection:0123456789abcdef.1",
    run: str = "run1",
) -> Report:
    """A report of what is said of these pictures."""
    features = np.eye(3)[labels] + np.arange(len(labels))[:, None] / 100
    found = baselines(features, labels, held_out, said, classes)
    known = probabilities(said)
    right = said == labels
    return Report(
        run=run,
        weights="best-1",
        collection=collection,
        classes=classes,
        items=items,
        labels=labels,
        held_out=held_out,
        probabilities=known,
        scores=scores(labels[held_out], said[held_out], classes, (3, 2, 1)),
        learned=intervals.share(int(right[~held_out].sum()), int((~held_out).sum())),
        calibration=calibrated(known[held_out], labels[held_out]),
        baselines=found,
        verdict=verdict(found),
        doubts=Doubts((Doubt(102, 0, 1, 0.1, 0.8),), 10, 0.9, (2,), "One."),
        projections=(Projection("PCA", features[:, :2].astype(np.float32), 0.9, "Flat."),),
        caveats=("Few.",),
        seconds=1.5,
    )
