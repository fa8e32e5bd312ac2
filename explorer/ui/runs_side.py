"""The chosen runs side by side: their curves in the same axes, and in what their recipes differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.runs import compare
from explorer.runs.curves import METRICS
from explorer.ui import cached, live, runs_shipped

if TYPE_CHECKING:
    from explorer.runs.records import Run

USUAL = ("loss", "accuracy")
_METRICS = "runs_metrics"
NUMBERS = {
    "test_accuracy": "test %",
    "validation_accuracy": "held out %",
    "train_accuracy": "train %",
    "validation_loss": "held-out loss",
    "train_loss": "train loss",
    "epochs": "epochs",
    "seconds": "seconds",
}
"""What came of a run, as columns beside the settings in which it differs."""


def draw(chosen: Sequence[Run]) -> None:
    """The curves of all chosen runs, and the table of what differs."""
    metrics = _metrics()
    labels = names(chosen)
    if metrics:
        live.curves(
            [run.id for run in chosen], key="runs_curves", metrics=metrics, labels=labels,
            colour=runs_shipped.colours(chosen),
        )  # fmt: skip
    runs_shipped.depths(chosen)
    if len(chosen) > 1:
        _differences(chosen, labels)


def names(chosen: Sequence[Run]) -> dict[str, str]:
    """What to call each of these runs: its name, with its id where a name is there twice."""
    titles = [run.name for run in chosen]
    return {
        run.id: run.name if titles.count(run.name) == 1 else f"{run.name} · {run.id}"
        for run in chosen
    }


def _metrics() -> tuple[str, ...]:
    """Draw which metrics are shown, a chart for each."""
    picked = st.pills(
        "Curves of",
        tuple(METRICS),
        selection_mode="multi",
        default=USUAL,
        key=_METRICS,
        format_func=lambda name: METRICS[name].title,
        persist_state="session",
    )
    if not picked:
        st.caption("Choose what to draw: a loss, an accuracy, a rate.")
    # In their own order, whatever the order of the clicks.
    return tuple(name for name in METRICS if name in picked)


def _differences(chosen: Sequence[Run], labels: dict[str, str]) -> None:
    """One row a run: only the settings that differ, and the final numbers."""
    st.subheader("What differs", anchor=False)
    settings = compare.differing(chosen)
    if settings:
        shared = len(compare.TITLES) - len(settings)
        st.caption(
            f"{len(settings)} of {len(compare.TITLES)} settings differ; the other {shared} are the "
            "same in all of these recipes and left out."
        )
    else:
        st.caption("These recipes are equal in every setting, the seed too.")
    rows = [
        {"run": labels[run.id], **{title: values[place] for title, values in settings.items()}}
        | _numbers(run)
        for place, run in enumerate(chosen)
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="runs_differences",
        placeholder="–",
        alt=f"The settings in which {len(chosen)} runs differ, and what came of each.",
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width="medium"),
            **{
                title: st.column_config.NumberColumn(title, format="%.4g")
                for title in NUMBERS.values()
            },
        },
    )


def _numbers(run: Run) -> dict[str, Any]:
    found = compare.summary(run, cached.store().epochs(run.id))
    return {title: found[name] for name, title in NUMBERS.items()}
