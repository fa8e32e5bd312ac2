"""How good a network is on held-out pictures, class by class. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.finetune import intervals
from explorer.finetune.report_records import ClassScore, Scores

if TYPE_CHECKING:
    import numpy as np

    from explorer.finetune.report_records import Share

WIDE = 0.2
"""An interval wider than this tells little, and a sentence says so."""


def scores(
    labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str], train: Sequence[int]
) -> Scores:
    """Score predictions (n,) of held-out pictures with labels (n,).

    `train` says how many pictures of each class were learned from.
    """
    accuracy = intervals.share(int((labels == predicted).sum()), len(labels))
    return Scores(
        accuracy=accuracy,
        macro_f1=intervals.macro_f1(labels, predicted, len(classes)),
        classes=tuple(
            _class(number, name, labels, predicted, train[number])
            for number, name in enumerate(classes)
        ),
        sentence=_sentence(accuracy),
    )


def _class(
    number: int, name: str, labels: np.ndarray, predicted: np.ndarray, train: int
) -> ClassScore:
    there, taken = labels == number, predicted == number
    hits, held_out, said = int((there & taken).sum()), int(there.sum()), int(taken.sum())
    recall = intervals.share(hits, held_out)
    return ClassScore(
        name=name,
        train=train,
        held_out=held_out,
        predicted=said,
        precision=intervals.share(hits, said),
        recall=recall,
        f1=intervals.f1(hits, said - hits, held_out - hits),
        sentence=_class_sentence(name, recall),
    )


def _class_sentence(name: str, recall: Share) -> str:
    if recall.low is None or recall.high is None:
        return f"No picture of {name} was held out: how well it is recognised is unknown."
    of = "its only held-out picture" if recall.of == 1 else f"its {recall.of} held-out pictures"
    found = f"{name}: of {of} {recall.hits or 'none'} {_were(recall.hits)} recognised"
    if recall.high - recall.low > WIDE:
        return f"{found}; so few fit a recall anywhere from {between(recall)}."
    return f"{found}, a recall from {between(recall)}."


def _were(count: int) -> str:
    return "was" if count <= 1 else "were"


def _sentence(accuracy: Share) -> str:
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return "No picture was held out, so how good the network is on new ones is unknown."
    said = (
        f"{accuracy.hits} of {accuracy.of} held-out pictures are classified rightly, "
        f"{100 * accuracy.value:.1f} %"
    )
    if accuracy.high - accuracy.low <= WIDE:
        return f"{said}; on new pictures like these expect {between(accuracy)}."
    return (
        f"{said}; that is little to go by: on new pictures like these anything from "
        f"{between(accuracy)} is possible, and four times as many held out would halve that range."
    )


def between(share: Share) -> str:
    """An interval as it follows "from" in a sentence: "74 to 98 %"."""
    assert share.low is not None
    assert share.high is not None
    return f"{100 * share.low:.0f} to {100 * share.high:.0f} %"
