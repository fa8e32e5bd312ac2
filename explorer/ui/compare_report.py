"""The Compare page's report: one page to hand out, as HTML, Markdown or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from explorer.compare import report, tables

if TYPE_CHECKING:
    from explorer.compare.records import Comparison


def draw(found: Comparison) -> None:
    """The files, and the report as it reads."""
    name = "_vs_".join(each.model.replace(":", "_") for each in found.columns[:3])
    st.markdown(
        "One page with totals, stages, what differs between the first two, and how far each suits "
        "its input, with what was measured in this session. The HTML needs nothing else and prints."
    )
    with st.container(horizontal=True, key="compare_report_files"):
        for title, write, ending, mime in (
            ("HTML", report.html, "html", "text/html"),
            ("Markdown", tables.markdown, "md", "text/markdown"),
            ("JSON", report.to_json, "json", "application/json"),
        ):
            st.download_button(
                title,
                write(found).encode(),
                file_name=f"convzoo_{name}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"compare_report_{ending}",
            )
    with st.container(border=True, key="compare_report_shown"):
        # Below the page's own title.
        st.markdown(re.sub(r"^#+ ", "#### ", tables.markdown(found), flags=re.MULTILINE))
