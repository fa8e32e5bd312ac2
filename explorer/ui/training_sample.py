"""The fixed sample of held-out pictures, with what the network says of each one now."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from explorer import figures
from explorer.ui import cached, show
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.records import Seen

CSS = """
<style>
.cz-sample { display: grid; gap: .55rem .6rem; margin-bottom: .3rem;
  grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)) }
.cz-sample figure { margin: 0; font-size: .78rem; line-height: 1.3 }
.cz-sample i { display: block; aspect-ratio: 1; border-radius: 4px; image-rendering: pixelated;
  background: var(--strip) no-repeat; background-size: 100% auto;
  box-shadow: inset 0 0 0 2px var(--c) }
.cz-sample b, .cz-sample small { display: block; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap }
.cz-sample b { color: var(--c); margin-top: .2rem }
.cz-sample small { opacity: .72 }
.cz-sample s { display: block; height: 4px; border-radius: 2px; background: rgba(128,134,145,.22) }
.cz-sample s::before { content: ""; display: block; height: 100%; width: var(--p);
  border-radius: 2px; background: var(--c) }
</style>
"""


def explore(run: Run, *, going: bool) -> None:
    """The sample as the network sees it now, or at any moment of a run that is over."""
    seen = cached.store().seen(run.id, ends=going)
    began = run.began
    if not seen or began is None:
        none = began is not None and not began.validation
        st.info("No pictures are held out to be shown." if none else "Nothing was asked yet.",
                icon=":material/hourglass:")  # fmt: skip
        return
    now = seen[-1] if going or len(seen) < 2 else _moment(seen, run.id)
    pictures = seen[0].pictures
    if pictures is not None and pictures.shape[1] > 1:
        st.html(CSS + sheet(_strip(run.id, pictures), now, began.classes))
    right = int((now.probabilities.argmax(1) == now.labels).sum())
    st.caption(
        f"After step {now.step:,}: {right} of {len(now.labels)} held-out pictures right. Below "
        "each picture what the network says of it, with the probability it gives; a wrong one is "
        "followed by what it should be."
    )
    if not going and len(seen) > 1:
        show.figure(
            figures.training.certainty(seen, began.classes),
            lambda: figures.training.certainty_rows(seen, began.classes),
            key=f"{PREFIX}certainty",
            name=f"{run.id}_sample",
            alt="Probability of the right class of each picture of the sample, over the run.",
        )


def sheet(strip: str, now: Seen, classes: Sequence[str]) -> str:
    """The sample as HTML; `strip` is a PNG in base64 of all pictures, one below the other."""
    count = len(now.labels)
    tiles = []
    for place, (label, each) in enumerate(zip(now.labels, now.probabilities, strict=True)):
        said = int(each.argmax())
        right = said == label
        colour = figures.training.RIGHT if right else figures.training.WRONG
        down = 100 * place / max(1, count - 1)
        mark = "✓" if right else "✗"
        meant = "" if right else f"is {escape(classes[label])}"
        tiles.append(
            f'<figure style="--c:{colour};--p:{100 * each[said]:.0f}%">'
            f'<i style="background-position:0 {down:.4f}%" role="img" '
            f'aria-label="{escape(classes[label])}">'
            f"</i><b>{mark} {escape(classes[said])} {100 * each[said]:.0f} %</b><s></s>"
            f"<small>{meant or '&nbsp;'}</small></figure>"
        )
    style = f"--strip:url('data:image/png;base64,{strip}')"
    return f'<div class="cz-sample" style="{style}">{"".join(tiles)}</div>'


@st.cache_resource(max_entries=32, show_spinner=False)
def _strip(run: str, _pictures: np.ndarray) -> str:
    return strip(_pictures)


def strip(pictures: np.ndarray) -> str:
    """Pictures (n, H, W, 3) one below the other as a PNG in base64."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(pictures))).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _moment(seen: Sequence[Seen], run: str) -> Seen:
    """The moment of the run that is looked at; the last one to begin with."""
    steps = [each.step for each in seen]
    chosen = st.select_slider(
        "After step", steps, value=steps[-1], key=f"{PREFIX}moment_{run}", format_func="{:,}".format
    )
    return seen[steps.index(chosen)]
