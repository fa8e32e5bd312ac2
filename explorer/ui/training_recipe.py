"""The recipe in the making: its knobs as widgets, what differs from the defaults, its address."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.runs import compare
from explorer.training import recipe as recipes
from explorer.training.ready import FIRST
from explorer.training.recipe import Recipe
from explorer.training.recipe_knobs import GROUPS, KNOBS, OPTIMISERS
from explorer.ui import address

if TYPE_CHECKING:
    from explorer.knobs import Knob

PREFIX = "training_"
MOST_STOPS = 64
"""Values that a slider has room for; a knob with more is typed."""
MOST_WORDS, MOST_CHARACTERS = 3, 120
"""Settings that a run's name tells of, and its length."""
_USUAL = ("length", "unit", "validation", "seed", "batch_size")
TITLES = {knob.name: knob.title for knob in KNOBS}
_BY_NAME = {knob.name: knob for knob in KNOBS}
_VALUES, _LINK = f"{PREFIX}values", f"{PREFIX}link"


def begin() -> None:
    """Take in the recipe that the address asks for."""
    before = st.session_state.get(_LINK)
    asked = address.adopt(_LINK, recipes.from_link, FIRST.recipe, name="recipe")
    if asked != before or _VALUES not in st.session_state:
        write(asked)


def end(now: Recipe | None) -> None:
    """Have the address tell the recipe; one that contradicts itself leaves the last one there."""
    if now is None:
        return
    st.session_state[_LINK] = now
    address.publish("recipe", None if now == FIRST.recipe else recipes.to_link(now))


def write(new: Recipe) -> None:
    """Turn all knobs to a recipe's."""
    st.session_state[_VALUES] = {
        field.name: getattr(new, field.name) for field in dataclasses.fields(Recipe)
    }


def value(name: str) -> Any:
    """What a setting stands at."""
    return st.session_state[_VALUES][name]


def turn(**settings: Any) -> None:
    """Turn some settings, of which no widget knows in this run."""
    st.session_state[_VALUES] |= settings


def standing() -> Recipe:
    """The recipe as it stands, whether it makes sense or not."""
    return Recipe(**st.session_state[_VALUES])


def read() -> Recipe:
    """The recipe as it stands. Raises BadRequest where settings contradict each other."""
    return recipes.checked(**st.session_state[_VALUES])


def knob(name: str, title: str | None = None, place: str = "", **layout: Any) -> None:
    """Draw a knob as the widget that suits it; `place` tells two widgets of one knob apart."""
    one, key = _BY_NAME[name], f"{PREFIX}{place}{name}"
    layout = {"on_change": _turned, "args": (name, key), "help": sentence(one), **layout}
    widget(one, value(name), key, title, **layout)


def widget(one: Knob, at: Any, key: str, title: str | None = None, **layout: Any) -> None:
    """Draw any knob as the widget that suits it, standing `at` a value."""
    st.session_state[key] = at
    title = title or (f"{one.title}, {one.unit}" if one.unit else one.title)
    kind, digits = (int, None) if one.whole else (float, "%g")
    shared = {"key": key, **layout}
    if one.choices:
        st.selectbox(title, one.choices, **shared)
    elif (one.high - one.low) / one.step <= MOST_STOPS:
        st.slider(title, kind(one.low), kind(one.high), step=kind(one.step), **shared)
    else:
        limits = kind(one.low), kind(one.high)
        st.number_input(title, *limits, step=kind(one.step), format=digits, **shared)


def group(title: str, *, brief: bool = False) -> None:
    """Draw all knobs of a group, each with its sentence and its paper below, or on hovering."""
    width = 150 if brief else 250
    with st.grid("auto", min_column_width=width, gap="medium", key=f"{PREFIX}group") as grid:
        for one in GROUPS[title]:
            with grid.cell(), st.container(gap="xsmall"):
                knob(one.name, place="all_", help=sentence(one) if brief else None)
                if not brief:
                    st.caption(sentence(one))


def sentence(one: Knob) -> str:
    """What a knob does, with its paper."""
    if one.name == "optimiser":
        said, paper, link = OPTIMISERS[value("optimiser")]
        return f"{said} [{paper}]({link})"
    return f"{one.help} [{one.paper}]({one.link})" if one.paper else one.help


def different(recipe: Recipe) -> str:
    """What differs from the defaults, network and data apart, in one line."""
    return ", ".join(_said(recipe, name) for name in _telling(recipe, ("unit",)))


def name_of(recipe: Recipe, network: str, data: str) -> str:
    """What a run of this recipe is called: network, data, and what is special about it."""
    words = [_said(recipe, name) for name in _telling(recipe, _USUAL)]
    more = f", {', '.join(words[:MOST_WORDS])}" if words else ""
    return f"{network} on {data}{more}"[:MOST_CHARACTERS]


def _telling(recipe: Recipe, but: Collection[str]) -> list[str]:
    """The settings that differ from the defaults, but for some."""
    return [name for name in recipes.told(recipe) if name in TITLES and name not in but]


def _said(recipe: Recipe, name: str) -> str:
    """A setting with its value: "learning rate 0.1", "held out 5 %", "length 5 epochs"."""
    title = TITLES[name]
    if title[1:].islower():  # CutMix and PCA keep their capitals
        title = title.lower()
    given = compare.length(recipe) if name == "length" else compare.written(
        name, getattr(recipe, name)
    )  # fmt: skip
    return f"{title} {given}"


def _turned(name: str, key: str) -> None:
    """Take in a widget's value; an emptied field stands at the knob's default again."""
    given = st.session_state[key]
    turn(**{name: _BY_NAME[name].default if given is None else given})
