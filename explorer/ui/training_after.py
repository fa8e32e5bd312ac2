"""What came of the runs that are over: the test score and what it means, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.finetune.intervals import wilson
from explorer.ui import live, picture, places, totals
from explorer.ui.runs_one import PAGES, as_model
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.records import Began, Ended, Score


def draw(runs: Sequence[Run]) -> None:
    """A run that is over in numbers and a sentence, the newest of those looked at."""
    run = runs[-1]
    if run.state in ("failed", "lost"):
        st.error(run.sentence, icon=":material/error:")
    if run.result is None or run.began is None or run.state != "done":
        return
    if len(runs) > 1:
        st.markdown(f"**{picture.plain(live.names(runs)[run.id])}**")
    _numbers(run.result, run.began)
    st.markdown(meaning(run.result, run.began))
    _ways(run)


def _numbers(result: Ended, began: Began) -> None:
    tested = result.test

    def percent(score: Score | None) -> str:
        return units.percent(score.top1 / 100 if score else None, 2)

    best_five = None if tested is None or not began.top5 else tested.top5
    five = "" if best_five is None else f"; {best_five:.4g} % among the best five"
    cells = [
        ("Test accuracy", percent(tested), _of(tested, "test pictures") + five),
        ("Held out", percent(result.validation), _of(result.validation, "held-out pictures")),
        ("Training", percent(result.train), "over the last epoch, as they were shown"),
        ("Trained", units.duration(result.seconds), f"{result.epochs:.4g} epochs, "
         f"{result.steps:,} steps"),
        ("Parameters", units.short(began.params), began.title),
    ]  # fmt: skip
    totals.cells(cells, key=f"{PREFIX}result")


def meaning(result: Ended, began: Began) -> str:
    """What the test score says, and how sure it is."""
    tested = result.test
    if tested is None:
        return "The test pictures were not looked at: that happens when a run has its length."
    wrong = round(tested.count * (1 - tested.top1 / 100))
    chance = 100 / len(began.classes)
    weights = "the best epoch's weights" if result.weights == "best" else "the last weights"
    text = (
        f"Of {tested.count:,} test pictures, which the training has not seen, "
        f"**{wrong:,}** were read wrongly by {weights}. "
        f"Guessing would be right in {chance:.3g} %. "
        f"Of all such pictures it reads {_range(tested)} rightly."
    )
    return text + _gap(result)


def _range(tested: Score) -> str:
    """Where the accuracy on all such pictures lies: Wilson's interval, within 0 and 100 %.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    low, high = wilson(tested.top1 / 100, tested.count)
    return f"{100 * low:.1f} to {100 * high:.1f} % (an interval that is right in 19 of 20 cases)"


def _gap(result: Ended) -> str:
    """What training and test accuracy say together."""
    if result.train is None or result.test is None:
        return ""
    gap = result.train.top1 - result.test.top1
    if gap > 5:
        return (
            f" In training it was right {gap:.1f} points more often: part of it was learned by "
            "heart. More pictures, augmentation, weight decay or dropout would help."
        )
    if result.train.top1 < 90:
        return " Training pictures are no easier for it: a larger network or a longer run may help."
    return ""


def _of(score: Score | None, what: str) -> str:
    return f"of {score.count:,} {what}" if score else f"no {what}"


def _ways(run: Run) -> None:
    """Links to pages that open the network with the weights just trained, and to the Runs."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center",
                      key=f"{PREFIX}ways"):  # fmt: skip
        st.markdown(f"Open **{picture.plain(run.name)}** in")
        if asked := as_model(run):
            for page, label, icon in PAGES:
                st.page_link(page, label=label, icon=icon, query_params=asked)
        st.page_link(places.RUNS, label="Runs: compare, export, reproduce",
                     icon=":material/table_rows:", query_params={"run": run.id})  # fmt: skip
