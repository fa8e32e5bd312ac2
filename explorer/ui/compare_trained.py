"""The Compare page's section on nets trained here alike: what accuracy costs, recipe set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.compare import trained
from explorer.runs import compare as recipes
from explorer.runs import shipped
from explorer.shipped.comparisons import COMPARISONS
from explorer.training.data import catalogue as data_catalogue
from explorer.ui import compare, frontpage, places, show, work
from explorer.zoo.own_weights import all_own

if TYPE_CHECKING:
    from explorer.compare.records import Profile
    from explorer.compare.trained import Net, Trained
    from explorer.ui.compare import Chosen

SECONDS = 1800.0
TIMES = ("time", "together")
_WORK, _KEPT = "compare_trained_times", "compare_trained_profiles"


def draw(chosen: Chosen) -> None:
    """What the nets have in common, the figure, and every number; a point opens its Anatomy."""
    found = trained.alike(all_own())
    st.subheader("Nets we trained under one recipe", anchor=False)
    if found.recipe is None:
        st.info(
            "No weights of nets for CIFAR-10 are in this copy of ConvZoo: "
            "`python -m explorer weights make` trains them.",
            icon=":material/school:",
        )
        return
    _convention(found)
    options = {key: axis.short for key, axis in trained.AXES.items()}
    across = compare.segmented("Against", "compare_trained_x", options, name="cost")
    profiles = _measured(found.nets, asked=across in TIMES)
    if across not in TIMES or profiles:
        _figure(found.nets, across, profiles, [card.name for card in chosen.cards])
    _files(found.nets, profiles)
    for sentence in found.left_out:
        st.caption(sentence)


def _convention(found: Trained) -> None:
    """What is the same for all of them, and what these accuracies are of."""
    recipe, data = found.recipe, data_catalogue.find(trained.DATA)
    assert recipe is not None  # there are nets
    st.markdown(
        f"{len(found.nets)} nets, one for each idea and depth, learned from the same pictures by "
        "the same recipe: what differs is the architecture, and the chance of one seed each."
    )
    st.caption(
        f"{data.title}, {recipes.length(recipe)}, batch {recipe.batch_size}, {recipe.optimiser} "
        f"at {recipe.learning_rate:g}, schedule {recipe.schedule}; the augmentation is the same "
        "too. So short a training ranks nets by how fast they learn: longer, others may lead. "
        "Accuracies are in % of "
        f"all {data.test:,} test pictures, bars what so many leave open (Wilson, 95 %). They are "
        "of other pictures than ImageNet's and cannot be held against published ones."
        f"{_precisions(found.precisions)}"
    )


def _precisions(used: Sequence[str]) -> str:
    """What nets were multiplied in while they learned, where that is not the same for all."""
    if len(used) == 1:
        return ""
    return (
        f" While they learned, they were multiplied in {' or '.join(used)}, whichever the "
        "processor does faster; accuracies are measured in fp32."
    )


def _measured(nets: Sequence[Net], *, asked: bool) -> tuple[Profile, ...]:
    """Times measured in this session; where they are asked for, with the button that does so."""
    kept: tuple[Profile, ...] = st.session_state.get(_KEPT, ())
    if not asked:
        return kept
    if kept:
        st.button(
            "Measure again", icon=":material/refresh:", key="compare_trained_again",
            on_click=_forget,
        )  # fmt: skip
        return kept
    batches = (trained.ALONE, trained.TOGETHER)
    st.markdown(
        f"Each net is run here with batches of {trained.ALONE} and {trained.TOGETHER}, which "
        "takes a minute or two for all of them."
    )
    done = work.run(
        _WORK,
        f"Measure all {len(nets)}",
        start=lambda: work.Work(
            "compare.profiles", [net.name for net in nets], batches=batches, timeout=SECONDS
        ),
        icon=":material/timer:",
    )
    if done is not None:
        work.forget(_WORK)
        st.session_state[_KEPT] = done
        st.rerun()
    return ()


def _forget() -> None:
    st.session_state.pop(_KEPT, None)


def _figure(
    nets: Sequence[Net], across: str, profiles: Sequence[Profile], marked: Sequence[str]
) -> None:
    axis = trained.AXES[across]
    picked = show.figure(
        figures.compare_trained.accuracy(nets, across, profiles, marked=marked),
        lambda: trained.rows(nets, profiles),
        key="compare_trained",
        name="convzoo_one_recipe",
        alt=f"Test accuracy of {len(nets)} nets trained under one recipe, against {axis.short}.",
        on_select=True,
    )
    frontpage.open_point(picked, places.ANATOMY)
    st.caption(
        f"{_device(profiles) if axis.unit else ''}Nets of one idea are joined by a line. Click a "
        "point to take the net apart, an idea in the legend to hide it."
    )


def _device(profiles: Sequence[Profile]) -> str:
    """Where and how times were measured, in a sentence."""
    device = profiles[0].device
    threads = f"{device.threads} thread{'' if device.threads == 1 else 's'}"
    return (
        f"Median times of a forward pass on {device.name}, {threads}, with random weights, which "
        "take as long as trained ones. "
    )


def _files(nets: Sequence[Net], profiles: Sequence[Profile]) -> None:
    """The numbers as files, and the way to the curves."""
    with st.container(horizontal=True, vertical_alignment="center", key="compare_trained_files"):
        for title, write, mime in (
            ("CSV", trained.to_csv, "text/csv"),
            ("JSON", trained.to_json, "application/json"),
        ):
            st.download_button(
                title,
                write(nets, profiles).encode(),
                file_name=f"convzoo_one_recipe.{title.lower()}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"compare_trained_{title.lower()}",
            )
        here = {net.name for net in nets}
        for each in COMPARISONS:
            if here.issuperset(each.models):
                ids = ",".join(map(shipped.id_of, each.models))
                st.page_link(
                    places.RUNS, label=f"Curves: {each.title}", icon=":material/show_chart:",
                    query_params={"runs": ids},
                )  # fmt: skip
