"""The Predict page's section on top-1 and top-5 error, explained on these very scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures.predictions import percent
from explorer.ui import cached, picture, predicting, totals
from explorer.vision.prediction_records import judged

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import Prediction, Verdict

FIRST, FEW = 1, 5


def explain(looking: Opened) -> None:
    """Have the right class named, and say whether each of the two measures counts an error."""
    st.markdown(
        "A network's accuracy is counted picture by picture: **top-1** asks whether the likeliest "
        "class is the right one, **top-5** whether the right one is among the five likeliest. "
        "The error over a test set is the share of pictures that count as an error."
    )
    said = predicting.ask(looking)
    names = cached.classes(looking.card.name, looking.weights)
    left, right = st.columns([9, 11], gap="large")
    with left:
        chosen = predicting.right_class(names)
        predicting.hero(looking, said)
    with right:
        if chosen is None:
            st.info("Say which class is right, and both are counted.", icon=":material/rule:")
            verdict = None
        else:
            verdict = judged(said.probabilities, names, chosen)
            _counted(verdict)
        predicting.bars(looking, said.top[:FEW], said, key="predict_verdict", right=verdict)
        st.caption(_sentence(said, verdict))


def _counted(verdict: Verdict) -> None:
    """Both errors of this one picture."""
    totals.cells(
        [
            (f"Top-{k}", "error" if verdict.error(k) else "right", _why(verdict, k))
            for k in (FIRST, FEW)
        ],
        key="predict_verdicts",
    )


def _why(verdict: Verdict, k: int) -> str:
    if k >= verdict.classes:
        return f"error 0: with {verdict.classes} classes it cannot be wrong"
    among = "the first guess" if k == 1 else f"among the first {k}"
    return f"error {verdict.error(k)}: it is {'not ' if verdict.error(k) else ''}{among}"


def _sentence(said: Prediction, verdict: Verdict | None) -> str:
    if verdict is None:
        return "The five likeliest classes; probabilities are the softmax of the scores."
    best = said.top[0]
    name = picture.plain(verdict.name)
    if verdict.rank == 1:
        return f"{name} is the first guess with {percent(verdict.probability)}: both count it."
    return (
        f"{name} has rank {verdict.rank:,} of {verdict.classes:,} with "
        f"{percent(verdict.probability)}; before it comes {picture.plain(best.name)} with "
        f"{percent(best.probability)}. How far off the rank is does not matter to either measure."
    )
