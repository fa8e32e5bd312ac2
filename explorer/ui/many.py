"""The Predict page's section on many pictures at once: a table to look at and to take away."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.pictures import previews
from explorer.pictures.records import Picture, Refused
from explorer.ui import picture, predicting, work
from explorer.vision import prediction_export

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_export import Outcome
    from explorer.vision.prediction_records import Prediction

SECONDS = 1800.0
THUMBNAIL, ROW = 36, 48
"""Pixels of a picture in the table, and of its row."""
MOST_ROWS = 14
"""Seen without scrolling in the table."""
MOST_REASONS = 10
"""Refusals said in full below the table; all of them stand in it."""
COLUMNS = ("picture", "name", "first guess", "probability", "then")


def pictures(looking: Opened) -> None:
    """Many pictures at once, as a table to look at and to take away."""
    st.markdown(
        f"Every picture goes through {looking.card.title} once; one that cannot be read says why "
        "and stops no other."
    )
    found = picture.several("predict_many")
    if not found:
        return
    accepted = [each for each in found if isinstance(each, Picture)]
    digest = hashlib.sha256("".join(f"{p.name}{p.digest}" for p in accepted).encode()).hexdigest()
    done: Sequence[Prediction | Refused] | None = work.run(
        f"predict many {looking.card.name} {looking.weights} {digest}",
        "Predict them",
        start=lambda: work.Work(
            "vision.predict",
            looking.card.name,
            accepted,
            weights=looking.weights,
            top=predicting.USUAL_CLASSES,
            timeout=SECONDS,
        ),
        at_once=True,
    )
    if done is None:
        return
    answers = iter(done)
    outcomes: list[Outcome] = [
        (each.name, each if isinstance(each, Refused) else next(answers)) for each in found
    ]
    _table(looking, outcomes, found)
    _take_away(looking, outcomes)


def _table(
    looking: Opened, outcomes: Sequence[Outcome], found: Sequence[Picture | Refused]
) -> None:
    """A row a picture: its first guesses with their shares, or why there are none."""
    refused = sum(isinstance(each, Refused) for _, each in outcomes)
    note = f", {refused} refused" if refused else ""
    random = ", **with random weights: these answers mean nothing**"
    trained = "" if looking.weights != "random" else random
    st.markdown(f"{len(outcomes)} pictures through {looking.card.title}{note}{trained}")
    rows = [
        _row(name, answer, source) for (name, answer), source in zip(outcomes, found, strict=True)
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="predict_many_table",
        alt=f"What {looking.card.title} says of each of {len(outcomes)} pictures.",
        row_height=ROW,
        height=ROW * min(len(rows) + 1, MOST_ROWS),
        placeholder="",
        column_order=[*COLUMNS, *(["refused because"] if refused else [])],
        column_config={
            "picture": st.column_config.ImageColumn("", width=64),
            "probability": st.column_config.ProgressColumn(
                "probability", format="percent", min_value=0.0, max_value=1.0
            ),
        },
    )
    reasons = [(name, each.reason) for name, each in outcomes if isinstance(each, Refused)]
    for name, reason in reasons[:MOST_REASONS]:
        st.caption(f":material/block: **{picture.plain(name)}**: {picture.plain(reason)}")
    st.caption("Softmax probabilities; the pictures were run in batches, as fits the memory.")


def _row(name: str, answer: Prediction | Refused, source: Picture | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused) or isinstance(source, Refused):
        reason = answer.reason if isinstance(answer, Refused) else ""
        return {"picture": None, "name": name, "first guess": None, "refused because": reason}
    others = ", ".join(each.name for each in answer.top[1:3])
    return {
        "picture": _inline(previews.square(source, THUMBNAIL)),
        "name": name,
        "first guess": answer.top[0].name,
        "probability": answer.top[0].probability,
        "then": others,
        "refused because": None,
    }


def _inline(file: bytes) -> str:
    kind = "png" if file.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def _take_away(looking: Opened, outcomes: Sequence[Outcome]) -> None:
    name = f"{looking.card.name.replace(':', '_')}_predictions"
    with st.container(horizontal=True, key="predict_many_take_away"):
        for title, write, mime in (
            ("CSV", prediction_export.to_csv, "text/csv"),
            ("JSON", prediction_export.to_json, "application/json"),
        ):
            st.download_button(
                title,
                write(outcomes).encode(),
                file_name=f"{name}.{title.lower()}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"predict_many_{title.lower()}",
            )
