"""How the network is to learn: from which one it starts, what of it learns, and how it is shown."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.anatomy import folding
from explorer.collections.store import CollectionStore
from explorer.engine import control
from explorer.errors import BadRequest, ExplorerError
from explorer.figures import frozen
from explorer.runs.records import NewRun
from explorer.ui import (
    cached,
    diagram,
    fine_tune_edits,
    fine_tune_networks,
    fine_tune_recipe,
    fine_tune_state,
    permitted,
    show,
    training_preview,
    training_rates,
    visitor,
    work,
)
from explorer.ui.fine_tune_recipe import AUTOMATIC, REGIMES
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.finetune.records import Block, FrozenParts
    from explorer.training.preview_records import Augmented
    from explorer.training.recipe import Recipe
    from explorer.zoo.cards import ModelCard

SECONDS = 300.0
MOST_HIGH = 520
"""Pixels of the page that the diagram takes; a taller one scrolls."""
_NAME, _REFUSED = f"{PREFIX}name", f"{PREFIX}refused_run"


def draw(collection: Collection) -> None:
    """Network, what learns, augmentation, more; and the button that starts it."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.subheader("Start from", anchor=False)
        started = fine_tune_networks.choose()
    with right:
        st.subheader("What learns", anchor=False)
        _regime(collection)
        recipe = _recipe(collection, started)
        if recipe is not None:
            _parts(recipe, collection)
    if recipe is not None:
        with left:
            _diagram(recipe, collection)
    st.subheader("Change the pictures while it learns", anchor=False)
    fine_tune_recipe.augmentation()
    recipe = _recipe(collection, started)
    if recipe is not None:
        _preview(recipe, collection)
    with st.expander("More", icon=":material/tune:", key=f"{PREFIX}more"):
        _more(collection, recipe)
    recipe = _recipe(collection, started, complain=True)
    _go(recipe, started[0] if started else None, collection)


def _regime(collection: Collection) -> None:
    st.session_state.setdefault(fine_tune_recipe.regime_key(), AUTOMATIC)
    advised = fine_tune_recipe.advised(collection)
    st.segmented_control(
        "What learns", (AUTOMATIC, *REGIMES), required=True, label_visibility="collapsed",
        format_func=lambda each: REGIMES.get(each, "Automatic"), wrap=True,
        key=fine_tune_recipe.regime_key(), persist_state="session",
    )  # fmt: skip
    st.caption(advised.sentence)


def _recipe(
    collection: Collection, started: tuple[ModelCard, str] | None, *, complain: bool = False
) -> Recipe | None:
    """The recipe as it stands; None without a network, or where it contradicts itself."""
    if started is None:
        return None
    try:
        return fine_tune_recipe.make(collection, started[0].name, started[1])
    except BadRequest as error:
        if complain:
            st.warning(str(error), icon=":material/tune:")
        return None


def _parts(recipe: Recipe, collection: Collection) -> None:
    """The network's blocks, frozen and learning, and how many numbers learn."""
    with show.errors():
        found = _found(recipe, collection)
        if recipe.regime == "last" and len(found.blocks) > 1:
            st.slider(
                "Last blocks that learn", 1, len(found.blocks),
                min(recipe.blocks, len(found.blocks)), key=f"{PREFIX}blocks_{recipe.network}",
                on_change=_blocks, args=(f"{PREFIX}blocks_{recipe.network}",),
            )  # fmt: skip
        st.html(f"<style>{_CSS}</style>{blocks(found)}")
        share = found.learned / found.params if found.params else 0
        st.markdown(
            f"**{units.short(found.learned)}** of {units.short(found.params)} parameters learn, "
            f"{units.percent(share)}."
        )


def _found(recipe: Recipe, collection: Collection) -> FrozenParts:
    """What learns of the recipe's network."""
    return cached.frozen_parts(
        recipe.network, recipe.weights, recipe.regime, recipe.blocks, len(collection.classes)
    )


def _diagram(recipe: Recipe, collection: Collection) -> None:
    """The same on the network's own diagram, for whoever opens it."""
    box = st.expander("On the network's diagram", key=f"{PREFIX}diagram", on_change="rerun")
    if not box.open:
        return
    with box, show.errors():
        found = _found(recipe, collection)
        card = cached.card(recipe.network)
        anatomy = cached.anatomy(card.name, card.input_size, 1)
        folded = folding.fold(anatomy, "blocks")
        with st.container(height=MOST_HIGH, border=False, key=f"{PREFIX}diagram_box"):
            diagram.picture(frozen.drawing(anatomy, folded, found), key=f"{PREFIX}diagram_svg")


def _blocks(key: str) -> None:
    fine_tune_recipe.turn(blocks=st.session_state[key])


def blocks(found: FrozenParts) -> str:
    """The blocks in running order, those that learn in colour, as HTML."""
    cells = [
        *(_cell(each, "frozen") for each in found.frozen),
        *(_cell(each, "learns") for each in found.learning[:-1]),
        _cell(found.head, "learns head"),
    ]
    return f'<div class="cz-blocks" role="list">{"".join(cells)}</div>' + _LEGEND


def _cell(block: Block, kind: str) -> str:
    state = "stays as it is" if kind == "frozen" else "learns"
    name = "new head" if "head" in kind else block.name
    words = f"{name}: {units.short(block.params)} parameters, {state}"
    return (
        f'<span class="{kind}" role="listitem" title="{escape(words)}">'
        f"<b>{escape(name)}</b><small>{units.short(block.params)}</small></span>"
    )


_LEGEND = (
    '<p class="cz-blocks-key"><i class="frozen"></i> stays as it is '
    '<i class="learns"></i> learns</p>'
)
_CSS = """
.cz-blocks { display: flex; flex-wrap: wrap; gap: 4px; font-size: .72rem; line-height: 1.3 }
.cz-blocks span { padding: .3rem .45rem; border-radius: 5px; min-width: 3rem; flex: 0 1 auto;
  overflow-wrap: anywhere; border: 1px solid transparent }
.cz-blocks b { display: block; font-weight: 600 }
.cz-blocks small { opacity: .8 }
.frozen { background: rgba(128, 134, 145, .16); border-color: rgba(128, 134, 145, .3) !important }
.learns { background: rgba(217, 119, 6, .28); border-color: rgba(217, 119, 6, .8) !important }
.cz-blocks .head { border-style: dashed }
.cz-blocks-key { font-size: .75rem; opacity: .85; margin: .4rem 0 0 }
.cz-blocks-key i { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px;
  border: 1px solid; vertical-align: -1px; margin: 0 .15rem 0 .5rem }
"""


def _preview(recipe: Recipe, collection: Collection) -> None:
    """The visitor's own pictures as epochs may show them."""
    if not fine_tune_recipe.augments(collection):
        st.caption(
            "Off: every epoch shows the pictures as they are, so with a new head alone an epoch "
            "takes milliseconds. Turn it up where there are few pictures."
        )
        return
    if recipe.regime == "head":
        st.caption(
            "Changed pictures pass through the whole network in every epoch, so training takes "
            "longer than on features computed once."
        )
    found: Augmented | None = work.run(
        f"preview {recipe}", "See it", at_once=True,
        start=lambda: work.Work("finetune.preview", recipe, timeout=SECONDS),
    )  # fmt: skip
    if found is not None:
        st.html(training_preview.CSS + training_preview.table(found))
        st.caption("At the left your picture as it is, then as four epochs might show it.")


def _more(collection: Collection, recipe: Recipe | None) -> None:
    """All other knobs of the training lab, and the search for a learning rate."""
    known = fine_tune_recipe.groups()
    title = st.segmented_control(
        "Group", (*known, "Find a learning rate"), default="Length", required=True, wrap=True,
        label_visibility="collapsed", key=f"{PREFIX}groups", persist_state="session",
    )  # fmt: skip
    if title in known:
        with st.grid("auto", min_column_width=190, gap="medium", key=f"{PREFIX}knobs") as grid:
            for one in known[title]:
                with grid.cell():
                    fine_tune_recipe.knob(collection, one)
    elif recipe is not None:
        training_rates.explore(recipe, f"{PREFIX}rates", fine_tune_recipe.turn)
    if fine_tune_recipe.turned():
        st.button(
            "Back to what is advised", icon=":material/restart_alt:", type="tertiary",
            key=f"{PREFIX}let_go", on_click=fine_tune_recipe.let_go,
        )  # fmt: skip


def _go(recipe: Recipe | None, card: ModelCard | None, collection: Collection) -> None:
    """What the run will be called, and the button."""
    if refused := st.session_state.get(_REFUSED):
        st.error(refused, icon=":material/error:")
    usual = name_of(card, recipe, collection) if card and recipe else ""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}go"):
        st.text_input("Name of the run", key=_NAME, max_chars=120, placeholder=usual, width=380)
        st.button(
            "Train", icon=":material/play_arrow:", type="primary", key=f"{PREFIX}start",
            disabled=recipe is None, on_click=_start, args=(recipe, usual), width=120,
            help=None if recipe else "First get the weights, or put the recipe right",
        )  # fmt: skip


def name_of(card: ModelCard, recipe: Recipe, collection: Collection) -> str:
    """What a run is called unless somebody says otherwise."""
    what = {"head": "new head", "last": "last blocks", "all": "everything"}[recipe.regime]
    return f"{card.title} on {collection.title}, {what}"[:120]


def _start(recipe: Recipe, usual: str) -> None:
    submit(recipe, st.session_state[_NAME].strip() or usual)


def submit(recipe: Recipe, name: str) -> None:
    """Put a run in the line and look at it; what stands in the way is said. From a callback."""
    try:
        permitted.check(recipe)
        CollectionStore().get(recipe.data)
        (new,) = control.submit((NewRun(recipe, name, visitor.owner()),))
    except ExplorerError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_REFUSED] = None
    st.session_state[_NAME] = ""
    fine_tune_edits.forget()
    fine_tune_state.open_run(new)
    fine_tune_state.go("train")
