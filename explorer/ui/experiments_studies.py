"""The finished runs of an experiment, looked at closely: flatness, borders, members, depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer import figures, units
from explorer.training.cross_validation import spread
from explorer.training.quantities import HELD_OUT_ACCURACY
from explorer.training.study_records import SHARPNESS
from explorer.ui import show, work

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Experiment
    from explorer.training.judged import Judged

SECONDS = 600.0
"""How long the page waits for a study."""
ASKED_OF_THE_ENGINE = ("flatness", "decision", "members", "costs")


def sharpness(experiment: Experiment, tries: Sequence[Attempt]) -> Mapping[str, float] | None:
    """The sharpness of all runs by their id; None while it is measured.

    Of experiments that do not ask for it, nothing is measured.
    """
    if experiment.study != "flatness":
        return {}
    runs = [run.id for each in tries for run in each.runs if "last" in run.weights]
    if not runs:
        return {}
    found = _asked("sharpness", runs, "Measuring how flat the minima are")
    return None if found is None else dict(zip(runs, found, strict=True))


def draw(experiment: Experiment, judged: Judged, runs: Sequence[Run]) -> None:
    """The study of an experiment, where it has one."""
    kind, titles = experiment.study, [run.variant for run in runs]
    if kind == "gradients":
        _gradients(judged)
    elif kind == "folds":
        _folds(judged)
    elif kind in ASKED_OF_THE_ENGINE:
        ended = [run.id for run in runs if "last" in run.weights]
        named = [title for run, title in zip(runs, titles, strict=True) if run.id in ended]
        if ended and (found := _asked(kind, ended, "Looking at the runs")) is not None:
            _DRAWN[kind](found, named)


def _asked(kind: str, runs: Sequence[str], label: str) -> tuple[Any, ...] | None:
    """What the engine finds, asked for at once."""
    found: tuple[Any, ...] | None = work.run(
        f"experiments {kind} {' '.join(runs)}", label, at_once=True,
        start=lambda: work.Work("training.study", kind, tuple(runs), timeout=SECONDS),
    )  # fmt: skip
    return found


def _gradients(judged: Judged) -> None:
    st.subheader("How much of the gradient reaches each layer", anchor=False)
    st.markdown(
        "At the first step, before any of them has learned something. A gradient of zero has no "
        "place on a logarithmic axis."
    )
    show.figure(
        figures.studies.depths(judged.outcomes),
        lambda: figures.studies.depth_rows(judged.outcomes),
        key="experiments_depths",
        name="gradient_by_depth",
        alt="The norm of each layer's gradient from the first layer to the last, for every run.",
    )


def _folds(judged: Judged) -> None:
    scores = [HELD_OUT_ACCURACY.of(each) for each in judged.outcomes]
    known = [score for score in scores if score is not None]
    titles = [each.title for each in judged.outcomes]
    if len(known) < 2 or len(known) != len(titles):
        return
    found, axis = spread(known), "Held-out accuracy, %"
    st.subheader(f"{found.mean:.1f} % ± {found.deviation:.1f} points", anchor=False)
    st.markdown(
        f"The mean of {len(known)} folds, and their standard deviation (of a sample, divided by "
        f"k - 1); the folds lie between {found.low:.1f} and {found.high:.1f} %."
    )
    show.figure(
        figures.studies.folds(found, titles, axis),
        lambda: figures.studies.fold_rows(found, titles, axis),
        key="experiments_folds",
        name="folds",
        alt=f"Held-out accuracy of each fold, with their mean {found.mean:.1f} %.",
    )


def _flatness(found: tuple[Any, ...], titles: Sequence[str]) -> None:
    st.subheader("The loss around the weights reached", anchor=False)
    said = ", ".join(
        f"{title} **{each.sharpness:.3g}**" for each, title in zip(found, titles, strict=True)
    )
    st.markdown(f"Sharpness: {said}.")
    show.figure(
        figures.landscapes.slices(found, titles),
        lambda: figures.landscapes.slice_rows(found, titles),
        key="experiments_slices",
        name="loss_along_directions",
        alt="The training loss along random directions from the weights of each run.",
    )
    show.figure(
        figures.landscapes.planes(found, titles),
        lambda: figures.landscapes.plane_rows(found, titles),
        key="experiments_planes",
        name="loss_on_a_plane",
        alt="The training loss on a plane of two random directions around the weights of each run.",
    )
    st.caption(
        f"{SHARPNESS}. On {found[0].pictures} training pictures, in evaluation mode; bands reach "
        f"from the lowest to the highest of {len(found[0].losses)} directions."
    )


def _decision(found: tuple[Any, ...], titles: Sequence[str]) -> None:
    st.subheader("Where each net draws the border", anchor=False)
    show.figure(
        figures.studies.decisions(found, titles),
        lambda: figures.studies.decision_rows(found, titles),
        key="experiments_decisions",
        name="decisions",
        alt="The class that each network gives to every place, and the points it learned from.",
    )
    st.caption("The fainter a colour, the less sure the net is; points have the labels as learned.")


def _members(found: tuple[Any, ...], titles: Sequence[str]) -> None:
    st.subheader("Alone and together", anchor=False)
    show.figure(
        figures.studies.members(found, titles),
        lambda: figures.studies.member_rows(found, titles),
        key="experiments_members",
        name="members",
        alt="Test accuracy of the first so many members together, and of each alone.",
    )
    agree = [
        f"{title} {each.agreement:.0f} %"
        for each, title in zip(found, titles, strict=True)
        if each.agreement is not None
    ]
    st.caption(
        f"Two members say the same on so many of {found[0].pictures} test pictures: "
        f"{', '.join(agree)}. The less they agree, the more they can correct. Error bars: 95 % "
        "bootstrap intervals over test pictures."
    )


def _costs(found: tuple[Any, ...], titles: Sequence[str]) -> None:
    st.subheader("What they cost", anchor=False)
    first = found[0]
    rows = [
        {
            "": f"**{title}**",
            "Multiply-adds": f"{each.macs:,}  \n:small[:gray[{each.macs / first.macs:.2f} ×]]",
            "Parameters": f"{each.params:,}",
            "Input": units.shape(each.shape),
            "Depth": str(each.depth),
        }
        for each, title in zip(found, titles, strict=True)
    ]
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="Multiply-adds and parameters of each network, counted from the network itself.",
    )  # fmt: skip
    st.caption(f"{units.CONVENTIONS['MACs']}, for one picture; counted from the real networks.")


_DRAWN = {
    "flatness": _flatness,
    "decision": _decision,
    "members": _members,
    "costs": _costs,
}
