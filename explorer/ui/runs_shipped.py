"""What comes with ConvZoo on the Runs page: ready comparisons, and what depth did in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.figures import live as drawn
from explorer.runs import compare, shipped
from explorer.shipped.comparisons import COMPARISONS, Rung, rung
from explorer.ui import cached, live, places, runs, show

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.runs.records import Run


def place() -> DeltaGenerator:
    """Keep the place for `ready`, above the list, until it is known what is chosen in there."""
    return st.container(gap="small", key="runs_ready")


def ready(at: DeltaGenerator, found: Sequence[Run], chosen: Sequence[Run]) -> None:
    """Draw a button for each ready comparison; the one that is looked at says what it asks."""
    here = {run.id for run in found}
    offered = {each.key: [id for id in map(shipped.id_of, each.models) if id in here]
               for each in COMPARISONS}  # fmt: skip
    now = {run.id for run in chosen}
    with at:
        if here and all(map(shipped.known, here)):
            _begin()
        with st.container(horizontal=True, key="runs_ready_ones"):
            for each in COMPARISONS:
                if len(offered[each.key]) > 1:
                    st.button(
                        each.title, key=f"runs_ready_{each.key}",
                        type="primary" if now == set(offered[each.key]) else "secondary",
                        on_click=runs.look_at, args=offered[each.key],
                    )  # fmt: skip
        for each in COMPARISONS:
            if len(now) > 1 and now == set(offered[each.key]):
                st.markdown(f":material/school: {each.asks}")


def _begin() -> None:
    """Say whose runs these are, and where one of one's own is started."""
    with st.container(horizontal=True, vertical_alignment="center", key="runs_begin"):
        st.caption(
            "You have no run yet; these come with ConvZoo, as they were recorded.", width="content"
        )
        st.page_link(places.TRAINING_LAB, label="Training lab", icon=":material/model_training:")
        st.page_link(places.EXPERIMENTS, label="Ready experiments", icon=":material/science:")


def colours(chosen: Sequence[Run]) -> dict[str, str]:
    """A colour for each run: by kind and depth where they tell all of them apart, else by place."""
    rungs = {run.id: found for run in chosen if (found := rung(run.recipe.network)) is not None}
    if len(set(rungs.values())) == len(chosen) > 1:
        return drawn.shades(rungs)
    return live.colours([run.id for run in chosen])


def depths(chosen: Sequence[Run]) -> None:
    """What accuracies nets of two kinds ended with, over their depths; nothing of other runs."""
    rungs = _rungs(chosen)
    known = {(each.kind, each.depth) for each in rungs}
    if len({kind for kind, _ in known}) < 2 or len({depth for _, depth in known}) < 2:
        return
    if len(known) < len(rungs):  # a recipe that was run twice: no line goes through both
        return
    st.subheader("What depth does", anchor=False)
    show.figure(
        figures.depths.accuracy(rungs),
        lambda: figures.depths.accuracy_rows(rungs),
        key="runs_depths",
        name="runs_depths",
        alt="Accuracy over the number of layers, for "
        + " and ".join(sorted({each.kind.lower() for each in rungs}))
        + " nets.",
    )
    st.caption(
        "Training: the mean over the last epoch's batches, as they were shown, so while the "
        "network still learned. Test: after the last step, on all test pictures. One run of each: "
        "what another seed would change is not in it."
    )


def _rungs(chosen: Sequence[Run]) -> list[Rung]:
    """What came of each of the chosen runs that is over and whose network is one of a ladder."""
    found = []
    for run in chosen:
        ladder = rung(run.recipe.network)
        if ladder is not None and run.result is not None:
            told = compare.summary(run, cached.store().epochs(run.id))
            found.append(Rung(*ladder, told["train_accuracy"], told["test_accuracy"]))
    return found
