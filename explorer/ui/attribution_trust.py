"""May a saliency map be trusted? Its own numbers, a forgetting network, and the pixels it names."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer import figures, units
from explorer.ui import (
    address,
    attribution,
    attribution_cells,
    attribution_choices,
    cached,
    show,
    totals,
    work,
)
from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS, Attribution, Failed

if TYPE_CHECKING:
    from explorer.ui.attribution_cells import Asked
    from explorer.ui.opened import Opened
    from explorer.vision.attribution_records import Curves, Randomisation
    from explorer.vision.prediction_records import Prediction

MOST_STEPS = 12
"""Maps of the forgetting network that are shown beside each other."""
SECONDS = 3600.0


def check(opened: Opened) -> None:
    """One map held against everything that would give it away."""
    attribution.let_go(opened)
    said, names = attribution.ask(opened)
    over = st.columns([3, 3, 5], gap="small")
    with over[0]:
        method = _method()
    with over[1]:
        target = attribution_choices.target(opened, said, names)
    layer = None
    with over[2]:
        if METHODS[method].uses_layer:
            layer = attribution_choices.layer(cached.cam_layers(opened.card.name, opened.weights))
    knobs = attribution_choices.knobs((method,)).get(method, ())
    asked = attribution.asked_of(opened, names, method, target, layer, knobs)
    left, right = st.columns([9, 11], gap="large")
    with left:
        slot = st.empty()
    with slot.container():
        map_ = attribution_cells.fill(asked)
    if isinstance(map_, Failed):
        slot.warning(map_.reason, icon=":material/error:")
    if not isinstance(map_, Attribution):
        return
    with slot.container():
        _map(map_, asked)
    with right:
        own = st.container()
        sentence = _knowing(asked, map_, said, names)
        with own:
            _own_numbers(map_, sentence)
        _forgetting(asked, map_)
        _naming(asked)


def _method() -> str:
    """Draw the choice of the method that is checked."""
    key = "saliency_checked"
    chosen = [each for each in st.session_state.get("saliency_methods", ()) if each in METHODS]
    usual = chosen[0] if chosen else attribution_choices.USUAL_METHODS[0]
    address.adopt(key, address.one_of("method", tuple(METHODS)), usual, name="method")
    method = st.selectbox(
        "Method", tuple(METHODS), key=key, format_func=lambda each: METHODS[each].title,
        persist_state="session",
    )  # fmt: skip
    address.publish("method", None if method == usual else method)
    return method or usual


def _map(map_: Attribution, asked: Asked) -> None:
    (limit,) = overlay.limits([map_], sharing="map")
    _draw(map_, asked, limit, overlay.LONGEST)
    share = figures.predictions.percent(map_.probability)
    st.caption(
        f"{asked.about.title} of {map_.target_name}, {share}. "
        f"{units.duration(map_.seconds)} for {map_.passes:,} pictures through the network."
    )


def _own_numbers(map_: Attribution, said: str) -> None:
    """What the map itself gives away: blank, no numbers, what it adds up to.

    `said` stands elsewhere already.
    """
    notes = [note for note in map_.notes if note != said]
    st.subheader("The map itself", anchor=False)
    if map_.completeness is not None:
        found = map_.completeness
        totals.cells(
            (
                ("Sum of the map", f"{found.total:.3f}", "all its values added up"),
                ("Difference of scores", f"{found.difference:.3f}", "picture minus baseline"),
                ("Gap", f"{found.gap:+.3f}", _share(found.gap, found.difference)),
            ),
            key="saliency_completeness",
        )
    for note in notes:
        st.markdown(f":material/info: {note}")
    if map_.completeness is None and not notes:
        st.markdown(
            "All its values are numbers and not all of them are zero. This method promises no sum "
            "that could be checked."
        )


def _share(gap: float, whole: float) -> str:
    return f"{abs(gap / whole):.1%} of the difference" if whole else "the difference is 0"


def _knowing(asked: Asked, map_: Attribution, said: Prediction, names: Sequence[str]) -> str:
    """Hold the map against that of the likeliest other class, and return the sentence about it."""
    st.subheader("Does it depend on the class?", anchor=False)
    likeliest = np.argsort(-said.probabilities, kind="stable")[:2]
    target = int(next((each for each in likeliest if each != map_.target), map_.target))
    if target == map_.target:
        st.markdown("The network knows only one class.")
        return ""
    other = dataclasses.replace(asked, target=target, target_name=names[target])
    slot = st.empty()
    with slot.container():
        found = attribution_cells.fill(other)
    if isinstance(found, Failed):
        slot.warning(found.reason, icon=":material/error:")
    if not isinstance(found, Attribution):
        return ""
    sentence = attribution_cells.told_apart(asked.key, other.key, map_, found)
    with slot.container():
        st.markdown(f"**{sentence}**")
        limits = overlay.limits([map_, found], sharing="grid")
        with st.grid(2, min_column_width=150, gap="xsmall", key="saliency_two_classes") as grid:
            for each, limit in zip((map_, found), limits, strict=True):
                with grid.cell(), st.container(gap="xxsmall"):
                    _draw(each, asked, limit, 480)
                    st.caption(each.target_name)
    return sentence


def _draw(
    map_: Attribution, asked: Asked, limit: float, longest: int, words: str | None = None
) -> None:
    """One map over the picture, in the style of the grid."""
    st.image(
        overlay.overlay(
            map_, asked.picture, limit=limit, signed=attribution_choices.is_signed(),
            longest=longest, form="JPEG", words=words,
        ),
        width="stretch",
        alt=f"{asked.about.title} of {map_.target_name}, {words or map_.use.weights_title}",
    )  # fmt: skip


def _forgetting(asked: Asked, map_: Attribution) -> None:
    """Cascading randomisation: a map that stays as it is does not tell of what was learned."""
    st.subheader("Does it depend on what the network learned?", anchor=False)
    if map_.use.random:
        st.markdown(
            "These weights are random already: whatever the map shows, it was not learned. "
            "Choose trained weights to ask this."
        )
        return
    st.caption(
        "The layers are made random one after the other, from the output down. A map that hardly "
        "changes shows the picture rather than the network "
        "([Adebayo et al., 2018](https://arxiv.org/abs/1810.03292))."
    )
    key = f"{asked.key} randomisation"
    done: Randomisation | None = work.run(
        key, "Make it forget", start=lambda: _ask("vision.randomisation", asked)
    )
    if done is None:
        return
    st.markdown(f"**{done.sentence}**")
    show.figure(
        figures.attribution.randomisation(done),
        lambda: figures.attribution.randomisation_rows(done),
        key="saliency_randomisation",
        name=f"{asked.model.replace(':', '_')}_{asked.method}_randomisation",
        alt=f"Similarity of {asked.about.title} to itself while the network's layers are made "
        f"random. {done.sentence}",
    )
    if any(step.rank_correlation is None for step in done.steps):
        st.caption("A gap stands where the map was blank: there was nothing to compare.")
    _strip(done, asked)


def _strip(done: Randomisation, asked: Asked) -> None:
    """The maps on the way, each on a scale of its own, for random weights have other sizes."""
    every = max(1, -(-len(done.steps) // MOST_STEPS))
    maps = [("trained", done.original)]
    maps += [
        (f"random down to {step.layer}", dataclasses.replace(done.original, values=step.values))
        for step in done.steps[every - 1 :: every]
    ]
    limits = overlay.limits([each for _, each in maps], sharing="map")
    with st.grid(4, min_column_width=130, gap="xsmall", key="saliency_strip") as grid:
        for (words, each), limit in zip(maps, limits, strict=True):
            with grid.cell():
                _draw(each, asked, limit, 320, words)


def _naming(asked: Asked) -> None:
    """Insertion and deletion: do the pixels the map names matter to the network?"""
    st.subheader("Do the pixels it names matter?", anchor=False)
    st.caption(
        "The strongest pixels of the map appear in a blurred picture, or vanish into grey. A good "
        "map makes the class appear early and vanish early "
        "([Petsiuk et al., 2018](https://arxiv.org/abs/1806.07421))."
    )
    key = f"{asked.key} curves"
    done: Curves | None = work.run(
        key, "Insert and delete", start=lambda: _ask("vision.curves", asked)
    )
    if done is None:
        return
    st.markdown(f"**{done.sentence}**")
    show.figure(
        figures.attribution.curves(done),
        lambda: figures.attribution.curve_rows(done),
        key="saliency_curves",
        name=f"{asked.model.replace(':', '_')}_{asked.method}_curves",
        alt=f"Probability of the class while pixels appear and vanish. {done.sentence}",
    )


def _ask(call: str, asked: Asked) -> work.Work:
    return work.Work(
        call, asked.model, asked.picture, asked.method, target=asked.target,
        weights=asked.weights, layer=asked.layer, knobs=asked.knobs, timeout=SECONDS,
    )  # fmt: skip
