"""Which learning rate each optimiser needs: all are sent off at many, and the best can be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer import figures
from explorer.figures import surfaces as drawn
from explorer.ui import optimizers_knobs, show, work

if TYPE_CHECKING:
    from explorer.training.paths_records import Sweep
    from explorer.ui.optimizers_knobs import Asked

RATES = tuple(float(f"{each:.3g}") for each in np.logspace(-4, 2, 31))
"""Five to a power of ten."""


def explore(asked: Asked) -> None:
    """A button that tries the rates, then steps by learning rate and the best of each."""
    st.subheader("Which learning rate does each need?", anchor=False)
    st.markdown(
        "The same learning rate means another step to each of them, so a race at one rate is "
        f"hardly fair. Here all start at {len(RATES)} rates from {RATES[0]:g} to {RATES[-1]:g}."
    )
    names = tuple(name for name, _ in asked.chosen)
    key = f"opt_rates {asked.surface.key} {names} {asked.goal} {asked.settings}"
    swept: Sweep | None = work.run(
        key,
        "Try them all",
        start=lambda: work.Work(
            "training.path_sweep", asked.surface.key, names, RATES, asked.goal, asked.settings,
            timeout=120.0,
        ),
    )  # fmt: skip
    if swept is not None:
        _told(asked, swept)


def _told(asked: Asked, swept: Sweep) -> None:
    show.figure(
        figures.surfaces.rates(swept),
        lambda: figures.surfaces.rate_rows(swept),
        key="opt_rate_curves",
        name=f"{swept.surface}_rates",
        alt="Steps that each optimiser needs to the goal, by its learning rate.",
    )
    best = {name: found for name in swept.optimisers if (found := swept.best(name)) is not None}
    never = [drawn.TITLES[name] for name in swept.optimisers if name not in best]
    told = [
        f"{drawn.TITLES[name]} {steps} steps at {rate:g}" for name, (rate, steps) in best.items()
    ]
    if never:
        told.append(f"{', '.join(never)} never, within {swept.settings.steps} steps")
    st.markdown(f"At its best: {'; '.join(told)}.")
    if best:
        st.button(
            "Race with each one's best", icon=":material/flag:", key="opt_best",
            on_click=optimizers_knobs.use_rates,
            args=(asked.surface, {name: rate for name, (rate, _) in best.items()}),
        )  # fmt: skip
