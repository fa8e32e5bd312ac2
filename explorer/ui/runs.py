"""The Runs page's list: which runs there are, and which of them are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.runs import compare, shipped
from explorer.shipped.comparisons import COMPARISONS
from explorer.ui import address, cached, places, visitor

if TYPE_CHECKING:
    from explorer.runs.records import Run

CHOSEN = "runs_chosen"
_SHOWN, _TABLE = "runs_shown", "runs_table"
_SEARCH, _WHOSE = "runs_search", "runs_whose"
WHOSE = {"all": "All", "mine": "Mine", "shared": "Shared", "shipped": "Shipped"}
FILTERS: Mapping[str, Callable[[Run], str]] = {
    "State": lambda run: run.state,
    "Data": lambda run: compare.data(run.recipe),
    "Network": lambda run: run.recipe.network,
    "Optimiser": lambda run: run.recipe.optimiser,
}
SEPARATOR = ","
ROW, MOST_ROWS = 35, 9
"""Pixels of a row of the table, and how many of them are seen without scrolling."""


def visible() -> tuple[Run, ...]:
    """This visitor's runs and the shared ones, the newest first; then those that are shipped."""
    return (*cached.store().runs(visitor.owner()), *shipped.runs())


def mine(run: Run) -> bool:
    """Whether this visitor may change a run."""
    return run.owner == visitor.owner()


def whose(run: Run) -> str:
    """Which of `WHOSE` a run is: nobody's own are those that come with ConvZoo."""
    if shipped.known(run.id):
        return "shipped"
    return "mine" if mine(run) else "shared"


def nothing() -> None:
    """Say where a first run is started."""
    st.info(
        "There is no run yet. Start one in the Training lab, press a ready experiment, or type "
        "`python -m explorer train --network lenet5 --data digits --epochs 10` in a terminal: "
        "its run appears here too.",
        icon=":material/show_chart:",
    )
    with st.container(horizontal=True, key="runs_begin"):
        st.page_link(places.TRAINING_LAB, label="Training lab", icon=":material/model_training:")
        st.page_link(places.EXPERIMENTS, label="Ready experiments", icon=":material/science:")


def choose(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Draw the filters and the table, and return the runs that are chosen in it.

    The oldest first; shipped ones come last, in their own order.
    """
    _adopt(runs)
    listed = _filtered(runs)
    _table(listed, len(runs))
    known = {run.id: run for run in runs}
    chosen = [each for each in st.session_state[CHOSEN] if each in known]
    st.session_state[CHOSEN] = chosen
    hidden = len(set(chosen) - {run.id for run in listed})
    if hidden:
        st.caption(f"{hidden} of the chosen runs below are not in the list as it is filtered.")
    address.publish("run", chosen[0] if len(chosen) == 1 else None)
    address.publish("runs", SEPARATOR.join(chosen) if len(chosen) > 1 else None)
    return tuple(sorted((run for run in runs if run.id in chosen), key=_age))


def _age(run: Run) -> tuple[bool, float]:
    """What chosen runs are ordered by; the order of shipped ones stays as it is."""
    return (True, 0.0) if shipped.known(run.id) else (False, run.created)


def look_at(*runs: str) -> None:
    """Choose these runs from the next drawing on."""
    st.session_state[CHOSEN] = list(runs)


def _adopt(runs: Sequence[Run]) -> None:
    """Take the choice from the address; where nobody chose yet, what is usual."""
    asked = address.says("runs") or address.says("run")
    if asked is not None:
        st.session_state[CHOSEN] = _known(runs, asked)
    st.session_state.setdefault(CHOSEN, _usual(runs))


def _usual(runs: Sequence[Run]) -> list[str]:
    """The newest run; the first ready comparison, where all there are come with ConvZoo."""
    known = {run.id for run in runs}
    ready = [each for each in map(shipped.id_of, COMPARISONS[0].models) if each in known]
    return ready if ready and shipped.known(runs[0].id) else [runs[0].id]


def _known(runs: Sequence[Run], text: str) -> list[str]:
    """The runs an address names, in its order, those left out that are not to be seen here."""
    known = {run.id for run in runs}
    asked = [each for each in dict.fromkeys(text.split(SEPARATOR)) if each]
    for each in asked:
        if each not in known:
            address.complain(
                f"There is no run {each[:40]!r} here: it was deleted, or belongs to somebody who "
                "does not share it."
            )
    return [each for each in asked if each in known]


def _filtered(runs: Sequence[Run]) -> list[Run]:
    """Draw the filters, and return what they let through."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_filters"):
        text = st.text_input(
            "Search", key=_SEARCH, persist_state="session", width=280, icon=":material/search:",
            placeholder="Name, note, network, experiment", label_visibility="collapsed",
        )  # fmt: skip
        who = st.segmented_control(
            "Whose", tuple(WHOSE), key=_WHOSE, default="all", format_func=WHOSE.__getitem__,
            required=True, persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        active = sum(bool(st.session_state.get(_key(title))) for title in FILTERS)
        label = f"Filter · {active}" if active else "Filter"
        with st.popover(label, icon=":material/filter_list:", key="runs_filter"):
            picked = [(of, _any_of(title, of, runs)) for title, of in FILTERS.items()]
    words = text.strip().casefold()
    return [
        run
        for run in runs
        if words in _words(run)
        if who in ("all", whose(run)) or (who == "shared" and mine(run) and run.shared)
        if all(not wanted or of(run) in wanted for of, wanted in picked)
    ]


def _any_of(title: str, of: Callable[[Run], str], runs: Sequence[Run]) -> set[str]:
    """Draw a choice among the values that occur; none chosen lets everything through."""
    key = _key(title)
    occurring = sorted({of(run) for run in runs} | set(st.session_state.get(key, ())))
    return set(
        st.multiselect(title, occurring, key=key, persist_state="session", placeholder="Any")
    )


def _key(title: str) -> str:
    return f"runs_{title.lower()}"


def _words(run: Run) -> str:
    recipe = run.recipe
    words = (run.id, run.name, run.note, run.group, run.variant, recipe.network, recipe.data)
    return " ".join((*words, recipe.optimiser)).casefold()


def _table(listed: Sequence[Run], count: int) -> None:
    """The runs to choose from; a click on a row's box puts its curve below."""
    if not listed:
        st.caption(f"None of {count:,} runs is like that; empty a filter to see more.")
        return
    ids = [run.id for run in listed]
    chosen = set(st.session_state[CHOSEN])
    st.session_state[_SHOWN] = ids
    # By place, so it is set anew whenever a run comes, goes or is chosen by a link.
    st.session_state[_TABLE] = {
        "selection": {"rows": [row for row, each in enumerate(ids) if each in chosen]}
    }
    st.dataframe(
        pd.DataFrame([_row(run) for run in listed]),
        key=_TABLE,
        hide_index=True,
        on_select=_selected,
        selection_mode="multi-row",
        row_height=ROW,
        height="auto" if len(ids) <= MOST_ROWS else ROW * (MOST_ROWS + 1) + ROW // 2,
        placeholder="–",
        alt=f"{len(ids)} runs with their state, what they learned from and what came of them.",
        column_config=_columns(),
    )


def _selected() -> None:
    """Note which runs were chosen, by the rows as they stood when somebody clicked."""
    shown: list[str] = st.session_state[_SHOWN]
    rows = [row for row in st.session_state[_TABLE]["selection"]["rows"] if row < len(shown)]
    elsewhere = [each for each in st.session_state[CHOSEN] if each not in shown]
    st.session_state[CHOSEN] = [*elsewhere, *(shown[row] for row in rows)]


def _row(run: Run) -> dict[str, Any]:
    epochs = () if run.result else cached.store().epochs(run.id)
    found = compare.summary(run, epochs)
    return {
        "run": run.name,
        "state": run.state,
        "network": run.recipe.network,
        "data": compare.data(run.recipe),
        "test": found["test_accuracy"],
        "held out": found["validation_accuracy"],
        "train": found["train_accuracy"],
        "epochs": found["epochs"],
        "minutes": found["seconds"] / 60,
        "started": pd.Timestamp(run.started or run.created, unit="s", tz="UTC"),
        "whose": "mine, shared" if mine(run) and run.shared else whose(run),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "run": column.TextColumn("run", width="medium", pinned=True),
        "test": column.NumberColumn(
            "test %", format="%.2f", help="Accuracy on the test pictures, looked at once at the end"
        ),
        "held out": column.NumberColumn(
            "held out %", format="%.2f", help="Accuracy on the pictures that were held out"
        ),
        "train": column.NumberColumn(
            "train %", format="%.2f", help="Mean over the last epoch's batches, as they were shown"
        ),
        "epochs": column.NumberColumn("epochs", format="%.4g"),
        "minutes": column.NumberColumn(
            "minutes", format="%.2f", help="Spent training; pauses and evaluation left out"
        ),
        "started": column.DatetimeColumn("started", format="distance"),
    }
