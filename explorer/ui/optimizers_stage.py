"""Optimisers on a landscape in a page: they step, play and scrub in the browser, by themselves.

Python sends map and ways once; the browser tells back a start that was chosen on the map, and the
step at which the player rests, for which the formulas below are written out.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from explorer.figures import surfaces as drawn
from explorer.training import race, terrain
from explorer.ui import player

if TYPE_CHECKING:
    from explorer.training.paths_records import Path, Paths
    from explorer.training.surfaces import Surface

_HERE = File(__file__)
_BAR = player.bar(
    {
        "first": ("To the start", "To the start (Home)"),
        "back": ("One step back", "Back (←)"),
        "next": ("One step on", "On (→)"),
        "last": ("To the end", "To the end (End)"),
    },
    "Step",
    {"0.25": "¼ ×", "0.5": "½ ×", "1": "1 ×", "2": "2 ×"},
    '<label class="solid"><input type="checkbox">in 3-D</label>',
)
_HTML = f"""
<div class="root" role="group" tabindex="0">
  <div class="stage">
    <canvas class="canvas" role="img"></canvas>
    <div class="cards"></div>
  </div>{_BAR}
  <div class="below">
    <span class="told" aria-live="polite"></span>
    <span class="keys">Click the map to start there. Keys: ← → step, space plays. In 3-D, drag to
      turn.</span>
  </div>
</div>
"""
_COMPONENT = st.components.v2.component(
    "convzoo_optimizers_stage",
    html=_HTML,
    css=player.style(_HERE),
    js=player.script(_HERE),
)


def walk(
    surface: Surface,
    start: tuple[float, float],
    ways: Paths | None,
    goal: float,
    *,
    key: str,
    at: int,
    focus: str,
    on_start: Callable[[float, float], None],
    on_focus: Callable[[str], None],
) -> tuple[int, bool]:
    """Show a surface with the ways over it, or without any while they are to be guessed.

    Opens at step `at`, or at the end where that is -1; what the optimiser in `focus` remembers is
    drawn. Returns the step at which the player rests (-1: the end), and whether a start was chosen
    in this very run. `on_start` and `on_focus` are told before the page runs again, in time for
    other widgets.
    """
    names = () if ways is None else tuple(each.optimiser for each in ways.paths)

    def chosen() -> None:
        place = _place(st.session_state[key].start, surface)
        if place is not None:
            on_start(*place)

    def focused() -> None:
        name = st.session_state[key].focus
        if name in names:
            on_focus(name)

    result = _COMPONENT(
        key=key,
        data={
            "label": f"{surface.title}: a map of the loss, and the ways of optimisers over it.",
            "ground": _ground(surface),
            "start": list(start),
            "startLoss": _finite(surface.value(*start)),
            "paths": [] if ways is None else [_way(each, surface, goal) for each in ways.paths],
            "hidden": ways is None,
            "at": at,
            "focus": focus,
        },
        default={"at": at, "focus": focus},
        on_start_change=chosen,
        on_at_change=lambda: None,
        on_focus_change=focused,
    )
    return _step(result.at, at), _place(result.start, surface) is not None


def _ground(surface: Surface) -> dict[str, Any]:
    made = terrain.terrain(surface.key)
    return {
        "key": surface.key,
        "low": list(surface.low),
        "high": list(surface.high),
        "minima": [list(each) for each in surface.minima],
        "heights": _packed(made.heights),
        "columns": terrain.COLUMNS,
        "rows": terrain.ROWS,
        "least": made.least,
        "knee": made.knee,
        "top": made.top,
    }


def _way(path: Path, surface: Surface, goal: float) -> dict[str, Any]:
    return {
        "key": path.optimiser,
        "title": drawn.TITLES[path.optimiser],
        "colour": drawn.colour(path.optimiser),
        "says": f"learning rate {path.learning_rate:g}",
        "rate": path.learning_rate,
        "xy": _packed(path.positions),
        "loss": _packed(path.losses),
        "slope": _packed(path.gradients),
        "state": [{**_MEMORY[each.name], "values": _packed(each.values)} for each in path.state],
        "broke": path.broke,
        "left": race.left_at(path, surface),
        "arrived": race.arrival(path, goal),
    }


_MEMORY: Mapping[str, dict[str, str]] = {
    "momentum_buffer": {"title": "velocity v", "kind": "velocity"},
    "exp_avg": {"title": "mean gradient m", "kind": "velocity"},
    "mean": {"title": "mean gradient m", "kind": "velocity"},
    "sum": {"title": "sum of squares G", "kind": "squares"},
    "square_avg": {"title": "mean square s", "kind": "squares"},
    "exp_avg_sq": {"title": "mean square v", "kind": "squares"},
    "square": {"title": "mean square v", "kind": "squares"},
    "acc_delta": {"title": "squared steps u", "kind": "steps"},
}
"""What is remembered under torch's names: in words, and how it is drawn."""


def _packed(values: Any) -> str:
    """Numbers as the bytes of float32, which a browser reads at once."""
    with np.errstate(over="ignore"):
        return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()


def _finite(value: Any) -> float:
    return float(value) if np.isfinite(value) else 0.0


def _step(said: Any, otherwise: int) -> int:
    """What the browser said, which need not be ours, as a step."""
    usable = isinstance(said, (int, float)) and math.isfinite(said) and said >= 0
    return int(said) if usable else otherwise


def _place(said: Any, surface: Surface) -> tuple[float, float] | None:
    """What the browser said as a place in the window."""
    if not isinstance(said, dict):
        return None
    x, y = said.get("x"), said.get("y")
    if not isinstance(x, (int, float)) or not isinstance(y, (int, float)):
        return None
    return (x, y) if surface.inside(x, y) else None
