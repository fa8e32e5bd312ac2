"""Curves of runs while they grow: polled and cheap; once all are over, a figure for study."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer import figures
from explorer.figures import live as drawn
from explorer.runs import curves as told
from explorer.runs.curves import AXES, METRICS, Line
from explorer.ui import awake, cached, live_rows, show

if TYPE_CHECKING:
    from explorer.runs.curves import Axis
    from explorer.runs.records import Run
    from explorer.training.records import Epoch

POLL = 1.0
"""Seconds between two looks at runs that go on."""
USUAL = ("loss", "accuracy")
NARROWEST = 320
"""Pixels below which two charts stand one above the other."""
_SMOOTHING = 0.6


@dataclass(frozen=True, slots=True)
class Controls:
    """How curves are drawn: what is across, how smooth, and which axes are logarithmic."""

    axis: Axis
    smoothing: float
    log_x: bool
    log_y: bool
    top5: bool = False


def curves(
    runs: Sequence[str],
    *,
    key: str,
    metrics: Sequence[str] = USUAL,
    labels: Mapping[str, str] | None = None,
    colour: Mapping[str, str] | None = None,
    axis: Axis = "step",
    height: int = 270,
) -> None:
    """Draw runs in the same axes, one chart for each metric, and follow those that go on.

    `runs` are ids, `metrics` keys of `explorer.runs.curves.METRICS`, `labels` what a legend calls
    a run and `colour` that of its line, without which they go by their places. This is a
    fragment: not for use inside another one.
    """
    going_on = any(going(cached.store().run(each)) for each in runs)

    def look() -> None:
        with show.errors():  # in here: a poll runs nothing of what is around it
            found = [cached.store().run(each) for each in runs]
            draw(
                found, key=key, metrics=metrics, labels=labels, colour=colour, axis=axis,
                height=height,
            )  # fmt: skip
            if going_on and not any(map(going, found)):
                st.rerun()

    st.fragment(look, run_every=POLL if going_on else None)()


def going(run: Run) -> bool:
    """Whether a run may tell something new without anybody's help."""
    return run.state in ("queued", "running")


def colours(runs: Sequence[str]) -> dict[str, str]:
    """Each run's line colour as "#rrggbb", by its place."""
    return drawn.colour_of(runs)


def draw(
    runs: Sequence[Run],
    *,
    key: str,
    metrics: Sequence[str] = USUAL,
    labels: Mapping[str, str] | None = None,
    colour: Mapping[str, str] | None = None,
    axis: Axis = "step",
    height: int = 270,
    how: Controls | None = None,
) -> None:
    """Draw runs as they are now, for use inside a fragment that is polled.

    `how` are controls that were drawn elsewhere; without them they are drawn above the charts.
    """
    how = how or controls(key, axis, top5=has_top5(runs))
    labels = labels or names(runs)
    colour = colour or colours([run.id for run in runs])
    if len(runs) > 1:
        _legend(runs, labels, colour)
    moving = any(map(going, runs))
    if any(run.state == "queued" for run in runs):
        awake.keep()
    with st.grid(
        len(metrics), min_column_width=NARROWEST, gap="medium", key=f"{key}_charts"
    ) as grid:
        for metric in metrics:
            with grid.cell():
                _chart(
                    runs, labels, colour, metric, how,
                    moving=moving, key=f"{key}_{metric}", height=height,
                )  # fmt: skip
    scored = [METRICS[metric].says for metric in metrics if METRICS[metric].scored]
    if scored:
        st.caption(scored[0])


def _legend(runs: Sequence[Run], labels: Mapping[str, str], colour: Mapping[str, str]) -> None:
    """Each run's colour and name, once for all charts: in them it would leave no room."""
    entries = "".join(
        f'<span class="cz-line"><i style="background:{colour[run.id]}"></i>'
        f"{html.escape(labels[run.id])}</span>"
        for run in runs
    )
    st.html(f'<style>{_LEGEND}</style><div class="cz-lines">{entries}</div>')


_LEGEND = """
.cz-lines { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; font-size: 0.875rem; }
.cz-line { display: inline-flex; align-items: center; gap: 0.45rem; overflow-wrap: anywhere; }
.cz-line i { width: 1.1rem; height: 3px; border-radius: 2px; flex: none; }
"""


def has_top5(runs: Sequence[Run]) -> bool:
    """Whether for any of them the five best classes are counted too."""
    return any(run.began is not None and run.began.top5 for run in runs)


def controls(key: str, axis: Axis, *, top5: bool) -> Controls:
    """Smoothing, what is across, and logarithmic axes, on one line; where it is told, top-5."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key=f"{key}_how"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.99, _SMOOTHING, 0.01, key=f"{key}_smoothing", width=180,
            persist_state="session",
            help="Share of the curve so far in each point of it; held-out pictures are never "
            "smoothed",
        )  # fmt: skip
        across = st.segmented_control(
            "Across", tuple(AXES), default=axis, key=f"{key}_axis", required=True,
            format_func=_short, persist_state="session",
        )  # fmt: skip
        logs = st.pills(
            "Logarithmic", ("across", "up"), selection_mode="multi", key=f"{key}_logs",
            persist_state="session",
        )  # fmt: skip
        five = top5 and st.toggle(
            "Top-5", key=f"{key}_top5", persist_state="session",
            help="Held-out pictures whose right class is among the five best, too",
        )  # fmt: skip
    return Controls(across or axis, smoothing, "across" in logs, "up" in logs, five)


def lines(run: Run, label: str, metric: str, how: Controls) -> tuple[Line, ...]:
    """The curves of one run."""
    rows = live_rows.of(run)
    found = told.lines(
        run.id, label, rows.steps, rows.epochs,
        metric=metric, axis=how.axis, smoothing=how.smoothing,
    )  # fmt: skip
    if how.top5 and metric == "accuracy":
        found = (*found, *_best_five(run.id, label, rows.epochs, how.axis))
    return found


def _best_five(run: str, label: str, epochs: Sequence[Epoch], axis: Axis) -> tuple[Line, ...]:
    """Top-5 accuracy on held-out pictures, where it was counted."""
    told_of = [
        (float(getattr(each, axis)), each.validation.top5)
        for each in epochs
        if each.validation is not None and each.validation.top5 is not None
    ]
    if not told_of:
        return ()
    x, y = np.array(told_of, dtype=np.float64).T
    return (Line(run, f"{label}, top-5", "validation", x, y),)


def _chart(
    runs: Sequence[Run],
    labels: Mapping[str, str],
    colour: Mapping[str, str],
    metric: str,
    how: Controls,
    *,
    moving: bool,
    key: str,
    height: int,
) -> None:
    found = [line for run in runs for line in lines(run, labels[run.id], metric, how)]
    log = how.log_y and metric != "accuracy"
    alt = f"{METRICS[metric].title} of {', '.join(labels[run.id] for run in runs)}."
    if moving:
        option = drawn.curves(
            found, metric=metric, colour=colour, axis=how.axis, log=log, log_x=how.log_x
        )
        st.echarts_chart(option, key=f"{key}_live", height=height, alt=alt)
    else:
        show.figure(
            figures.training.curves(
                found, metric=metric, colour=colour, axis=how.axis, log=log, log_x=how.log_x,
                height=height + 60,
            ),
            lambda: figures.training.curve_rows(found, metric=metric, axis=how.axis),
            key=key,
            name=f"runs_{metric}",
            alt=alt,
        )  # fmt: skip
    if not METRICS[metric].scored:
        st.caption(METRICS[metric].says)


def names(runs: Sequence[Run]) -> dict[str, str]:
    """What a legend calls each run; two of the same name are told apart by their id."""
    names = [run.name for run in runs]
    return {
        run.id: run.name if names.count(run.name) == 1 else f"{run.name} ({run.id[-4:]})"
        for run in runs
    }


def _short(axis: Axis) -> str:
    return {"step": "Steps", "epoch": "Epochs", "seconds": "Seconds"}[axis]
