"""Which chains are compared, and on what: rows to choose from, all of it in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import BadRequest
from explorer.figures import gradient_flow as drawn
from explorer.figures import style
from explorer.training.gradient_flow_records import (
    ACTIVATIONS,
    DEEPEST,
    INITIALISATIONS,
    NORMALISATIONS,
    SHALLOWEST,
    Bench,
    Setup,
)
from explorer.ui import address

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Batch

MOST = 6
"""Chains at a time."""
WIDTHS = (16, 32, 64, 128, 256)
_KEY = "flow_chains"
_FIELDS = {
    "activation": ("Activation", ACTIVATIONS),
    "initialisation": ("Initialisation", INITIALISATIONS),
    "normalisation": ("Normalisation", NORMALISATIONS),
}
READY: dict[str, tuple[Setup, ...]] = {
    "Activations": (
        Setup("sigmoid", "glorot"), Setup("tanh", "glorot"), Setup("relu", "he"),
        Setup("identity", "lecun"),
    ),
    "Initialisations": (
        Setup("relu", "too small"), Setup("relu", "glorot"), Setup("relu", "he"),
        Setup("relu", "too large"), Setup("relu", "zero"),
    ),
    "Normalisations": (
        Setup("relu", "too small"), Setup("relu", "too small", "batch"),
        Setup("relu", "too small", "layer"), Setup("relu", "he", "batch"),
    ),
    "Skips": (
        Setup("relu", "he"), Setup("relu", "he", skip=True), Setup("relu", "own", skip=True),
        Setup("relu", "he", "batch", skip=True),
    ),
    "Rescue the sigmoid": (
        Setup("sigmoid", "glorot"), Setup("sigmoid", "glorot", "batch"),
        Setup("sigmoid", "glorot", skip=True), Setup("relu", "he"),
    ),
}  # fmt: skip
"""Comparisons with something to see; the first one stands at first."""


def chains() -> tuple[Setup, ...]:
    """Draw the ready comparisons and a row for each chain."""
    usual = next(iter(READY.values()))
    now: tuple[Setup, ...] = address.adopt(_KEY, read, usual, name="chains")
    with st.container(horizontal=True, gap="xsmall", key="flow_ready"):
        for number, (title, setups) in enumerate(READY.items()):
            st.button(
                title, key=f"flow_ready_{number}", on_click=_use, args=(setups,),
                type="primary" if now == setups else "secondary",
            )  # fmt: skip
    with st.expander("Choose the chains yourself", icon=":material/tune:", key="flow_rows"):
        for row, setup in enumerate(now):
            _row(row, setup, alone=len(now) == 1)
        if len(now) < MOST:
            st.button("Another chain", icon=":material/add:", key="flow_more", on_click=_use,
                      args=((*now, now[-1]),))  # fmt: skip
    address.publish("chains", None if now == usual else written(now))
    return now


def bench() -> Bench:
    """Draw what all chains have in common."""
    usual = Bench()
    with st.grid(4, min_column_width=150, gap="medium", vertical_alignment="bottom",
                 key="flow_bench"):  # fmt: skip
        address.adopt("flow_depth", address.whole_number("depth", SHALLOWEST, DEEPEST), usual.depth,
                      name="depth")  # fmt: skip
        depth = st.slider("Layers", SHALLOWEST, DEEPEST, key="flow_depth", persist_state="session")
        address.adopt("flow_width", _width, usual.width, name="width")
        width = st.select_slider("Width", WIDTHS, key="flow_width", persist_state="session")
        batches: tuple[Batch, ...] = ("digits", "noise")
        address.adopt("flow_batch", address.one_of("batch", batches), usual.batch, name="batch")
        batch = st.segmented_control(
            "Batch", batches, key="flow_batch", required=True, persist_state="session",
            format_func={"digits": "Real digits", "noise": "Noise"}.__getitem__,
        )  # fmt: skip
        address.adopt("flow_seed", address.whole_number("seed", 0, 9999), usual.seed, name="seed")
        seed = st.number_input("Seed", 0, 9999, key="flow_seed", persist_state="session")
    chosen = Bench(int(depth), int(width), batch or usual.batch, int(seed or 0))
    for name in ("depth", "width", "batch", "seed"):
        value = getattr(chosen, name)
        address.publish(name, None if value == getattr(usual, name) else str(value))
    return chosen


def _row(row: int, setup: Setup, *, alone: bool) -> None:
    """One chain: three words, a switch, and a way to be rid of it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"flow_row_{row}"):
        st.html(
            f'<span style="color: {style.PALETTE[row]}; font-size: 1.5rem">&#9679;</span>',
            width="content",
        )
        for name, (title, words) in _FIELDS.items():
            key = f"flow_{name}_{row}"
            st.session_state[key] = getattr(setup, name)
            st.selectbox(
                title, words, key=key, format_func=drawn.WORDS.__getitem__, width=150,
                on_change=_change, args=(row, name, key),
            )  # fmt: skip
        key = f"flow_skip_{row}"
        st.session_state[key] = setup.skip
        st.toggle("Skips", key=key, on_change=_change, args=(row, "skip", key))
        st.button("", icon=":material/close:", key=f"flow_drop_{row}", disabled=alone,
                  help="Take this chain out", on_click=_drop, args=(row,))  # fmt: skip


def _change(row: int, name: str, key: str) -> None:
    now = list(st.session_state[_KEY])
    now[row] = replace(now[row], **{name: st.session_state[key]})
    _use(tuple(now))


def _drop(row: int) -> None:
    now = list(st.session_state[_KEY])
    del now[row]
    _use(tuple(now))


def _use(setups: tuple[Setup, ...]) -> None:
    st.session_state[_KEY] = setups


def written(setups: tuple[Setup, ...]) -> str:
    """Write chains for the address: "relu.he.none.plain~sigmoid.glorot.batch.skips"."""
    return "~".join(
        ".".join(
            (each.activation, each.initialisation, each.normalisation,
             "skips" if each.skip else "plain")
        ).replace(" ", "-")
        for each in setups
    )  # fmt: skip


def read(text: str) -> tuple[Setup, ...]:
    """Read chains from an address. Raises BadRequest where the text is none."""
    parts = [each.replace("-", " ").split(".") for each in text.split("~")]
    if not 1 <= len(parts) <= MOST or any(len(each) != 4 for each in parts):
        raise BadRequest(
            f"The address asks for chains {text[:40]!r}; write each as relu.he.none.plain, at most "
            f"{MOST} with ~ between them; the default is shown."
        )
    return tuple(map(_setup, parts))


def _setup(words: list[str]) -> Setup:
    known: tuple[tuple[str, ...], ...] = (
        ACTIVATIONS, INITIALISATIONS, NORMALISATIONS, ("plain", "skips"),
    )  # fmt: skip
    names = ("activation", "initialisation", "normalisation", "chain")
    activation, initialisation, normalisation, chain = (
        address.one_of(name, choices)(word)
        for name, choices, word in zip(names, known, words, strict=True)
    )
    return Setup(activation, initialisation, normalisation, skip=chain == "skips")


def _width(text: str) -> int:
    number = address.whole_number("width", WIDTHS[0], WIDTHS[-1])(text)
    if number not in WIDTHS:
        raise BadRequest(
            f"The address asks for width {text!r}; there is {', '.join(map(str, WIDTHS))}, so the "
            "default is shown."
        )
    return number
