"""The Cost lab's choices: the comparison, its ready settings and its knobs, all in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.blocks import scaling
from explorer.blocks.comparisons import COMPARISONS
from explorer.errors import BadRequest
from explorer.ui import address, guess_first

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison, Setting
    from explorer.knobs import Knob

SCALING = "scaling"
TITLES = {
    **{key: each.title for key, each in COMPARISONS.items()},
    SCALING: "Compound scaling of a whole network",
}
FIRST = "stack"
MOST_STOPS = 64
"""Values that a slider has room for; a knob with more is typed."""
_YEARS = {key: each.paper[-5:-1] for key, each in COMPARISONS.items()} | {SCALING: "2019"}
_ALL_NAMES = tuple(
    dict.fromkeys(
        [knob.name for each in COMPARISONS.values() for knob in each.knobs]
        + [knob.name for knob in (scaling.PHI, *scaling.BASES, *scaling.BY_HAND)]
        + ["along", "curve", "ways", "batch"]
    )
)


def comparison() -> str:
    """Draw the choice of comparison."""
    known = tuple(TITLES)
    address.adopt("lab", address.one_of("comparison", known), FIRST)
    chosen = st.selectbox(
        "What is compared", known, key="lab", format_func=_label, persist_state="session",
        help="Type a word of it, or a year", on_change=_forget,
    )  # fmt: skip
    address.publish("lab", None if chosen == FIRST else chosen)
    return chosen or FIRST


def _forget() -> None:
    """Take the settings of the comparison before out of the address."""
    for name in _ALL_NAMES:
        address.publish(name, None)


def guessing() -> bool:
    """Draw the switch between guessing first and numbers at once."""
    return guess_first.wanted(
        "lab_guess", "Keeps the numbers back until you have guessed; off shows them at once"
    )


def ready(chosen: Comparison) -> None:
    """Draw its ready settings as buttons; the one that stands is marked."""
    now = {knob.name: st.session_state.get(_key(chosen.key, knob)) for knob in chosen.knobs}
    with st.container(horizontal=True, gap="xsmall", key="lab_ready"):
        for number, setting in enumerate(chosen.settings):
            st.button(
                setting.title,
                key=f"lab_ready_{chosen.key}_{number}",
                type="primary" if now == _values(chosen, setting) else "secondary",
                on_click=_apply,
                args=(chosen, setting),
            )


def adopt(place: str, knobs: Sequence[Knob]) -> None:
    """Take knobs from the address, before anything is drawn of them."""
    for knob in knobs:
        address.adopt(_key(place, knob), _reader(knob), knob.default, name=knob.name)


def values(chosen: Comparison) -> dict[str, Any]:
    """Draw every knob and return what they stand at."""
    return turned(chosen.key, chosen.knobs)


def turned(place: str, knobs: Sequence[Knob]) -> dict[str, Any]:
    """Draw knobs that were adopted side by side and return their values by name."""
    with st.container(
        horizontal=True, gap="medium", vertical_alignment="bottom", key=f"lab_knobs_{place}"
    ):
        return {knob.name: _drawn(place, knob) for knob in knobs}


def leave_out(knobs: Sequence[Knob]) -> None:
    """Take knobs that are not drawn out of the address."""
    for knob in knobs:
        address.publish(knob.name, None)


def _drawn(place: str, knob: Knob) -> Any:
    value = _widget(knob, _key(place, knob))
    value = knob.default if value is None else value
    address.publish(knob.name, None if value == knob.default else f"{value:g}"
                    if isinstance(value, (int, float)) else str(value))  # fmt: skip
    return value


def _widget(knob: Knob, key: str) -> Any:
    title = f"{knob.title}, {knob.unit}" if knob.unit else knob.title
    help_ = knob.help or None
    if knob.choices:
        return st.segmented_control(
            title, knob.choices, key=key, required=True, persist_state="session", help=help_
        )
    kind = int if knob.whole else float
    limits = kind(knob.low), kind(knob.high)
    if (knob.high - knob.low) / knob.step <= MOST_STOPS:
        return st.slider(
            title, *limits, step=kind(knob.step), key=key, persist_state="session", width=230,
            help=help_,
        )  # fmt: skip
    return st.number_input(
        title, *limits, step=kind(knob.step), key=key, persist_state="session", width=148,
        help=help_,
    )  # fmt: skip


def _key(place: str, knob: Knob) -> str:
    return f"lab_{place}_{knob.name}"


def _apply(chosen: Comparison, setting: Setting) -> None:
    """Turn all knobs to a ready setting, those it does not name to their defaults."""
    for name, value in _values(chosen, setting).items():
        st.session_state[f"lab_{chosen.key}_{name}"] = value


def _values(chosen: Comparison, setting: Setting) -> dict[str, Any]:
    return {knob.name: knob.default for knob in chosen.knobs} | dict(setting.values)


def _label(key: str) -> str:
    return f"{TITLES[key]} · {_YEARS[key]}"


def _reader(knob: Knob) -> Callable[[str], Any]:
    """A reader of a knob's value, which says what it expects."""

    def parse(text: str) -> Any:
        try:
            return knob.checked(text[:40])
        except BadRequest as error:
            raise BadRequest(f"{str(error).rstrip('.')}, so the default is shown.") from None

    return parse
