"""Inside a run: pace, layers, the sample, first filters, and histograms that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.engine import control
from explorer.errors import ExplorerError
from explorer.figures import live as drawn
from explorer.ui import cached, live, show, training_sample
from explorer.ui.training_recipe import PREFIX
from explorer.vision import montage
from explorer.vision.activation_records import Filters as Kernels
from explorer.vision.records import NetworkUse

if TYPE_CHECKING:
    import numpy as np

    from explorer.figures.live import Which
    from explorer.runs.records import Run
    from explorer.training.records import Began, Histograms

VIEWS = {
    "sample": "Predictions",
    "pace": "Rate, pace, gradient",
    "layers": "Layer by layer",
    "filters": "First filters",
    "histograms": "Histograms",
}
PACE = ("learning_rate", "gradient_norm", "samples_per_second")
KINDS: tuple[Which, ...] = ("gradient norm", "update ratio")
MEANING: dict[Which, str] = {
    "gradient norm": "Euclidean norm of the gradient of each layer's weights. Where it fades "
    "towards the first layers it vanishes; where it jumps, the rate is too high.",
    "update ratio": "How far a step moved each layer's weights, as a share of their own norm. "
    "About a thousandth is healthy: far less hardly learns, far more forgets.",
}
MOST_FILTERS = 96
_USE = NetworkUse("", "", "", "", random=False, device="")
_VIEW, _WHOSE, _WHICH = f"{PREFIX}view", f"{PREFIX}whose", f"{PREFIX}which"
_REFUSED = f"{PREFIX}look_refused"


def explore(runs: Sequence[Run], how: live.Controls) -> None:
    """One view into one of the runs that are looked at; the pace of all of them together."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}inside"):
        view = st.segmented_control(
            "Inside", tuple(VIEWS), default="sample", key=_VIEW, required=True, wrap=True,
            format_func=VIEWS.__getitem__, label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        run = runs[-1] if len(runs) == 1 or view == "pace" else _whose(runs)
    if view == "pace":
        live.draw(runs, key=f"{PREFIX}pace", metrics=PACE, height=220, how=how)
    elif run.began is None:
        st.info("There is nothing to see inside before it has begun.", icon=":material/hourglass:")
    elif view == "layers":
        _layers(run, run.began)
    elif view == "filters":
        _filters(run)
    elif view == "histograms":
        _histograms(run)
    else:
        training_sample.explore(run, going=live.going(run))


def _whose(runs: Sequence[Run]) -> Run:
    """Which run is looked into; the newest to begin with."""
    known = {run.id: run for run in runs}
    if st.session_state.get(_WHOSE) not in known:
        st.session_state[_WHOSE] = runs[-1].id
    labels = live.names(runs)
    chosen = st.selectbox(
        "Of", tuple(known), key=_WHOSE, format_func=labels.__getitem__,
        label_visibility="collapsed", width=320,
    )  # fmt: skip
    return known[chosen]


def _layers(run: Run, began: Began) -> None:
    """Gradient norms or update ratios of all layers, as a heat strip."""
    chosen = st.segmented_control(
        "Of each layer", KINDS, default=KINDS[0], key=_WHICH, required=True,
        label_visibility="collapsed", persist_state="session", format_func=str.capitalize,
    )  # fmt: skip
    which = chosen or KINDS[0]
    layers = cached.store().layers(run.id)
    if not len(layers.step):
        st.info("No layer has been measured yet.", icon=":material/hourglass:")
        return
    alt = f"{which.capitalize()} of each layer of {began.title} over the steps."
    if live.going(run):
        option = drawn.strip(layers, began.layers, which)
        height = drawn.strip_height(len(began.layers))
        st.echarts_chart(option, key=f"{PREFIX}strip_live", height=height, alt=alt)
    else:
        show.figure(
            figures.training.strip(layers, began.layers, which),
            lambda: figures.training.strip_rows(layers, began.layers, which),
            key=f"{PREFIX}strip",
            name=f"{run.id}_{which.replace(' ', '_')}",
            alt=alt,
        )
    st.caption(MEANING[which])


def _filters(run: Run) -> None:
    """The first layer's filters as they are, or as they were at any told step."""
    told = cached.store().filters(run.id, ends=live.going(run))
    if not told:
        st.info("This network begins with no filters, or has told none yet.",
                icon=":material/blur_off:")  # fmt: skip
        return
    at = len(told) - 1
    if not live.going(run) and len(told) > 1:
        steps = [each.step for each in told]
        chosen = st.select_slider(
            "After step", steps, value=steps[-1], key=f"{PREFIX}filters_{run.id}",
            format_func="{:,}".format,
        )  # fmt: skip
        at = steps.index(chosen)
    weights = told[at].weights[:MOST_FILTERS]
    st.image(filter_sheet(weights), width="content", alt=f"{len(weights)} filters of {run.name}.")
    colours = "in colour, grey is 0" if weights.shape[1] == 3 else "warm above 0, cold below"
    st.caption(
        f"After step {told[at].step:,}: {len(weights)} of {len(told[at].weights)} filters of the "
        f"first layer, {weights.shape[2]} × {weights.shape[3]}, {colours}; full colour is each "
        "filter's own largest weight."
    )


def filter_sheet(weights: np.ndarray) -> bytes:
    """Filters (F, C, h, w) on one sheet, a PNG; of other than three channels the first one."""
    kernels = Kernels(_USE, "the first layer", "Conv2d", weights, groups=1, first=True)
    return montage.filters(kernels, None if weights.shape[1] == 3 else 0).png


def _histograms(run: Run) -> None:
    """Weights, gradients and outputs of a layer; they are made when somebody asks."""
    found = cached.store().histograms(run.id)
    if live.going(run):
        st.button("Look now", icon=":material/bar_chart:", key=f"{PREFIX}look", on_click=_look,
                  args=(run.id,), help="The run makes them at its next step")  # fmt: skip
        if said := st.session_state.get(_REFUSED):
            st.error(said, icon=":material/error:")
    if found is None:
        st.caption("Histograms are made while a run goes on, when somebody asks for them.")
        return
    _of_layer(run, found)


def _of_layer(run: Run, found: Histograms) -> None:
    layer = st.selectbox("Layer", found.layers, key=f"{PREFIX}layer", width=320)
    parts = figures.training.histograms_of(found, layer)
    show.figure(
        figures.training.histograms(found, layer),
        lambda: figures.training.histogram_rows(found, layer),
        key=f"{PREFIX}histograms",
        name=f"{run.id}_{layer}_histograms",
        alt=f"Histograms of weights, gradients and outputs of {layer} after step {found.step}.",
    )
    lost = sum(each.not_finite for each in parts.values())
    more = f" {lost:,} values are no numbers and stand in none of them." if lost else ""
    st.caption(
        f"`{layer}` after step {found.step:,}: its weights, their gradients, and what it gave for "
        f"one batch.{more}"
    )


def _look(run: str) -> None:
    st.session_state[_REFUSED] = None
    try:
        control.look(run)
    except ExplorerError as error:
        st.session_state[_REFUSED] = str(error)
