"""The fine-tuned network is used: asked about new pictures, opened elsewhere, and taken home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.errors import MissingWeights
from explorer.ui import cached, picture, places, show, work
from explorer.ui.fine_tune_state import PREFIX
from explorer.ui.runs_one import PAGES
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    from explorer.finetune.takehome_records import TakeHome
    from explorer.pictures.records import Picture
    from explorer.runs.records import Run

MOST_CLASSES = 10
WIDTH = 420
MINUTES = 1800.0
_WHAT = {
    "predict.py": "says what is in a picture, with torch and torchvision alone",
    "model.pt2": "the network as a program of its own",
    "model.onnx": "the network for other frameworks and for browsers",
    "model.safetensors": "its weights",
    "classes.json": "names of the classes",
    "preprocessing.json": "how a picture is prepared",
    "MODEL_CARD.md": "what it learned from, how good it is, and its limits",
    "README.md": "where to begin",
}


def predict(run: Run) -> None:
    """A new picture, and what the network says of it; the pages on which it can be opened."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        looked = picture.choose()
        if looked is not None:
            picture.shown(looked, WIDTH)
    with right, show.errors():
        if looked is not None:
            _answer(run, looked)
    st.markdown("**Open it elsewhere, like any network of the zoo**")
    with st.container(horizontal=True, gap="small", key=f"{PREFIX}ways"):
        for page, label, icon in PAGES:
            st.page_link(page, label=label, icon=icon, query_params={"model": f"run:{run.id}"})


def weights(run: Run) -> str:
    """The key of the weights that were judged. Raises MissingWeights."""
    found = trained_runs.weights(f"{trained_runs.PREFIX}{run.id}")
    if not found:
        raise MissingWeights(f"{run.name} kept no weights; train again.")
    return found[0].key


def _answer(run: Run, looked: Picture) -> None:
    with st.spinner("Looking at the picture …"):
        said = cached.prediction(f"run:{run.id}", looked, weights(run), MOST_CLASSES)
    best = said.top[0]
    st.subheader(
        f"{picture.plain(best.name)} :gray[· {figures.predictions.percent(best.probability)}]",
        anchor=False,
    )
    show.figure(
        figures.predictions.top(said.top), lambda: figures.predictions.top_rows(said.top),
        key=f"{PREFIX}prediction", name="prediction",
        alt=f"Probabilities of the classes, {best.name} first",
    )  # fmt: skip
    st.caption(
        "It knows its own classes alone: of anything else it names the likeliest of them, and may "
        "be sure of it."
    )


def take_home(run: Run) -> None:
    """The network with all that is needed to use it elsewhere, as one file."""
    st.markdown(
        "One ZIP with the network, a script that runs it with torch and torchvision alone, an ONNX "
        "file, a model card, and the run itself. What is in it is run and compared before you get "
        "it."
    )
    job = f"export {run.id} {run.seconds:.3f}"
    made: TakeHome | None = work.run(
        job, "Pack it", icon=":material/inventory_2:",
        start=lambda: work.Work("finetune.export", run.id, timeout=MINUTES),
    )  # fmt: skip
    if made is not None:
        _packed(made, job)
    st.page_link(
        places.RUNS, label="Curves, recipe and checkpoint on the page Runs",
        icon=":material/table_rows:", query_params={"run": run.id},
    )  # fmt: skip


def _packed(made: TakeHome, job: str) -> None:
    path = Path(made.path)
    if not path.is_file():
        st.info("The file was tidied away; pack it again.", icon=":material/inventory_2:")
        work.again(job)
        return
    st.download_button(
        f"Download {units.memory(made.bytes)}", path.read_bytes, made.name, "application/zip",
        type="primary", icon=":material/download:", on_click="ignore", key=f"{PREFIX}download",
    )  # fmt: skip
    st.markdown(f":material/check: `predict.py`: {made.portable.sentence}")
    if made.onnx is not None:
        st.markdown(f":material/check: `model.onnx`: {made.onnx.sentence}")
    elif made.without_onnx:
        st.markdown(f":material/info: {picture.plain(made.without_onnx)}")
    with st.expander(f"{len(made.files)} files", key=f"{PREFIX}files"):
        for name in made.files:
            what = _WHAT.get(name, "")
            st.markdown(f"`{name}`" + (f" · {what}" if what else ""))
