"""The Compare page's section on one picture: what each network says, and what it looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.errors import ExplorerError
from explorer.pictures import samples
from explorer.ui import attribution_cells, cached, compare, picture
from explorer.ui.attribution_cells import Asked
from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS, Failed
from explorer.zoo import weights

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.ui.compare import Chosen
    from explorer.vision.prediction_records import Prediction
    from explorer.zoo.cards import ModelCard

TOP = 5
QUICK = ("gradcam", "layercam", "input_x_gradient", "gradient")
NARROWEST = 260


def draw(chosen: Chosen) -> None:
    """The picture, then a card a network: its first guesses and one saliency map of the first."""
    able = [card for card in chosen.cards if card.task == "classification"]
    for card in chosen.cards:
        if card not in able:
            st.info(f"{card.title} is for {card.task} and names no class of a picture.")
    left, right = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    with left:
        subjects = {samples.suiting(each.input_shape[0], max(each.input_size)) for each in able}
        looking = picture.choose(subjects.pop() if len(subjects) == 1 else "photograph")
    with right:
        options = {key: METHODS[key].title for key in QUICK}
        method = compare.segmented("Saliency by", "compare_method", options, name="method")
    if looking is None or not able:
        return
    patience = attribution_cells.PATIENCE
    with st.grid(
        len(able), min_column_width=NARROWEST, gap="medium", key="compare_answers"
    ) as grid:
        for card in able:
            with grid.cell(), st.container(border=True, gap="small", key=f"compare_on_{card.name}"):
                patience = _one(card, looking, method, patience)
    st.caption(
        "Each network prepares the picture as its own weights want it, at their own size. "
        f"Probabilities are the softmax of its scores. {METHODS[method].title}: "
        f"{METHODS[method].sentence} Each map has its own scale."
    )


def _one(card: ModelCard, looking: Picture, method: str, patience: float) -> float:
    """One network's answer; returns how long the next may be waited for."""
    key = weights.choose(card).key
    try:
        with st.spinner(f"{card.title} looks at the picture …"):
            said = cached.prediction(card.name, looking, key, TOP)
    except ExplorerError as error:
        st.markdown(f"**{card.title}**")
        st.error(str(error), icon=":material/error:")
        return patience
    _head(said)
    asked = Asked(
        card.name, card.title, key, looking, method, said.top[0].index, said.top[0].name, None, ()
    )
    found = attribution_cells.fill(asked, patience)
    if isinstance(found, Failed):
        st.caption(f":material/error: {picture.plain(found.reason)}")
    elif found is not None:
        (limit,) = overlay.limits([found], sharing="map")
        st.image(
            overlay.overlay(
                found, looking, limit=limit, signed=METHODS[method].signed, form="JPEG"
            ),
            width="stretch",
            alt=f"{METHODS[method].title} of {found.target_name} by {card.title}",
        )
    _guesses(card, said)
    return patience if found is not None else 0.0  # the others wait in line behind it


def _head(said: Prediction) -> None:
    badge = (
        ":orange-badge[:material/casino: random weights]"
        if said.use.random
        else f":gray-badge[{said.use.weights_title}]"
    )
    st.markdown(f"**{said.use.title}** {badge}")


def _guesses(card: ModelCard, said: Prediction) -> None:
    best = said.top[0]
    share = figures.predictions.percent(best.probability)
    st.markdown(f"{picture.plain(best.name)} :gray[{share}]")
    st.plotly_chart(
        figures.predictions.top(said.top, random=said.use.random, tools=False),
        key=f"compare_guess_{card.name}",
        alt=f"{said.use.title} says {best.name}, {share}",
        config={"displayModeBar": False},
    )
