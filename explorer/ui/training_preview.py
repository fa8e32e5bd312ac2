"""Training pictures as the recipe's augmentation will show them."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from explorer.training.knobs.augmentation import AUGMENTATION
from explorer.ui import training_recipe, work

if TYPE_CHECKING:
    from explorer.training.preview_records import Augmented
    from explorer.training.recipe import Recipe

SECONDS = 300.0
CSS = """
<style>
.cz-augmented { display: grid; gap: .5rem; overflow-x: auto; margin-bottom: .3rem }
.cz-augmented figure { margin: 0; font-size: .74rem; line-height: 1.25; min-width: 70px }
.cz-augmented i { display: block; aspect-ratio: 1; border-radius: 4px;
  image-rendering: pixelated; background: var(--sheet) no-repeat; background-size: var(--size) }
.cz-augmented figcaption { opacity: .8; margin-top: .15rem }
.cz-augmented figure.before { padding-right: .5rem;
  border-right: 1px solid rgba(128,134,145,.35) }
</style>
"""


def explore(recipe: Recipe) -> None:
    """The augmentation's knobs, and what they do to some pictures."""
    training_recipe.group("Augmentation", brief=True)
    if not any(getattr(recipe, knob.name) for knob in AUGMENTATION):
        st.caption("All knobs stand at 0: every epoch shows the pictures as they are.")
        return
    found: Augmented | None = work.run(
        f"preview {recipe}",
        "See it",
        start=lambda: work.Work("training.preview", recipe, timeout=SECONDS),
        at_once=True,
    )
    if found is not None:
        st.html(CSS + table(found))
        st.caption(
            "At the left a training picture as it is, then as four epochs might show it, and what "
            "is learned for it: a mixed picture has the shares of both classes as its target."
        )


def table(found: Augmented) -> str:
    """A row for each picture, as HTML."""
    times = len(found.after)
    sheet = _png(np.concatenate([found.before[None], found.after]))
    rows = len(found.before)
    cells = []
    for place, label in enumerate(found.labels):
        words = (label, *(targets[place] for targets in found.targets))
        for turn, said in enumerate(words):
            at = f"{100 * turn / times:.4f}% {100 * place / max(1, rows - 1):.4f}%"
            kind = ' class="before"' if turn == 0 else ""
            cells.append(
                f'<figure{kind}><i style="background-position:{at}" role="img" '
                f'aria-label="{escape(said)}"></i><figcaption>{escape(said)}</figcaption></figure>'
            )
    style = (
        f"--sheet:url('data:image/png;base64,{sheet}');--size:{100 * (times + 1)}% auto;"
        f"grid-template-columns:repeat({2 * (times + 1)},minmax(70px,112px))"
    )
    return f'<div class="cz-augmented" style="{style}">{"".join(cells)}</div>'


def _png(pictures: np.ndarray) -> str:
    """Pictures (times, n, H, W, 3) as a sheet, a column for each time, a PNG in base64."""
    times, rows, height, width, _ = pictures.shape
    sheet = pictures.transpose(1, 2, 0, 3, 4).reshape(rows * height, times * width, 3)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
