"""Curves of runs, as any number of them are drawn in one figure. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from explorer.runs.records import Steps
    from explorer.training.records import Epoch, Score

Axis: TypeAlias = Literal["step", "epoch", "seconds"]
Part: TypeAlias = Literal["train", "validation"]

AXES: Mapping[Axis, str] = {
    "step": "Step",
    "epoch": "Epoch",
    "seconds": "Seconds of training",
}
MOST_POINTS = 300
"""Points of a curve that are drawn while it grows; more cannot be told apart on a screen."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Something measured along a run: `title` and `unit` are those of its axis.

    `says` is its convention in a sentence, `scored` whether it is measured on held-out pictures
    too.
    """

    title: str
    unit: str
    says: str
    scored: bool = False


METRICS: Mapping[str, Metric] = {
    "loss": Metric(
        "Loss",
        "",
        "The recipe's own loss, a mean over pictures: of each batch before its step (solid), and "
        "of the held-out pictures in evaluation mode (dashed).",
        scored=True,
    ),
    "accuracy": Metric(
        "Accuracy",
        "%",
        "Share of pictures whose best class is right: of each batch before its step (solid), and "
        "of the held-out pictures in evaluation mode (dashed).",
        scored=True,
    ),
    "error": Metric(
        "Error",
        "%",
        "100 % less the accuracy: of each batch before its step (solid), and of the held-out "
        "pictures in evaluation mode (dashed).",
        scored=True,
    ),
    "learning_rate": Metric("Learning rate", "", "What the schedule gave at each step."),
    "gradient_norm": Metric(
        "Gradient norm", "", "Euclidean norm over all weights of a step, before clipping."
    ),
    "samples_per_second": Metric(
        "Throughput", "pictures/s", "Pictures a second, evaluation and pauses left out."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One curve (T,) of a run: what its batches gave, or what was measured on held-out pictures.

    `run` is its id and `label` what a legend calls it; validation is drawn dashed.
    """

    run: str
    label: str
    part: Part
    x: np.ndarray
    y: np.ndarray


def lines(
    run: str,
    label: str,
    steps: Steps,
    epochs: Sequence[Epoch],
    *,
    metric: str = "loss",
    axis: Axis = "step",
    smoothing: float = 0.0,
) -> tuple[Line, ...]:
    """The curves of one run: its batches, smoothed, and its held-out pictures, never smoothed.

    A curve without a point is left out.
    """
    y = 100.0 - steps.accuracy if metric == "error" else np.asarray(getattr(steps, metric))
    train = Line(run, label, "train", np.asarray(getattr(steps, axis)), smoothed(y, smoothing))
    found = (train, _held_out(run, label, epochs, metric, axis))
    return tuple(line for line in found if line is not None and len(line.x))


def _held_out(
    run: str, label: str, epochs: Sequence[Epoch], metric: str, axis: Axis
) -> Line | None:
    if not METRICS[metric].scored:
        return None
    told = [each for each in epochs if each.validation is not None]
    x = np.array([getattr(each, axis) for each in told], dtype=np.float64)
    y = [_of(each.validation, metric) for each in told if each.validation is not None]
    return Line(run, label, "validation", x, np.array(y, dtype=np.float64))


def _of(score: Score, metric: str) -> float:
    if metric == "loss":
        return score.loss
    return 100.0 - score.top1 if metric == "error" else score.top1


def smoothed(values: np.ndarray, share: float) -> np.ndarray:
    """Exponential mean of the values so far, each weighing `share` of the one after it.

    Corrected for its start at zero, as Adam corrects its moments, so that the first value stands
    as it is. What is no number is passed over and stays a gap.
    """
    if not share:
        return np.asarray(values, dtype=np.float64)
    out = np.full(len(values), np.nan)
    mean = weight = 0.0
    for place, value in enumerate(values):
        if np.isfinite(value):
            mean = share * mean + (1 - share) * float(value)
            weight = share * weight + (1 - share)
            out[place] = mean / weight
    return out


def thinned(line: Line, most: int = MOST_POINTS) -> Line:
    """At most `most` points: the first, the last, and the lowest and highest of each stretch.

    Peaks stay where they are, which a mean or every n-th point would lose.
    """
    if len(line.x) <= most:
        return line
    kept = {0, len(line.x) - 1}
    for stretch in np.array_split(np.arange(len(line.x)), max(1, (most - 2) // 2)):
        values = line.y[stretch]
        if np.isfinite(values).any():
            kept |= {int(stretch[np.nanargmin(values)]), int(stretch[np.nanargmax(values)])}
    places = np.array(sorted(kept))
    return Line(line.run, line.label, line.part, line.x[places], line.y[places])
