"""Knobs of the Convolution page: each stands in the address under its short name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from explorer.errors import BadRequest
from explorer.ui import address

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.anatomy.formula import Formula
    from explorer.convolution.records import Activation

Word = TypeVar("Word", bound=str)

PREFIX = "conv_"
_ACTIVATIONS: dict[Activation, str] = {
    "none": "None",
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "Sigmoid",
}


def whole(
    title: str, name: str, low: int, high: int, default: int, *, help_: str | None = None
) -> int:
    """Draw a whole number from low to high."""
    key = PREFIX + name
    address.adopt(key, address.whole_number(title.lower(), low, high), default, name=name)
    value = st.number_input(
        title, low, high, step=1, key=key, persist_state="session", width=92, help=help_
    )
    number = default if value is None else int(value)
    address.publish(name, None if number == default else str(number))
    return number


def real(title: str, name: str, default: float, *, help_: str | None = None) -> float:
    """Draw a number between −100 and 100."""
    key = PREFIX + name
    address.adopt(key, _real(title.lower()), default, name=name)
    value = st.number_input(
        title, -100.0, 100.0, step=0.1, format="%g", key=key, persist_state="session", width=112,
        help=help_,
    )  # fmt: skip
    number = default if value is None else float(value)
    address.publish(name, None if number == default else f"{number:g}")
    return number


def word(
    title: str,
    name: str,
    options: Mapping[Word, str],
    default: Word,
    *,
    width: int = 170,
    help_: str | None = None,
) -> Word:
    """Draw a choice of one of a few words, which stand in the address as they are."""
    key, known = PREFIX + name, tuple(options)
    address.adopt(key, address.one_of(title.lower(), known), default, name=name)
    chosen = st.selectbox(
        title, known, key=key, format_func=options.__getitem__, persist_state="session",
        width=width, help=help_,
    )  # fmt: skip
    address.publish(name, None if chosen == default else chosen)
    return chosen or default


def activation(name: str, default: Activation) -> Activation:
    """Draw the choice of what follows the weighted sum."""
    return word("Activation", name, _ACTIVATIONS, default, width=120)


def segment(
    title: str, name: str, options: Mapping[Word, str], default: Word, *, labelled: bool = True
) -> Word:
    """Draw the same as a row of segments."""
    key, known = PREFIX + name, tuple(options)
    address.adopt(key, address.one_of(title.lower(), known), default, name=name)
    chosen = st.segmented_control(
        title, known, key=key, format_func=options.__getitem__, required=True,
        persist_state="session", wrap=True,
        label_visibility="visible" if labelled else "collapsed",
    )  # fmt: skip
    address.publish(name, None if chosen == default else chosen)
    return chosen or default


def step() -> int:
    """The step that a link asks to open at, counted from 0; it is never written by itself."""
    asked: int = address.adopt(
        f"{PREFIX}at", address.whole_number("step", 1, 999_999), 1, name="at"
    )
    return asked - 1


def places(name: str) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Room above the walk, for it, and below it: what is drawn later may stand first."""
    above, stage, below = (
        st.container(key=f"conv_{name}_{place}") for place in ("above", "main", "below")
    )
    return above, stage, below


def formulas(all_of_them: Sequence[Formula], *, key: str) -> None:
    """Draw formulas side by side: what they come to, and how, with the numbers in them."""
    with st.grid(len(all_of_them), min_column_width=300, gap="medium", key=key) as grid:
        for formula in all_of_them:
            with grid.cell(), st.container(gap=None):
                st.metric(formula.title, formula.result)
                lines = [formula.general, formula.with_numbers]
                st.markdown(
                    "  \n".join(f":small[${each}$]" for each in lines if each), anchors=False
                )
                if formula.sentence:
                    st.caption(formula.sentence)


def _real(name: str) -> Callable[[str], float]:
    """A reader of numbers, which says what it expects."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= 100:
            raise BadRequest(
                f"The address asks for {name} {text[:40]!r}; it must be a number from −100 to "
                "100, so the default is shown."
            )
        return number

    return parse
