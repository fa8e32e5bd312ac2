"""Ways of showing that every page shares: errors as sentences, figures with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    import plotly.graph_objects as go

Rows = Sequence[Mapping[str, Any]]


@contextmanager
def errors() -> Iterator[None]:
    """Turn an ExplorerError into its sentence; what the page drew before it stays."""
    try:
        yield
    except ExplorerError as error:
        st.error(str(error), icon=":material/error:")


def figure(
    drawing: go.Figure,
    rows: Callable[[], Rows],
    *,
    key: str,
    alt: str,
    name: str,
    on_select: bool = False,
) -> Any:
    """Draw a figure with its numbers as a table and a file to keep, and return the selection.

    `alt` says in one sentence what there is to see, `name` is the file's. `rows` is called when
    someone opens the table.
    """
    event = st.plotly_chart(
        drawing,
        key=key,
        alt=alt,
        on_select="rerun" if on_select else "ignore",
        selection_mode="points",
        config={
            "displaylogo": False,
            "displayModeBar": True,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
            "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
        },
    )
    _below(drawing, rows, key=key, alt=alt, name=name)
    return event


def _below(drawing: go.Figure, rows: Callable[[], Rows], *, key: str, alt: str, name: str) -> None:
    """The switch to the figure's numbers, and its file."""
    with st.container(
        horizontal=True, gap="medium", vertical_alignment="center", key=f"{key}_below"
    ):
        shown = st.toggle("Numbers as a table", key=f"{key}_numbers")
        st.download_button(
            "HTML",
            lambda: drawing.to_html(include_plotlyjs=True).encode(),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"{key}_html",
            help="An interactive page that needs no network; the camera above saves a PNG",
        )
    if shown:
        st.dataframe(pd.DataFrame(rows()), hide_index=True, key=f"{key}_table", alt=alt)
