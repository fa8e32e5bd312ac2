"""The Predict page's section on ten crops: what their average buys, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.figures.predictions import percent
from explorer.ui import cached, picture, predicting, show, totals, work
from explorer.vision.prediction_records import changes, judged

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import TenCrops

BEFORE, AFTER = "single view", "average of ten"


def compare(looking: Opened) -> None:
    """Ten views beside the single one: probabilities, ranks, passes and time."""
    st.markdown(
        "The single view is the middle. Krizhevsky and others (2012) also looked at the four "
        "corners and at the mirror image of all five, and averaged the ten answers."
    )
    card, chosen = looking.card, looking.picture
    done: TenCrops | None = work.run(
        f"ten crops {card.name} {looking.weights} {chosen.digest}",
        "Look ten times",
        start=lambda: work.Work(
            "vision.ten_crops",
            card.name,
            chosen,
            weights=looking.weights,
            top=predicting.USUAL_CLASSES,
            timeout=cached.LOADING,
        ),
        at_once=True,
    )
    if done is None:
        return
    names = cached.classes(card.name, looking.weights)
    right = predicting.right_class(names)
    _glance(done, names, right)
    left, other = st.columns([9, 11], gap="large")
    with left:
        _bought(done, names)
    with other:
        _views(done)


def _glance(done: TenCrops, names: tuple[str, ...], right: int | None) -> None:
    """What it bought for the class in question, and what it cost."""
    index = done.single.top[0].index if right is None else right
    single = judged(done.single.probabilities, names, index)
    average = judged(done.average.probabilities, names, index)
    whose = "the single view's first guess" if right is None else "the right class"
    totals.cells(
        (
            (
                picture.plain(names[index]),
                f"{percent(single.probability)} → {percent(average.probability)}",
                f"{whose}: rank {single.rank} → {average.rank}",
            ),
            ("Forward passes", "1 → 10", "one picture each, ten as one batch"),
            (
                "Time",
                f"{done.ten_seconds / done.single_seconds:.1f} ×",
                f"{units.duration(done.single_seconds)} → {units.duration(done.ten_seconds)}; "
                f"medians of {done.passes} on {done.use.device}",
            ),
        ),
        key="predict_ten_glance",
    )


def _bought(done: TenCrops, names: tuple[str, ...]) -> None:
    st.subheader("What the average changes", anchor=False)
    found = changes(
        done.single.probabilities, done.average.probabilities, names, predicting.USUAL_CLASSES
    )
    show.figure(
        figures.predictions.before_and_after(found, BEFORE, AFTER),
        lambda: figures.predictions.change_rows(found, BEFORE, AFTER),
        key="predict_ten_changes",
        name=f"{done.use.model.replace(':', '_')}_ten_crops",
        alt="Probabilities of the likeliest classes from a single view and from ten views.",
    )
    st.caption("Softmax probabilities, averaged class by class over the ten views.")


def _views(done: TenCrops) -> None:
    st.subheader("The ten views", anchor=False)
    agree = sum(view.best.index == done.average.top[0].index for view in done.views)
    st.caption(
        f"{agree} of 10 say {picture.plain(done.average.top[0].name)} first, as their average does."
    )
    with st.grid(5, min_column_width=104, gap="small", key="predict_ten_views") as grid:
        for view in done.views:
            with grid.cell(), st.container(gap=None):
                st.image(view.png, width="stretch", alt=f"The view {view.title}")
                st.markdown(
                    f":small[{picture.plain(view.best.name)} {percent(view.best.probability)}]  \n"
                    f":small[:gray[{view.title}]]"
                )
