"""The switch of pages that keep their answer back until somebody has guessed."""

from __future__ import annotations

import streamlit as st

from explorer.ui import address


def wanted(key: str, hint: str) -> bool:
    """Draw the switch, which stands in the address as `guess=off` when it is off.

    `key` is the widget's, `hint` says what is kept back.
    """
    address.adopt(key, _on_or_off, True, name="guess")
    chosen = st.toggle("Guess first", key=key, persist_state="session", help=hint)
    address.publish("guess", None if chosen else "off")
    return bool(chosen)


def _on_or_off(text: str) -> bool:
    return address.one_of("guessing", ("on", "off"))(text) == "on"
