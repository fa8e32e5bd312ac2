"""What is known of a fine-tuned network: how good, how sure of it, and where it errs. No torch.

Shares and probabilities are of 1. Intervals are of 95 % throughout. What nobody can know from so
few pictures is None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from explorer.collections.records import Part

Method: TypeAlias = Literal["majority", "neighbour", "logistic"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many `hits` of `of`, and Wilson's interval of the share they stand for."""

    hits: int
    of: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share itself, None of nothing."""
        return self.hits / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value and its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class is told from the others, on the pictures held out.

    `train` and `held_out` count its pictures, `predicted` how many of the held-out ones are taken
    for it. `sentence` says how much, or how little, that tells.
    """

    name: str
    train: int
    held_out: int
    predicted: int
    precision: Share
    recall: Share
    f1: Estimate
    sentence: str


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a network is on held-out pictures.

    `macro_f1` is the mean of the classes' F1, over those that have pictures held out.
    """

    accuracy: Share
    macro_f1: Estimate
    classes: tuple[ClassScore, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in (low, high]: its mean, and how many of them are right."""

    low: float
    high: float
    confidence: float | None
    right: Share


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a network is right as often as it is sure.

    `error` is the expected calibration error over `bins` of equal width: the mean over all answers
    of how far each bin's accuracy is from its confidence. `by_chance` is what a network with these
    very confidences and no calibration error would show, from so few pictures: its mean, and where
    95 % lie. `log_loss` is in nats.
    """

    bins: tuple[Bin, ...]
    error: float
    by_chance: Estimate
    confidence: float
    accuracy: Share
    log_loss: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Paired:
    """Two answers to the same pictures: how many only the first, and only the second, has right.

    `p` is McNemar's exact test: how often a difference as large comes about if both are as good.
    """

    both: int
    first: int
    second: int
    neither: int
    p: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is to be beaten: a simple classifier, judged on the same held-out pictures.

    `how` says in a sentence what it does; in `against` the network comes first.
    """

    method: Method
    title: str
    how: str
    accuracy: Share
    against: Paired


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that is likely wrong: the picture's number, and what speaks for which class.

    The probabilities are those of a classifier that did not learn from this picture.
    """

    item: int
    given: int
    suggested: int
    given_probability: float
    suggested_probability: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """All likely wrong labels, likeliest first.

    `agrees` is the share of all `judged` labels that the judging classifier would give itself;
    `unjudged` are classes with too few pictures.
    """

    found: tuple[Doubt, ...]
    judged: int
    agrees: float | None
    unjudged: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Projection:
    """All pictures as points (n, 2) of a plane, in the order of `Report.items`.

    `explained` is the share of the features' variance the plane shows, where that means something.
    """

    method: Literal["t-SNE", "PCA"]
    points: np.ndarray
    explained: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A picture taken for another class, and how sure the network is of both."""

    item: int
    part: Part
    label: int
    predicted: int
    confidence: float
    label_probability: float


@dataclass(frozen=True, slots=True)
class Report:
    """A fine-tuned network on all pictures of its collection.

    `items` (n,) are their numbers, `labels` (n,) their classes, `held_out` (n,) which ones it did
    not learn from, `probabilities` (n, classes) what it says. `weights` is the key of the weights
    it was made with, `collection` that of the revision. All scores are of held-out pictures.
    `caveats` are sentences on what to keep in mind.
    """

    run: str
    weights: str
    collection: str
    classes: tuple[str, ...]
    items: np.ndarray
    labels: np.ndarray
    held_out: np.ndarray
    probabilities: np.ndarray
    scores: Scores
    learned: Share
    calibration: Calibration | None
    baselines: tuple[Baseline, ...]
    verdict: str
    doubts: Doubts
    projections: tuple[Projection, ...]
    caveats: tuple[str, ...]
    seconds: float

    @property
    def predicted(self) -> np.ndarray:
        """The likeliest class of each picture, (n,)."""
        found: np.ndarray = self.probabilities.argmax(axis=1)
        return found

    def confusion(self, part: Part = "validation") -> np.ndarray:
        """Count pictures by true class, down, and predicted class, across: (classes, classes)."""
        count, chosen = len(self.classes), self._of(part)
        cells = self.labels[chosen] * count + self.predicted[chosen]
        return np.bincount(cells, minlength=count * count).reshape(count, count)

    def cell(self, label: int, predicted: int, part: Part = "validation") -> tuple[int, ...]:
        """The numbers of the pictures in one cell of the confusion matrix, the surest first."""
        here = self._of(part) & (self.labels == label) & (self.predicted == predicted)
        order = np.argsort(-self.probabilities[here, predicted], kind="stable")
        return tuple(int(each) for each in self.items[here][order])

    def mistakes(self, part: Part = "validation") -> tuple[Mistake, ...]:
        """All pictures taken for another class, the most confident mistake first."""
        predicted, rows = self.predicted, np.arange(len(self.items))
        sure = self.probabilities[rows, predicted]
        wrong = np.flatnonzero(self._of(part) & (predicted != self.labels))
        return tuple(
            Mistake(
                int(self.items[row]),
                part,
                int(self.labels[row]),
                int(predicted[row]),
                float(sure[row]),
                float(self.probabilities[row, self.labels[row]]),
            )
            for row in wrong[np.argsort(-sure[wrong], kind="stable")]
        )

    def row(self, item: int) -> int | None:
        """Where a picture of this number stands, None for one that is not in the report."""
        found = np.flatnonzero(self.items == item)
        return int(found[0]) if len(found) else None

    def _of(self, part: Part) -> np.ndarray:
        here: np.ndarray = self.held_out == (part == "validation")
        return here


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run did differently from the one before it, and what came of it.

    `settings` are those that differ: title, before, now. The pictures' changes are counted;
    `relabelled` counts those in another class, `moved` those that changed between learning and
    validating. `shared` counts the pictures both runs were tested on and neither learned from;
    `fixed` and `broken` are those only the later, only the earlier run has right. `before` and
    `now` are the accuracies on what is shared.
    """

    settings: tuple[tuple[str, str, str], ...]
    added: int
    removed: int
    relabelled: int
    moved: int
    shared: int
    before: Share
    now: Share
    fixed: tuple[int, ...]
    broken: tuple[int, ...]
    sentence: str
