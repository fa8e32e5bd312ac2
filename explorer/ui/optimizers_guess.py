"""Guess, then reveal: the ways are kept back until somebody has said who will be first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import surfaces as drawn
from explorer.training import race

if TYPE_CHECKING:
    from explorer.training.paths_records import Paths
    from explorer.ui.optimizers_knobs import Asked

_TOLD = "opt_told"
"""What was guessed on each surface whose ways are shown; None where nobody guessed."""
NOBODY = "nobody"


def told(asked: Asked) -> bool:
    """Ask who will be first, unless that was done on this surface; whether ways may be shown."""
    known: dict[str, str | None] = st.session_state.setdefault(_TOLD, {})
    if asked.surface.key in known:
        return True
    names = [name for name, _ in asked.chosen]
    with st.container(border=True, key="opt_guess_box"):
        st.markdown(
            f"##### Who is first to stay below a loss of {asked.goal:g}, within "
            f"{asked.settings.steps} steps?", anchors=False,
        )  # fmt: skip
        with st.container(horizontal=True, gap="xsmall", key="opt_guesses"):
            for name in (*names, NOBODY):
                st.button(
                    drawn.TITLES.get(name, "Nobody"), key=f"opt_guessed_{name}",
                    on_click=_keep, args=(asked.surface.key, name),
                )  # fmt: skip
            st.button("Just show me", key="opt_guess_skip", type="tertiary",
                      on_click=_keep, args=(asked.surface.key, None))  # fmt: skip
    return False


def answer(asked: Asked, ways: Paths) -> None:
    """Who was first, beside what was guessed, and a way back."""
    known: dict[str, str | None] = st.session_state.get(_TOLD, {})
    if asked.surface.key not in known:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="opt_answer",
    ):  # fmt: skip
        first, steps = winners(ways, asked.goal)
        st.markdown(_sentence(first, steps, asked) + _verdict(known[asked.surface.key], first))
        if st.button("Guess again", icon=":material/visibility_off:", type="tertiary",
                     key="opt_guess_again"):  # fmt: skip
            del known[asked.surface.key]
            st.rerun()


def winners(ways: Paths, goal: float) -> tuple[tuple[str, ...], int | None]:
    """Who first came below the goal to stay, several where they tie, and with which step."""
    arrived = {each.optimiser: race.arrival(each, goal) for each in ways.paths}
    steps = min((each for each in arrived.values() if each is not None), default=None)
    if steps is None:
        return (), None
    return tuple(name for name, each in arrived.items() if each == steps), steps


def _sentence(first: tuple[str, ...], steps: int | None, asked: Asked) -> str:
    if not first:
        return f"Nobody stays below {asked.goal:g} within {asked.settings.steps} steps."
    names = " and ".join(f":primary[**{drawn.TITLES[each]}**]" for each in first)
    return f"First to stay below {asked.goal:g}: {names}, after {steps} steps."


def _verdict(guess: str | None, first: tuple[str, ...]) -> str:
    if guess is None:
        return ""
    right = guess in first or (guess == NOBODY and not first)
    colour, word = ("green", "right") if right else ("orange", "not this time")
    return f" :{colour}-badge[You said {drawn.TITLES.get(guess, 'nobody')}: {word}]"


def _keep(surface: str, name: str | None) -> None:
    st.session_state.setdefault(_TOLD, {})[surface] = name
