"""What a fine-tuned network looked at in one picture, for two classes side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.collections.store import CollectionStore
from explorer.pictures import intake
from explorer.ui import cached, picture, show
from explorer.ui.fine_tune_state import PREFIX
from explorer.vision import overlay

if TYPE_CHECKING:
    from explorer.finetune.report_records import Report
    from explorer.pictures.records import Picture
    from explorer.runs.records import Run
    from explorer.vision.attribution_records import Attribution

METHODS = {
    "gradcam": "Grad-CAM",
    "integrated_gradients": "Integrated gradients",
    "gradient": "Gradient",
}
WIDTH = 320


def draw(report: Report, run: Run, item: int, classes: tuple[int, int], key: str) -> None:
    """A button; then the picture with a map for each of two classes, on one scale."""
    wanted = f"{key}_why"
    if st.session_state.get(wanted) != item:
        st.button(
            "What did it look at?", icon=":material/gradient:", key=f"{key}_ask",
            on_click=_want, args=(wanted, item),
        )  # fmt: skip
        return
    method = st.segmented_control(
        "Method", tuple(METHODS), default="gradcam", format_func=METHODS.__getitem__,
        required=True, key=f"{PREFIX}method", label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    with show.errors():
        looked = accepted(report.collection, item)
        with st.spinner("Asking the network …"):
            maps = [
                _map(f"run:{run.id}", looked, report.weights, method or "gradcam", each)
                for each in classes
            ]
        limit = max(overlay.limits(maps, sharing="grid"))
        with st.container(horizontal=True, gap="medium", key=f"{key}_maps"):
            for found in maps:
                with st.container(width=WIDTH, gap="xsmall"):
                    st.image(
                        overlay.overlay(found, looked, limit=limit, form="JPEG"), width="stretch",
                        alt=f"What speaks for {found.target_name}",
                    )  # fmt: skip
                    st.caption(
                        f"for **{picture.plain(found.target_name)}**, "
                        f"{100 * found.probability:.1f} %"
                    )
        st.caption("Red speaks for the class, blue against it; both maps are on one scale.")


def accepted(key: str, item: int) -> Picture:
    """A picture of a collection as the vision pages take it."""
    return _accepted(key, item)


@st.cache_resource(max_entries=32, show_spinner=False)
def _accepted(key: str, item: int) -> Picture:
    # The collection's own file, which went through the gate when it was handed in.
    return intake.accept(CollectionStore().picture(key, item), f"picture {item}")


def _map(model: str, looked: Picture, weights: str, method: str, target: int) -> Attribution:
    found: Attribution = cached.of_picture(
        "vision.attribute", model, looked, weights, method=method, target=target
    )
    return found


def _want(key: str, item: int) -> None:
    st.session_state[key] = item
