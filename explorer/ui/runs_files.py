"""The chosen runs as files: CSV and JSON at once, TensorBoard's event files by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.runs import export
from explorer.runs.told import told
from explorer.ui import cached, work

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.runs.told import Told

PATIENCE = 300.0
FILES: tuple[tuple[str, str, str, Callable[[Sequence[Told]], str]], ...] = (
    ("Steps, CSV", "steps.csv", "text/csv", export.steps_csv),
    ("Epochs, CSV", "epochs.csv", "text/csv", export.epochs_csv),
    ("Everything, JSON", "runs.json", "application/json", export.to_json),
)


def draw(chosen: Sequence[Run]) -> None:
    """Files of all chosen runs together."""
    st.subheader("Take away", anchor=False)
    ids = [run.id for run in chosen]
    name = f"convzoo_{ids[0]}" if len(ids) == 1 else f"convzoo_{len(ids)}_runs"
    with st.container(horizontal=True, vertical_alignment="center", key="runs_files"):
        for title, ending, mime, write in FILES:
            st.download_button(
                title,
                partial(_written, ids, write),
                file_name=f"{name}_{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"runs_file_{ending}",
            )
        _tensorboard(chosen, name)
    st.caption(
        f"Of {'this run' if len(ids) == 1 else f'these {len(ids)} runs'}. Numbers keep all their "
        "bits, but for TensorBoard's, which has 32. Its archive holds a folder a run: unpack it, "
        "then `tensorboard --logdir FOLDER`."
    )


def _written(ids: Sequence[str], write: Callable[[Sequence[Told]], str]) -> bytes:
    return write([told(cached.store(), each) for each in ids]).encode()


def _tensorboard(chosen: Sequence[Run], name: str) -> None:
    """Written on demand; a run that went on since is written anew."""
    ids = tuple(run.id for run in chosen)
    key = "runs tensorboard " + " ".join(f"{run.id}.{run.step}.{run.state}" for run in chosen)
    with st.container(width="content", key="runs_tensorboard"):
        archive: bytes | None = work.run(
            key,
            "TensorBoard event files",
            start=lambda: work.Work("runs.tensorboard", ids, timeout=PATIENCE),
            icon=":material/bar_chart:",
        )
        if archive is not None:
            st.download_button(
                "TensorBoard, ZIP", archive, file_name=f"{name}_tensorboard.zip",
                mime="application/zip", icon=":material/download:", on_click="ignore",
                key="runs_file_tensorboard",
            )  # fmt: skip
