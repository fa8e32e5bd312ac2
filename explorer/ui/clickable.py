"""A picture that answers to a click, a finger and the arrow keys with the place that was chosen."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import streamlit as st

if TYPE_CHECKING:
    from explorer.vision.records import Box

Place: TypeAlias = tuple[float, float]
"""(x, y) in fractions of the picture's width and height, from the top left corner."""

_HTML = """
<div class="window">
  <div class="sheet" role="application" tabindex="0"><img alt="" draggable="false"></div>
</div>
"""
_HERE = Path(__file__)

_COMPONENT = st.components.v2.component(
    "convzoo_clickable",
    html=_HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def picture(
    png: bytes,
    *,
    key: str,
    alt: str,
    marker: Box | None = None,
    boxes: Sequence[Box] = (),
    step: Place | None = None,
    pixelated: bool = False,
    width: int | None = None,
    least: int = 0,
    on_click: Callable[[float, float], None] | None = None,
) -> Place | None:
    """Show a PNG and return the place chosen in this very run, (x, y) in fractions; None for none.

    `marker` is the chosen place and `boxes` are more outlines, all in fractions of the height and
    width. Arrow keys move from the marker's middle by `step` (x, y), the marker's own size unless
    given. `pixelated` keeps pixels square; `width` is the largest width in page pixels, `least`
    the smallest: on a narrower screen the picture scrolls. `on_click` gets the place before the
    page runs again, in time for widgets above.
    """

    def clicked() -> None:
        place = _place(st.session_state[key].click)
        if place is not None and on_click is not None:
            on_click(*place)

    result = _COMPONENT(
        key=key,
        data={
            "png": base64.b64encode(png).decode(),
            "label": f"{alt} Click a place, or move with the arrow keys.",
            "marker": None if marker is None else _edges(marker),
            "boxes": [_edges(box) for box in boxes],
            "step": step,
            "pixelated": pixelated,
            "width": width,
            "least": least,
        },
        on_click_change=clicked,
    )
    return _place(result.click)


def _place(said: Any) -> Place | None:
    """What the browser said, which need not be ours, as a place within the picture."""
    if not isinstance(said, dict):
        return None
    x, y = said.get("x"), said.get("y")
    if not isinstance(x, (int, float)) or not isinstance(y, (int, float)):
        return None
    return min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.top, box.left, box.bottom, box.right
