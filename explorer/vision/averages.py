"""The average of several answers: what an ensemble says. No torch here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.vision.prediction_records import Average, Prediction, ranked


def averaged(
    answers: Sequence[Prediction], names: Sequence[tuple[str, ...]], top: int
) -> Average | None:
    """Average the answers of the largest group that knows the same classes; `names` are theirs.

    Random weights join only where fewer than two networks have learned something. None where
    fewer than two answers are left.
    """
    shared = max(names, key=names.count, default=())
    group = [each for each, known in zip(answers, names, strict=True) if known == shared]
    learned = [each for each in group if not each.use.random]
    members = learned if len(learned) > 1 else group
    if len(members) < 2:
        return None
    probabilities = np.mean([each.probabilities for each in members], axis=0)
    return Average(
        members=tuple(each.use.title for each in members),
        top=ranked(probabilities, shared, top),
        probabilities=probabilities,
        left_out=tuple(
            _left_out(each, known == shared)
            for each, known in zip(answers, names, strict=True)
            if not any(each is member for member in members)
        ),
    )


def _left_out(answer: Prediction, same: bool) -> str:
    if same:
        return f"{answer.use.title} is left out: its weights are random."
    return f"{answer.use.title} is left out: it knows other classes."
