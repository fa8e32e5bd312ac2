"""The recipe of a fine-tuning in the making: advised settings, and what a person turned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from explorer.finetune import advice
from explorer.training import recipe as recipes
from explorer.training.recipe_knobs import GROUPS, KNOBS
from explorer.ui import training_recipe
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.finetune.records import Advice, Regime
    from explorer.knobs import Knob
    from explorer.training.recipe import Recipe

AUTOMATIC = "automatic"
REGIMES = {"head": "New head only", "last": "Head and last blocks", "all": "Everything"}
STRENGTHS = ("off", "light", "medium", "strong")
KEEPS = {
    "mirror": "Left and right",
    "turn": "Which way is up",
    "colour": "Colours",
    "edges": "What is at the edge",
}
"""What may tell the classes apart, so that no augmentation may change it."""
_AUGMENTATION: dict[str, dict[str, tuple[float, float, float]]] = {
    "mirror": {"mirror": (0.5, 0.5, 0.5)},
    "turn": {"rotation": (5, 10, 20)},
    "colour": {"colour": (0.1, 0.2, 0.4)},
    "edges": {"crop": (8, 16, 32), "erasing": (0, 0, 0.25)},
}
"""By what would be changed: settings at each strength; shifts are for 224 pixels."""
_NOT_HERE = ("Network", "Data")
"""Groups of knobs that pictures of one's own and a network with weights leave no choice in."""
_HERE = ("size", "dropout", "seed", "folds", "fold", "label_noise")
_FIXED = ("regime", "depth", "width", "normalisation", "activation", "initialisation",
          "ensemble", "members")  # fmt: skip
_TURNED, _WANTED = f"{PREFIX}turned", f"{PREFIX}regime"
_STRENGTH, _KEPT = f"{PREFIX}strength", f"{PREFIX}kept"
_BY_NAME = {knob.name: knob for knob in KNOBS}


def advised(collection: Collection) -> Advice:
    """The regime and the settings for this collection, as far as a person left them open."""
    return advice.choose(collection.counts("train"), wanted())


def wanted() -> Regime | None:
    """The regime that a person chose, None where it is left to the number of pictures."""
    chosen = st.session_state.get(_WANTED, AUTOMATIC)
    return None if chosen == AUTOMATIC else cast("Regime", chosen)


def make(collection: Collection, network: str, weights: str) -> Recipe:
    """The recipe as it stands. Raises BadRequest where settings contradict each other."""
    return recipes.checked(**_settings(collection), network=network, weights=weights)


def value(collection: Collection, name: str) -> Any:
    """What a setting stands at."""
    found = _settings(collection)
    return found[name] if name in found else _BY_NAME[name].default


def turn(**settings: Any) -> None:
    """Turn settings by hand; they hold until they are let go."""
    st.session_state[_TURNED] = {**turned(), **settings}


def turned() -> dict[str, Any]:
    """What a person turned."""
    found: dict[str, Any] = st.session_state.get(_TURNED, {})
    return found


def let_go() -> None:
    """Go back to what is advised."""
    st.session_state[_TURNED] = {}


def take(recipe: Recipe) -> None:
    """Turn everything to an earlier run's recipe."""
    told = recipes.told(recipe)
    regime = recipe.regime
    for name in ("network", "data", "weights", "regime"):
        told.pop(name, None)
    st.session_state[_WANTED] = regime
    st.session_state[_STRENGTH] = "off"
    st.session_state[_TURNED] = {name: getattr(recipe, name) for name in _BY_NAME if name in told}


def regime_key() -> str:
    """The key of the widget that chooses the regime."""
    return _WANTED


def augmentation() -> tuple[str, tuple[str, ...]]:
    """Draw how strongly pictures are changed, and what is left alone; returns both."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key=f"{PREFIX}augment"
    ):
        strength = st.segmented_control(
            "How strongly", STRENGTHS, default="off", required=True, key=_STRENGTH,
            persist_state="session",
        )  # fmt: skip
        kept = st.pills(
            "Leave alone what tells the classes apart", tuple(KEEPS), selection_mode="multi",
            format_func=KEEPS.__getitem__, key=_KEPT, persist_state="session", wrap=True,
        )  # fmt: skip
    return strength or "off", tuple(kept)


def augments(collection: Collection) -> bool:
    """Whether any picture is changed before it is shown."""
    return any(value(collection, knob.name) for knob in GROUPS["Augmentation"])


def groups() -> dict[str, tuple[Knob, ...]]:
    """All other knobs of the lab that a fine-tuning has, by their groups."""
    found = {}
    for title, knobs in GROUPS.items():
        inner = title in _NOT_HERE
        left = tuple(
            each for each in knobs
            if each.name not in _FIXED and (not inner or each.name in _HERE)
        )  # fmt: skip
        if left:
            found[title] = left
    return found


def knob(collection: Collection, one: Knob) -> None:
    """Draw a knob, standing where it is advised until somebody turns it."""
    key = f"{PREFIX}knob_{one.name}"
    at = value(collection, one.name)
    training_recipe.widget(
        one,
        at if one.choices else int(at) if one.whole else float(at),
        key,
        on_change=_on_turn,
        args=(one.name, key),
        help=one.help if one.name == "optimiser" else training_recipe.sentence(one),
    )


def _on_turn(name: str, key: str) -> None:
    given = st.session_state[key]
    turn(**{name: _BY_NAME[name].default if given is None else given})


def _settings(collection: Collection) -> dict[str, Any]:
    """Everything that is not at its default, network and weights apart."""
    found = advised(collection)
    settings = {**found.settings, **_changes(), **turned()}
    if not any(item.part == "validation" for item in collection.items):
        settings["patience"] = 0
    if found.regime == "head":
        settings["unfreezing"] = 0.0
    return {**settings, "regime": found.regime, "data": collection.key}


def _changes() -> dict[str, float]:
    """The augmentation at the strength that is chosen, but for what has to stay."""
    place = STRENGTHS.index(st.session_state.get(_STRENGTH) or "off")
    kept = st.session_state.get(_KEPT) or ()
    if not place:
        return {}
    return {
        name: steps[place - 1]
        for what, settings in _AUGMENTATION.items()
        if what not in kept
        for name, steps in settings.items()
    }
