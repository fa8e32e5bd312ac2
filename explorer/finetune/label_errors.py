"""Which labels are likely wrong: confident learning. No torch here.

Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels"
(JAIR 2021). A classifier that has not seen a picture contradicts its label, and is as sure of it as
it is on average of pictures that carry the other label.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from explorer.finetune import linear
from explorer.finetune.report_records import Doubt, Doubts
from explorer.progress import Progress, silent

FOLDS = 5
LEAST = FOLDS
"""Pictures of a class, copies counted once, below which nothing is said of its labels."""
CLEAR = 0.5
"""How much likelier another class has to be than the given one.

Without it a weak classifier doubts a third of all labels. Measured on 120 to 600 pictures of 2 to
10 classes of CIFAR-10 with one in twelve labels made wrong, SqueezeNet's features: between two and
three in five doubts are right, and a third to a half of the wrong labels are found.
"""
_SEED = 0


def doubts(
    features: np.ndarray,
    labels: np.ndarray,
    twins: np.ndarray,
    items: np.ndarray,
    classes: Sequence[str],
    progress: Progress = silent,
) -> Doubts:
    """Find labels (n,) that are likely wrong, of learned and held-out pictures alike.

    Of those that confident learning finds, the clearly contradicted ones.

    `features` (n, d) are those of a network that never saw the labels. `twins` (n,) numbers groups
    of copies, -1 for a picture without: copies never speak for each other.
    """
    groups = _groups(twins)
    few = _few(labels, groups, len(classes))
    judged = ~np.isin(labels, few)
    names = np.unique(labels[judged])
    if len(names) < 2:
        return Doubts((), 0, None, few, _sentence(0, 0, None, few, classes))
    chosen = np.flatnonzero(judged)
    given = np.searchsorted(names, labels[chosen])
    said = out_of_fold(features[chosen], given, groups[chosen], len(names), progress)
    agrees = float((said.argmax(axis=1) == given).mean())
    found = tuple(
        Doubt(
            int(items[chosen[row]]),
            int(names[given[row]]),
            int(names[other]),
            float(said[row, given[row]]),
            float(said[row, other]),
        )
        for row, other in contradicted(said, given)
        if said[row, other] - said[row, given[row]] >= CLEAR
    )
    sentence = _sentence(len(found), len(chosen), agrees, few, classes)
    return Doubts(found, len(chosen), agrees, few, sentence)


def _groups(twins: np.ndarray) -> np.ndarray:
    """A number for each group of copies, and for each picture without."""
    alone: np.ndarray = twins.max(initial=-1) + 1 + np.arange(len(twins))
    return np.where(twins < 0, alone, twins)


def _few(labels: np.ndarray, groups: np.ndarray, classes: int) -> tuple[int, ...]:
    return tuple(
        number for number in range(classes) if len(np.unique(groups[labels == number])) < LEAST
    )


def out_of_fold(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    classes: int,
    progress: Progress = silent,
) -> np.ndarray:
    """Probabilities (n, classes) of each picture by a classifier that learned from the others.

    In five folds, with as many of each class in all of them as groups allow.
    """
    said = np.zeros((len(labels), classes))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED)
    for number, (known, asked) in enumerate(folds.split(features, labels, groups)):
        progress(number / FOLDS, "Looking for labels that may be wrong")
        said[asked] = linear.probabilities(features[known], labels[known], features[asked], classes)
    return said


def confident(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class (n,) of which out-of-fold probabilities are confident, -1 where of none.

    A class's threshold is the mean probability it gets from the pictures that carry its label; of
    several classes above theirs, the likeliest one counts. All labels 0 to classes - 1 occur.
    """
    count = probabilities.shape[1]
    thresholds = np.array([probabilities[labels == each, each].mean() for each in range(count)])
    above = probabilities >= thresholds - 1e-9
    best = np.where(above, probabilities, -1.0).argmax(axis=1)
    return np.where(above.any(axis=1), best, -1)


def confident_joint(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count pictures by given label, down, and by the class one is confident of, across."""
    count, sure = probabilities.shape[1], confident(probabilities, labels)
    cells = labels[sure >= 0] * count + sure[sure >= 0]
    return np.bincount(cells, minlength=count * count).reshape(count, count)


def contradicted(probabilities: np.ndarray, labels: np.ndarray) -> tuple[tuple[int, int], ...]:
    """The rows off the diagonal of the confident joint, each with the class that is suggested.

    Those where the likeliest class is the given one are left out. The order is that of how much
    likelier the suggested class is than the given one.
    """
    sure = confident(probabilities, labels)
    rows = np.flatnonzero((sure >= 0) & (sure != labels) & (probabilities.argmax(axis=1) != labels))
    margins = probabilities[rows, sure[rows]] - probabilities[rows, labels[rows]]
    order = np.argsort(-margins, kind="stable")
    return tuple((int(row), int(sure[row])) for row in rows[order])


def _sentence(
    found: int, judged: int, agrees: float | None, few: Sequence[int], classes: Sequence[str]
) -> str:
    left_out = ""
    if few:
        names = ", ".join(classes[each] for each in few[:5]) + (", ..." if len(few) > 5 else "")
        left_out = f" Nothing is said of {names}, with fewer than {LEAST} different pictures."
    if agrees is None:
        return f"Too few pictures to doubt a label.{left_out}"
    if not found:
        return f"None of {judged:,} labels is clearly contradicted by the other pictures.{left_out}"
    are = "is" if found == 1 else "are"
    return (
        f"{found:,} of {judged:,} labels {are} clearly contradicted by the other pictures; some "
        "will be right and the picture unusual (what contradicts them agrees with "
        f"{100 * agrees:.0f} % of all labels), so look before you change one.{left_out}"
    )
