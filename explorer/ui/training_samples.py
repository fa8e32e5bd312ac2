"""Samples of a data set: a row of pictures for each class, its name beside it."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from explorer.training.data.records import Description, Sheet

SHARP = 48
"""Pictures of fewer pixels a side are shown with each pixel as a square."""
TILE = 50
"""Pixels of the page that a picture takes at most."""
NARROWEST = 280
"""Pixels of a class's row; as many rows stand beside each other as there is room for."""
CSS = f"""
<style>
.cz-samples {{ display: grid; gap: .3rem 1.4rem; margin: .2rem 0 .5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, {NARROWEST}px), 1fr)) }}
.cz-samples > div {{ display: grid; grid-template-columns: var(--names) 1fr; gap: .6rem;
  align-items: center; font-size: .8rem; min-width: 0 }}
.cz-samples.wide {{ grid-template-columns: minmax(0, 1fr) }}
.cz-samples span {{ text-align: right; overflow-wrap: anywhere; line-height: 1.15; opacity: .9 }}
.cz-samples i {{ display: block; background: var(--sheet) no-repeat }}
.cz-samples.sharp i {{ image-rendering: pixelated }}
</style>
"""


def draw(found: Description) -> None:
    """The sheet of a description, if it has one."""
    if found.sheet is None:
        return
    st.html(CSS + table(found.data.classes, found.sheet))
    if len(found.data.classes) > found.sheet.rows:
        st.caption(f"The first {found.sheet.rows} of {len(found.data.classes):,} classes.")


def table(classes: tuple[str, ...], sheet: Sheet) -> str:
    """Rows of one sheet as HTML: it is sent once, and each row shows its part of it.

    On a narrow screen that is half as many pictures, as large.
    """
    png = base64.b64encode(sheet.png).decode()
    height, width = sheet.tile
    last = max(1, sheet.rows - 1)
    rows = "".join(
        f'<div><span>{escape(name)}</span><i role="img" '
        f'aria-label="Training pictures of the class {escape(name, quote=True)}" '
        f'style="background-position:0 {100 * row / last:.4f}%"></i></div>'
        for row, name in enumerate(classes[: sheet.rows])
    )
    kind = ("wide" if sheet.rows <= 12 else "") + (" sharp" if max(height, width) <= SHARP else "")
    names = min(6.2, 0.6 + 0.6 * max(map(len, classes)))
    style = f"--sheet:url('data:image/png;base64,{png}');--names:{names:.1f}em"
    whole, half = sheet.across, (sheet.across + 1) // 2
    shape = (
        f"<style>.cz-samples i {{ aspect-ratio: {whole * width} / {height};"
        f"background-size: 100% {100 * sheet.rows}%; max-width: {whole * TILE}px }}"
        f"@media (max-width: 640px) {{ .cz-samples i {{ aspect-ratio: {half * width} / {height};"
        f"background-size: {100 * whole / half:.3f}% {100 * sheet.rows}% }} }}</style>"
    )
    return f'{shape}<div class="cz-samples {kind}" style="{style}">{rows}</div>'
