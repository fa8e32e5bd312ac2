"""One run: how it ended, what may be done with it, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.runs import compare, shipped, told
from explorer.training import recipe as recipes
from explorer.ui import cached, live, picture, places, runs, runs_next, runs_side, show, totals
from explorer.zoo.weight_records import OWN

if TYPE_CHECKING:
    from explorer.runs.records import Run

_LOOKED_AT = "runs_looked_at"
STATES = {
    "queued": (":material/hourglass_empty:", "gray"),
    "running": (":material/play_circle:", "blue"),
    "paused": (":material/pause_circle:", "orange"),
    "done": (":material/check_circle:", "green"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/cancel:", "gray"),
    "lost": (":material/help:", "red"),
}
PAGES = (
    (places.PREDICT, "Predict", ":material/image_search:"),
    (places.FEATURE_MAPS, "Feature maps", ":material/grid_view:"),
    (places.ATTRIBUTION, "Saliency", ":material/gradient:"),
    (places.ANATOMY, "Anatomy", ":material/account_tree:"),
)
UNKNOWN = "–"
MOST_NAME, MOST_NOTE = 120, 4000
"""Characters."""
POLL = 2.0
"""Seconds between two looks at the figures of a run that goes on."""
_CELLS = "runs_figures"


def draw(chosen: Sequence[Run]) -> None:
    """One of the chosen runs in full."""
    run = _pick(chosen)
    _head(run)
    _figures(run)
    with st.container(horizontal=True, gap="large", key="runs_ways"):
        _open_with(run)
        runs_next.ways(run)
    _recipe(run)
    _called(run)


def _pick(chosen: Sequence[Run]) -> Run:
    """Draw which of several runs is looked at; the newest, until another is picked."""
    known = {run.id: run for run in chosen}
    if len(chosen) == 1:
        return chosen[0]
    if st.session_state.get(_LOOKED_AT) not in known:
        st.session_state[_LOOKED_AT] = chosen[-1].id
    labels = runs_side.names(chosen)
    picked = st.selectbox(
        "Look at one of them", tuple(known), key=_LOOKED_AT, format_func=labels.__getitem__,
        persist_state="session", width=420,
    )  # fmt: skip
    return known[picked]


def _head(run: Run) -> None:
    icon, colour = STATES[run.state]
    st.subheader(picture.plain(run.name), anchor=False)
    # Of one that runs, the line above the list says how it is, every other second.
    said = "" if run.state == "running" else picture.plain(run.sentence)
    comes = " :violet-badge[:material/inventory_2: shipped]" if shipped.known(run.id) else ""
    st.markdown(f":{colour}-badge[{icon} {run.state}]{comes} {said}")
    ran_on = ", ".join(f"{name} {value}" for name, value in told.machine(run))
    st.caption(
        f"`{run.id}` · {picture.plain(compare.in_short(run.recipe))}"
        + (f" · {picture.plain(ran_on)}" if ran_on else "")
    )


def _figures(run: Run) -> None:
    """What came of it so far, each number with what it was measured on."""

    def look() -> None:
        with show.errors():  # in here: a poll runs nothing of what is around it
            now = cached.store().run(run.id)
            found = compare.summary(now, cached.store().epochs(now.id))
            totals.cells(_cells(now, found), key=_CELLS)

    st.fragment(look, run_every=POLL if live.going(run) else None)()


def _cells(run: Run, found: compare.Row) -> tuple[tuple[str, str, str], ...]:
    """Title, value and meaning of each number."""
    began = run.began
    test, held_out = found["test_accuracy"], found["validation_accuracy"]
    tested = f"on {began.test:,} test pictures" if began else "on test pictures"
    held = f"on {began.validation:,} pictures held out" if began else "on pictures held out"
    if began and not began.validation:
        held = "none were held out"
    return (
        ("Test accuracy", _percent(test), "when it is done" if test is None else tested),
        ("Held out", _percent(held_out), held),
        ("Training", _percent(found["train_accuracy"]), "over the last epoch's batches"),
        ("Steps", units.count(found["steps"]), f"{found['epochs']:.4g} epochs"),
        ("Time", units.duration(found["seconds"]), "training, without pauses"),
    )


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f} %"


def as_model(run: Run) -> dict[str, str]:
    """What a link to another page asks for, to open the weights a run ended with; often `run:ID`.

    Those of a run that comes with ConvZoo are the zoo's; empty where no weights are kept.
    """
    if shipped.known(run.id):
        return {"model": shipped.model_of(run.id), "weights": OWN}
    return {"model": f"run:{run.id}"} if run.weights else {}


def _open_with(run: Run) -> None:
    """Links to other pages, with the weights this run ended with."""
    with st.container(width="content", gap="small", key="runs_open"):
        st.markdown("**Open its weights in**")
        asked = as_model(run)
        if not asked:
            st.caption("No weights are kept: it was cancelled, or has not got that far.")
            return
        if run.began and run.began.shape[1:] == (1, 1):
            st.caption("It learned from points, and those pages open pictures.")
            return
        with st.container(horizontal=True, gap="small", key="runs_open_pages"):
            for page, label, icon in PAGES:
                st.page_link(page, label=label, icon=icon, query_params=asked)


def _recipe(run: Run) -> None:
    opened = st.expander(
        "Its recipe", icon=":material/receipt_long:", key="runs_recipe", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        st.caption("What is not listed has its default.")
        st.dataframe(
            compare.settings(run.recipe), hide_index=True, key="runs_settings",
            alt=f"The settings of {run.name} that are not their defaults.",
        )  # fmt: skip
        with st.container(horizontal=True, key="runs_recipe_files"):
            st.download_button(
                "Recipe", recipes.to_json(run.recipe).encode(), file_name=f"recipe_{run.id}.json",
                mime="application/json", icon=":material/download:", on_click="ignore",
                key="runs_recipe_json", help="`python -m explorer train --recipe FILE` takes it",
            )  # fmt: skip
            for which in run.weights:
                st.download_button(
                    f"Weights, {which}", partial(_weights, run, which),
                    file_name=f"{run.id}_{which}.safetensors", icon=":material/download:",
                    on_click="ignore", key=f"runs_weights_{which}",
                )  # fmt: skip


def _weights(run: Run, which: str) -> bytes:
    return (run.folder / f"{which}.safetensors").read_bytes()


def _called(run: Run) -> None:
    """Its name and note, whether others see it, and its end; for whoever started it."""
    if shipped.known(run.id):
        st.caption(
            "It comes with ConvZoo and stays as it is. "
            f"`python -m explorer weights make {shipped.model_of(run.id)}` makes it anew."
        )
        return
    if not runs.mine(run):
        how = f" `python -m explorer runs delete {run.id}` removes it." if not run.owner else ""
        st.caption(f"A shared run: whoever started it can rename or delete it.{how}")
        return
    left, right = st.columns([5, 7], gap="medium", vertical_alignment="top")
    with left:
        st.text_input(
            "Name", run.name, key=f"runs_name_{run.id}", max_chars=MOST_NAME,
            on_change=_renamed, args=(run.id,),
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", key="runs_mine"):
            st.toggle(
                "Shared", run.shared, key=f"runs_shared_{run.id}", on_change=_shared,
                args=(run.id,), help="Everybody who opens this page sees it",
            )  # fmt: skip
            _delete(run)
    with right:
        st.text_area(
            "Note", run.note, key=f"runs_note_{run.id}", max_chars=MOST_NOTE, height=96,
            on_change=_noted, args=(run.id,), placeholder="What you wanted to know, what you saw",
        )  # fmt: skip


def _renamed(run: str) -> None:
    name = st.session_state[f"runs_name_{run}"].strip()
    if name:
        with show.errors():  # another tab may have deleted it
            cached.store().rename(run, name)


def _noted(run: str) -> None:
    with show.errors():
        cached.store().annotate(run, st.session_state[f"runs_note_{run}"].strip())


def _shared(run: str) -> None:
    with show.errors():
        cached.store().share(run, st.session_state[f"runs_shared_{run}"])


def _delete(run: Run) -> None:
    """Delete it, which is asked once more; a run that goes on is refused by the store."""
    with st.popover("Delete", icon=":material/delete:", key="runs_delete"), show.errors():
        st.markdown("Its curves and weights are gone for good.")
        if st.button("Delete this run", type="primary", key=f"runs_delete_{run.id}"):
            cached.store().delete(run.id)
            runs.look_at()
            st.rerun()
