"""An optimiser's rule as formulas: in general, and with the numbers of the step that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import surfaces as drawn
from explorer.training import updates
from explorer.training.recipe_knobs import OPTIMISERS

if TYPE_CHECKING:
    from explorer.training.paths_records import Path, Paths
    from explorer.training.surfaces import Array
    from explorer.training.updates import Line

_KEY = "opt_rule"
CONVENTION = (
    "η is the learning rate, μ and β₁ the momentum, α, ρ and β₂ the second moment, λ the weight "
    "decay, g the gradient, θ the place. Everything is worked out for x and y by themselves, with "
    "ε = 1e-8 (Adagrad 1e-10, Adadelta 1e-6), as torch does; AdamP takes both as one filter."
)


def focus(ways: Paths | None) -> str:
    """The optimiser that is looked at: as chosen, else the first that remembers something."""
    paths = ways.paths if ways else ()
    names = [each.optimiser for each in paths]
    if st.session_state.get(_KEY) not in names and names:
        look_at(next((each.optimiser for each in paths if each.state), names[0]))
    return str(st.session_state.get(_KEY, ""))


def look_at(optimiser: str) -> None:
    """Choose an optimiser, before its choice is drawn."""
    st.session_state[_KEY] = optimiser


def explore(ways: Paths, step: int) -> None:
    """Draw the choice of optimiser and its rule, worked out for the step after the one shown.

    A step of -1 stands for the end: the last one is worked out.
    """
    names = [each.optimiser for each in ways.paths]
    st.subheader("One step, worked out", anchor=False)
    chosen = st.segmented_control(
        "Optimiser", names, key=_KEY, required=True, wrap=True,
        format_func=drawn.TITLES.__getitem__, persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    path = ways.paths[names.index(chosen or names[0])]
    idea, paper, link = OPTIMISERS[path.optimiser]
    st.markdown(f"{idea} :small[:gray[[{paper}]({link})]]")
    if not path.steps:
        st.info("It did not survive its first step.", icon=":material/info:")
        return
    number = path.steps if step < 0 else min(step + 1, path.steps)
    _written(path, ways, number)
    st.caption(CONVENTION)


def _written(path: Path, ways: Paths, number: int) -> None:
    """The lines of one step side by side for x and y."""
    done = updates.update(path, ways.settings, number)
    g, place = path.gradients[number - 1], path.positions[number]
    st.markdown(
        f"**Step {number}** from ({_text(path.positions[number - 1])}) with the gradient "
        f"({_text(g)}) to ({_text(place)}):"
    )
    with st.grid(3, min_column_width=290, gap="medium", key="opt_rule_lines") as grid:
        for title, lines in (
            ("In general", [f"{each.symbol} &\\leftarrow {each.general}" for each in done.lines]),
            ("For x", [_filled(each, 0) for each in done.lines]),
            ("For y", [_filled(each, 1) for each in done.lines]),
        ):
            with grid.cell(), st.container(gap=None):
                st.caption(title)
                body = r" \\[4pt] ".join(lines)
                st.markdown(f":small[$\\begin{{aligned}} {body} \\end{{aligned}}$]", anchors=False)


def _filled(line: Line, axis: int) -> str:
    return f"{line.symbol} &= {line.filled[axis]} = {updates.number(line.values[axis])}"


def _text(both: Array) -> str:
    return ", ".join(f"{each:.4g}" for each in both.tolist()).replace("-", "−")
