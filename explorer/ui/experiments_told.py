"""After an experiment: was the guess right, by which numbers, and does the textbook agree?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer.training.judged import judge
from explorer.ui import cached, experiments_guess, experiments_now, experiments_studies

if TYPE_CHECKING:
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Experiment
    from explorer.training.judged import Judged

MOST = 5
"""Attempts that are judged, the newest ones."""


def reveal(experiment: Experiment, tries: Sequence[Attempt]) -> None:
    """The newest attempt's answer, its numbers, curves and study, and how earlier ones ended."""
    over = [each for each in tries if each.over][:MOST]
    sharpness = experiments_studies.sharpness(experiment, over)
    if sharpness is None:
        return
    found = [judge(experiment, each, cached.store(), sharpness) for each in over]
    newest = found[0]
    if newest.verdict is None:
        _undecided(newest)
        experiments_guess.again(experiment, tries)
    else:
        _verdict(experiment, found)
        experiments_guess.again(experiment, tries)
        _lesson(experiment)
    if newest.outcomes:
        _numbers(experiment, newest)
    runs = cached.store().group(newest.attempt.group)
    st.subheader("Their curves", anchor=False)
    experiments_now.curves(experiment, runs)
    if newest.verdict is not None:
        experiments_studies.draw(experiment, newest, runs)
    with st.expander("What the runs differ in"):
        recipes = [run.recipe for run in runs]
        if len(recipes) == len(experiment.variants):
            experiments_guess.table(experiment, recipes)


def _undecided(newest: Judged) -> None:
    """Say which runs have no outcome, and why."""
    reasons = [
        f"{run.variant}: {run.sentence}"
        for run in newest.attempt.runs
        if run.variant in newest.missing
    ]
    gone = set(newest.missing) - {run.variant for run in newest.attempt.runs}
    reasons += [f"{title}: deleted" for title in sorted(gone)]
    st.warning(
        "Nothing is decided: not every run came to its end. " + "  \n".join(reasons),
        icon=":material/block:",
    )


def _verdict(experiment: Experiment, found: Sequence[Judged]) -> None:
    """The answer that the runs gave, the guess beside it, and what the textbook expects."""
    newest = found[0]
    assert newest.verdict is not None
    answer = experiment.guess.text(newest.verdict.answer)
    with st.container(border=True, gap="small", key="experiments_verdict"):
        st.markdown(f"##### {experiment.guess.question}", anchors=False)
        st.markdown(f":primary[**{answer}**]{_guess(newest, experiment)}")
        st.caption(f"{newest.verdict.because}.")
        st.markdown(_textbook(experiment, newest))
        for check, verdict in newest.checks:
            came = verdict.answer == check.expected
            mark = ":green[:material/check:]" if came else ":orange[:material/close:]"
            st.markdown(f"{mark} {check.says} {'So it is here.' if came else 'Not so here.'}")
            st.caption(f"{verdict.because}.")
        st.caption(_so_far(experiment, found))


def _guess(newest: Judged, experiment: Experiment) -> str:
    right = newest.guessed_right()
    if right is None:
        return ""
    if right:
        return " :green-badge[You said so: right]"
    known = {option.key: option.text for option in experiment.guess.options}
    return f" :orange-badge[You said {known.get(newest.attempt.guess or '', 'something else')}]"


def _textbook(experiment: Experiment, newest: Judged) -> str:
    if newest.shown(experiment):
        return ":green[:material/check:] That is what the textbook says."
    expected = experiment.guess.text(experiment.guess.expected)
    return (
        f":orange[:material/close:] **Not what the textbook says**, which expects “{expected}”. "
        "One seed is one draw; press again with another one and see how often it comes out so."
    )


def _so_far(experiment: Experiment, found: Sequence[Judged]) -> str:
    """How often the textbook's answer came out, and how often the guess was right."""
    decided = [each for each in found if each.verdict is not None]
    shown = sum(each.shown(experiment) for each in decided)
    seeds = ", ".join(str(each.attempt.seed) for each in reversed(decided))
    if len(decided) == 1:
        text = f"One seed ({seeds}) is one draw: another one may come out otherwise."
    else:
        text = (
            f"The textbook's answer came out in {shown} of the last {len(decided)} tries "
            f"(seeds {seeds})."
        )
    guesses = [right for each in decided if (right := each.guessed_right()) is not None]
    if len(guesses) > 1:
        text += f" You guessed right in {sum(guesses)} of {len(guesses)}."
    return text


def _lesson(experiment: Experiment) -> None:
    """One sentence for what it shows, one for when that is not the whole truth, and the paper."""
    with st.grid(2, min_column_width=320, gap="medium", key="experiments_lesson") as grid:
        with grid.cell():
            st.markdown(f":material/lightbulb: **What it shows.** {experiment.lesson}")
            st.caption(f"[{experiment.paper}]({experiment.link})")
        with grid.cell():
            st.markdown(f":material/balance: **Not the whole truth.** {experiment.caveat}")


def _numbers(experiment: Experiment, newest: Judged) -> None:
    """A row for each run with the numbers that the experiment looks at; the best one is bold."""
    best = {
        quantity.title: max(newest.outcomes, key=quantity.rank).key
        for quantity in experiment.quantities
        if quantity.prized
    }
    rows = [
        {
            "": f"**{outcome.title}**",
            **{
                quantity.title: f"**{text}**"
                if best.get(quantity.title) == outcome.key and len(newest.outcomes) > 1
                else text
                for quantity in experiment.quantities
                for text in (quantity.written(outcome),)
            },
        }
        for outcome in newest.outcomes
    ]
    st.subheader("Their numbers", anchor=False)
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="What came of each run; the best of each column is bold.",
    )  # fmt: skip
    st.caption(" ".join(f"{each.title}: {each.says}" for each in experiment.quantities))
