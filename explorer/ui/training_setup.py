"""What is to be trained: the data, the network and the way, and the button that starts it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.blocks import exchange
from explorer.engine import control
from explorer.errors import BadDesign, BadRequest, ExplorerError, UnknownModel
from explorer.runs.records import NewRun
from explorer.training import network_catalogue
from explorer.training import recipe as recipes
from explorer.training.data import catalogue
from explorer.training.ready import READY
from explorer.training.recipe import DESIGN
from explorer.training.recipe_knobs import GROUPS
from explorer.ui import (
    permitted,
    show,
    training_data,
    training_preview,
    training_rates,
    training_recipe,
    training_shown,
    visitor,
)
from explorer.ui.training_recipe import PREFIX, knob, turn, value

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.training.recipe import Recipe

_READY, _NETWORK, _NAME = f"{PREFIX}ready", f"{PREFIX}network", f"{PREFIX}name"
_FILE, _REFUSED, _DRAWN = f"{PREFIX}file", f"{PREFIX}refused", f"{PREFIX}drawn"
_TITLES = {each.title: each for each in READY}
_BEFORE = {
    "settings": "All settings",
    "data": "Look at the data",
    "rate": "Find a learning rate",
    "augmented": "Augmentation",
}
COLUMNS = [29, 71]
"""Shares of the page: what is set at the left, what comes of it at the right."""


def head() -> DeltaGenerator:
    """Title, recipes to begin with, recipes as files; returns the place for the button."""
    left, right = st.columns(COLUMNS, gap="large", vertical_alignment="bottom")
    left.title("Training lab", anchor=False)
    with right, st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}head"):
        now = training_recipe.standing()
        same = (title for title, each in _TITLES.items() if now == each.recipe)
        st.session_state[_READY] = next(same, None)
        st.selectbox(
            "Begin with", tuple(_TITLES), key=_READY, on_change=_begin, width=290,
            placeholder="a recipe of your own",
        )  # fmt: skip
        _files()
        return st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}go")


def choose(place: DeltaGenerator) -> Recipe | None:
    """Data, network and recipe; the button goes to its place. None while there is no recipe."""
    with st.container(gap="small", key=f"{PREFIX}data_box"):
        st.subheader("Data", anchor=False)
        picked = training_data.pick(PREFIX, data=value("data"))
        if picked is not None and picked != value("data"):
            turn(data=picked)
    with st.container(gap="small", key=f"{PREFIX}network_box"):
        st.subheader("Network", anchor=False)
        _network()
    st.subheader("Recipe", anchor=False)
    with st.grid(2, min_column_width=130, gap="small", key=f"{PREFIX}way") as grid:
        for name in ("length", "unit", "batch_size", "optimiser", "learning_rate", "schedule"):
            with grid.cell():
                knob(name)
    recipe = _read()
    if recipe:
        special = training_recipe.different(recipe)
        st.caption(f"Differs from the defaults: {special}." if special else "All defaults.")
    with place:
        _go(recipe if picked is not None else None)
    return recipe


def _go(recipe: Recipe | None) -> None:
    """What the run will be called, and the button."""
    usual = training_recipe.name_of(recipe, *_titles(recipe)) if recipe else ""
    st.text_input("Name of the run", key=_NAME, max_chars=120, placeholder=usual, width=270)
    st.button(
        "Start", icon=":material/play_arrow:", type="primary", key=f"{PREFIX}start",
        disabled=recipe is None, on_click=_start, args=(recipe,), width=120,
        help=None if recipe else "First get the data, or put the recipe right",
    )  # fmt: skip


def before(recipe: Recipe | None) -> None:
    """What is looked at before a start: all settings, the data, a good rate, the augmentation."""
    if refused := st.session_state.get(_REFUSED):
        st.error(refused, icon=":material/error:")
    if ready := st.session_state[_READY]:
        st.caption(_TITLES[ready].sentence)
    chosen = st.pills(
        "Before you start", tuple(_BEFORE), format_func=_BEFORE.__getitem__, key=f"{PREFIX}before",
        label_visibility="collapsed", wrap=True, persist_state="session",
    )  # fmt: skip
    if chosen is None:
        return
    with st.container(border=True, key=f"{PREFIX}before_box"):
        if chosen == "settings":
            _settings()
        elif recipe is None:
            st.info("First put the recipe right.", icon=":material/tune:")
        else:
            with show.errors():
                permitted.check(recipe)
                _look(chosen, recipe)


def _look(chosen: str, recipe: Recipe) -> None:
    """What the recipe does to its data, or they to it."""
    if chosen == "data":
        training_data.look(recipe, PREFIX)
    elif chosen == "rate":
        training_rates.explore(recipe)
    else:
        training_preview.explore(recipe)


def _network() -> None:
    """The network, and depth and width where they are free."""
    known = {each.name: each for each in network_catalogue.networks()}
    if value("design"):
        st.session_state[_DRAWN] = value("design")
    design: str = st.session_state.get(_DRAWN, "")
    own = (DESIGN,) if design else ()
    named = network_catalogue.full_name(value("network"))
    others = () if named in (*own, *known) else (named,)
    st.session_state[_NETWORK] = named
    st.selectbox(
        "Network", (*own, *others, *known), key=_NETWORK, format_func=partial(_label, design),
        on_change=_picked, label_visibility="collapsed", help="Type a name or a family",
    )  # fmt: skip
    one = network_catalogue.small(named)
    st.caption(_idea(named))
    if one is not None and one.depth:
        with st.container(horizontal=True, key=f"{PREFIX}free"):
            knob("depth", f"Depth (0: {one.depth})", width=120)
            knob("width", f"Width (0: {one.width})", width=120)


def _label(design: str, name: str) -> str:
    """What the list shows of a network, all of it searchable."""
    if name == DESIGN:
        return f"My design: {_design_title(design)}"
    try:
        one = network_catalogue.find(name)
    except UnknownModel:
        return name
    return f"{one.title} · {one.name} · {one.family}"


def _idea(name: str) -> str:
    if name == DESIGN:
        return "The network drawn on the page *Design your own*."
    try:
        one = network_catalogue.find(name)
    except UnknownModel as error:
        return str(error)
    return f"{one.idea} [{one.paper}]({one.link})" if one.link else one.idea


def _design_title(design: str) -> str:
    try:
        return exchange.from_json(design).name
    except BadDesign:
        return "a design that cannot be read"


def _settings() -> None:
    """All knobs, one group at a time."""
    title = st.segmented_control(
        "Group", _groups(), default="Optimiser", key=f"{PREFIX}groups", required=True,
        label_visibility="collapsed", persist_state="session", wrap=True,
    )  # fmt: skip
    training_recipe.group(title or "Optimiser")


def _groups() -> tuple[str, ...]:
    """The groups of knobs; what is kept of earlier learning is asked where there was some."""
    learned = bool(training_recipe.value("weights"))
    return tuple(each for each in GROUPS if each != "Fine-tuning" or learned)


def _read() -> Recipe | None:
    """The recipe, or a sentence on what in it contradicts what."""
    try:
        return training_recipe.read()
    except BadRequest as error:
        st.warning(str(error), icon=":material/tune:")
        return None


def _titles(recipe: Recipe) -> tuple[str, str]:
    """What network and data of a recipe are called."""
    if recipe.network == DESIGN:
        network = _design_title(recipe.design)
    else:
        network = _label("", recipe.network).split(" · ")[0]
    try:
        data = catalogue.shown(recipe.data).title
    except ExplorerError:
        data = recipe.data
    return network, data


def _files() -> None:
    """A recipe as a file, and one that is handed in."""
    with st.popover("Recipe", icon=":material/description:", key=f"{PREFIX}files"):
        st.caption("The address of this page is a link to the recipe as it stands.")
        try:
            text: str | None = recipes.to_json(training_recipe.read())
        except BadRequest:
            text = None
        st.download_button(
            "As JSON", text or "", "recipe.json", "application/json", key=f"{PREFIX}json",
            icon=":material/download:", on_click="ignore", disabled=text is None,
            help="The command line takes it too: python -m explorer train --recipe FILE",
        )  # fmt: skip
        st.file_uploader("Open one", type="json", key=_FILE, on_change=_file, max_upload_size=1)


def _file() -> None:
    given = st.session_state[_FILE]
    if given is None:
        return
    try:
        training_recipe.write(recipes.from_json(given.getvalue()))
    except BadRequest as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_REFUSED] = None


def _begin() -> None:
    """Turn everything to a ready recipe."""
    if title := st.session_state[_READY]:
        training_recipe.write(_TITLES[title].recipe)


def _picked() -> None:
    """Take a network; the drawn one brings its design along."""
    name = st.session_state[_NETWORK]
    turn(network=name, design=st.session_state[_DRAWN] if name == DESIGN else "", depth=0, width=0)


def _start(recipe: Recipe) -> None:
    """Put the run in the line, and look at it."""
    name = st.session_state[_NAME].strip() or training_recipe.name_of(recipe, *_titles(recipe))
    try:
        permitted.check(recipe)
        catalogue.find(recipe.data)
        (new,) = control.submit((NewRun(recipe, name, visitor.owner()),))
    except ExplorerError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_REFUSED] = None
    st.session_state[_NAME] = ""
    training_shown.add(new)
