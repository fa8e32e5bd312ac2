"""What can be taken away from the Saliency page: the grid as a picture, each map as numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.figures import attribution_sheet
from explorer.ui import attribution_choices
from explorer.ui.picture import plain
from explorer.vision.attribution_records import METHODS

if TYPE_CHECKING:
    from explorer.ui.attribution_choices import Style
    from explorer.ui.opened import Opened
    from explorer.vision.attribution_records import Attribution


def files(opened: Opened, found: Sequence[Attribution], style: Style) -> None:
    """Draw the download buttons; each file is made when its button is clicked."""
    if not found:
        return
    st.download_button(
        "Grid, PNG",
        lambda: attribution_sheet.sheet(
            found,
            opened.picture,
            attribution_choices.scales(found, style),
            signed=style.signed,
            strength=style.strength,
        ),
        file_name=f"{_safe(opened.card.name)}_saliency.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
        key="saliency_png",
    )  # fmt: skip
    with st.popover("Maps as numbers", icon=":material/download:", key="saliency_numbers"):
        st.caption("Values as computed, signed, not clipped, a row per row of the network's input.")
        for number, each in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":small[{_words(each)}]")
                for form, write, mime in (
                    ("npy", npy, "application/octet-stream"),
                    ("csv", csv, "text/csv"),
                ):
                    st.download_button(
                        form.upper() if form == "csv" else ".npy",
                        partial(write, each),
                        file_name=f"{_name(each)}.{form}",
                        mime=mime,
                        on_click="ignore",
                        key=f"saliency_{form}_{number}",
                        type="tertiary",
                    )


def npy(map_: Attribution) -> bytes:
    """The values, (H, W) float32, as NumPy's own file."""
    buffer = io.BytesIO()
    np.save(buffer, map_.values)
    return buffer.getvalue()


def csv(map_: Attribution) -> bytes:
    """The values, a line of the file per row of the map."""
    buffer = io.StringIO()
    np.savetxt(buffer, map_.values, fmt="%.6g", delimiter=",")
    return buffer.getvalue().encode()


def _words(map_: Attribution) -> str:
    return f"{METHODS[map_.method].title}, {plain(map_.target_name)}, {plain(map_.use.title)}"


def _name(map_: Attribution) -> str:
    return _safe(f"{map_.use.model}_{map_.method}_{map_.target_name}")


def _safe(name: str) -> str:
    """A name as a file may have it everywhere."""
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in name)
