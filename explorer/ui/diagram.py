"""The diagram in a page: zoomed and dragged by hand, its nodes opened, closed and chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import streamlit as st

from explorer.figures import diagram as figure

if TYPE_CHECKING:
    from explorer import units
    from explorer.anatomy.folding import Folded
    from explorer.anatomy.records import Anatomy
    from explorer.figures.diagram import Cost

Action: TypeAlias = Literal["open", "close", "select"]

_HTML = """
<div class="bar">
  <div class="legend"></div>
  <span class="percent" aria-live="polite"></span>
  <button type="button" data-zoom="out" aria-label="Zoom out" title="Zoom out (-)">−</button>
  <button type="button" data-zoom="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
  <button type="button" data-zoom="width" title="Fit the width (0)">Fit width</button>
  <button type="button" data-zoom="all" title="Show all of it">Fit all</button>
</div>
<div class="window" role="group" tabindex="0"><div class="stage"></div></div>
"""
_HERE = Path(__file__)

_COMPONENT = st.components.v2.component(
    "convzoo_diagram",
    html=_HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)

_PICTURE = st.components.v2.component(
    "convzoo_picture",
    html="<div></div>",
    css="svg {\n  max-width: 100%;\n  color: var(--st-text-color, currentColor);\n}",
    js="""
export default function ({ data, parentElement }) {
  parentElement.querySelector("div").innerHTML = data
}
""",
)


def interactive(
    anatomy: Anatomy,
    folded: Folded,
    cost: Cost,
    convention: units.Convention,
    *,
    key: str,
    on_action: Callable[[Action, str], None],
    chosen: str = "",
) -> None:
    """Show a folded anatomy as a diagram.

    `on_action` is called before the page runs again with what was asked for: to open a folded
    node, to close an opened group, or to select a layer, and the id of the node. `chosen` is the
    id of the node to mark.
    """

    def acted() -> None:
        asked = st.session_state[key].action
        if asked:
            on_action(asked["action"], asked["id"])

    _COMPONENT(
        key=key,
        data={
            "svg": figure.drawing(anatomy, folded, cost, convention),
            "legend": figure.legend(anatomy, folded, cost, convention),
            "label": f"Diagram of {anatomy.title}: arrow keys move between nodes, Enter opens, "
            "closes or selects one, plus and minus zoom, 0 fits the width.",
            "network": anatomy.model,
            "chosen": chosen,
        },
        on_action_change=acted,
    )


def picture(svg: str, *, key: str) -> None:
    """Show an SVG of ours as it is, in the page's colours, which `st.html` would take out."""
    _PICTURE(key=key, data=svg)
