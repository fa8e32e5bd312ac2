"""What a fine-tuned network has to beat, and whether it does. No torch here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from explorer.finetune import intervals, linear
from explorer.finetune.report_records import Baseline, Method

CHANCE = 0.05
"""A difference that chance makes more often than this is not called one."""
_TITLES: dict[Method, str] = {
    "majority": "Always the largest class",
    "neighbour": "Nearest neighbour",
    "logistic": "Logistic regression",
}
_IN_WORDS: dict[Method, str] = {
    "majority": "always naming the largest class",
    "neighbour": "the nearest neighbour in the frozen features",
    "logistic": "logistic regression on the frozen features",
}


def baselines(
    features: np.ndarray,
    labels: np.ndarray,
    held_out: np.ndarray,
    predicted: np.ndarray,
    classes: Sequence[str],
) -> tuple[Baseline, ...]:
    """Judge three simple classifiers on the held-out pictures, and hold the network against them.

    `features` (n, d) are those of the frozen network, before any of it learned from these pictures;
    `labels` and `held_out` (n,) are all pictures', `predicted` (n,) is what the network says. No
    knob of theirs is turned, so the held-out pictures choose nothing.
    """
    known, names = labels[~held_out], labels[held_out]
    largest = int(np.bincount(known, minlength=len(classes)).argmax())
    answers: dict[Method, np.ndarray] = {
        "majority": np.full(len(names), largest),
        "neighbour": nearest(features[~held_out], known, features[held_out]),
        "logistic": linear.probabilities(
            features[~held_out], known, features[held_out], len(classes)
        ).argmax(axis=1),
    }
    hows: dict[Method, str] = {
        "majority": f"Says {classes[largest]}, of which most pictures were learned from, of all.",
        "neighbour": "Says what the picture with the most similar features is (cosine similarity).",
        "logistic": linear.HOW,
    }
    right = predicted[held_out] == names
    return tuple(
        Baseline(
            method,
            _TITLES[method],
            hows[method],
            intervals.share(int((said == names).sum()), len(names)),
            intervals.paired(right, said == names),
        )
        for method, said in answers.items()
    )


def nearest(features: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the label of the nearest of features (n, d), by cosine, for each of (m, d)."""
    if not len(asked):
        return np.zeros(0, np.int64)
    model = KNeighborsClassifier(1, metric="cosine", algorithm="brute").fit(features, labels)
    found: np.ndarray = model.predict(asked)
    return found


def verdict(found: Sequence[Baseline]) -> str:
    """Say whether the network beats its baselines, and whether so few pictures can tell."""
    best = max(found, key=lambda each: each.accuracy.hits)
    of, pair = best.accuracy.of, best.against
    if not of:
        return "No picture was held out, so nobody knows whether the network beats anything."
    network = pair.both + pair.first
    numbers = f"{network} of {of} right against {best.accuracy.hits}"
    words, test = _IN_WORDS[best.method], f"exact McNemar test, p {_rounded(pair.p)}"
    if network == best.accuracy.hits:
        return f"The network is no better than {words}: both have {network} of {of} right."
    if network < best.accuracy.hits:
        unsure = ", though so few pictures cannot rule out chance" if pair.p >= CHANCE else ""
        return f"The network does not beat {words}: {numbers} ({test}){unsure}."
    if pair.p >= CHANCE:
        return (
            f"The network has more pictures right than {words}, {numbers}, but a difference this "
            f"small comes about by chance too ({test}): more held-out pictures would tell."
        )
    return f"The network beats every baseline, the best of which is {words}: {numbers} ({test})."


def _rounded(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
