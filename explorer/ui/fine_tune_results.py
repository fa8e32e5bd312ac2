"""How good the fine-tuned network is, how well that is known, and why it errs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.collections.records import PREFIX as COLLECTION
from explorer.figures.finetune import interval
from explorer.finetune import comparison, keeping
from explorer.finetune.report_records import Share
from explorer.ui import (
    fine_tune_choose,
    fine_tune_edits,
    fine_tune_errors,
    fine_tune_state,
    fine_tune_use,
    picture,
    show,
    totals,
    work,
)
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.collections.records import Collection
    from explorer.finetune.report_records import Estimate, Report
    from explorer.runs.records import Run

MINUTES = 1800.0
SECTIONS = {
    "score": "How good",
    "confusions": "Confusions",
    "mistakes": "Mistakes",
    "labels": "Doubtful labels",
    "classes": "Class by class",
    "sure": "Sure or not",
    "map": "Map",
    "changes": "Since last time",
}


def draw(run: Run, collection: Collection) -> None:
    """The report, one question at a time."""
    found = report(run)
    if found is None:
        return
    _changed(run, collection)
    _headline(found)
    before = comparison.previous(run, fine_tune_state.runs())
    known = [each for each in SECTIONS if each != "changes" or before is not None]
    section = st.segmented_control(
        "Section", known, default="score", format_func=SECTIONS.__getitem__, required=True,
        label_visibility="collapsed", key=f"{PREFIX}section", persist_state="session", wrap=True,
    )  # fmt: skip
    fine_tune_edits.said()
    with show.errors(), st.container(key=f"{PREFIX}section_box"):
        if section == "changes" and before is not None:
            _changes(before, run, found)
        else:
            _section(section or "score", found, run)


def report(run: Run) -> Report | None:
    """Everything that is known of a run; None while it is being found out."""
    known = _kept(run.folder, fine_tune_use.weights(run))
    if known is not None:
        return known
    key = f"report {run.id} {run.seconds:.3f}"
    found: Report | None = work.run(
        key, "Judge it", at_once=True,
        start=lambda: work.Work("finetune.report", run.id, timeout=MINUTES),
    )  # fmt: skip
    return found


def _kept(folder: Path, weights: str) -> Report | None:
    """What was found out of these weights before: no engine has to be asked."""
    file = folder / keeping.FILE
    if not file.is_file():
        return None
    found = _read(folder, file.stat().st_mtime_ns)
    return found if found is not None and found.weights == weights else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(folder: Path, written: int) -> Report | None:
    return keeping.kept(folder)


def _section(section: str, found: Report, run: Run) -> None:
    if section == "score":
        _score(found)
    elif section == "confusions":
        fine_tune_errors.confusions(found, run)
    elif section == "mistakes":
        fine_tune_errors.mistakes(found, run)
    elif section == "labels":
        fine_tune_errors.labels(found)
    elif section == "classes":
        _classes(found)
    elif section == "sure":
        _sure(found)
    else:
        fine_tune_errors.plane(found, run)


def _changed(run: Run, collection: Collection) -> None:
    """Where the pictures were edited since, the way to learn from them as they are now."""
    if run.recipe.data == collection.key:
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"{PREFIX}retrain_box"
    ):
        st.markdown("The pictures or their labels were changed since this run.", width="content")
        st.button(
            "Train again", type="primary", icon=":material/refresh:", key=f"{PREFIX}retrain",
            on_click=_retrain, args=(run, collection.key),
            help="The same recipe, with the pictures as they are now",
        )  # fmt: skip


def _retrain(run: Run, key: str) -> None:
    fine_tune_choose.submit(dataclasses.replace(run.recipe, data=key), run.name)


def _headline(found: Report) -> None:
    scores = found.scores
    best = max(found.baselines, key=lambda each: each.accuracy.hits, default=None)
    cells = [
        ("Right", units.percent(scores.accuracy.value), _interval(scores.accuracy)),
        ("Mean F1", units.percent(scores.macro_f1.value), _interval(scores.macro_f1)),
        ("On what it learned from", units.percent(found.learned.value),
         f"{found.learned.hits:,} of {found.learned.of:,}"),
    ]  # fmt: skip
    if best is not None:
        cells.append(("To beat", units.percent(best.accuracy.value), best.title))
    totals.cells(cells, key=f"{PREFIX}headline")


def _interval(share: Share | Estimate) -> str:
    hits = "over the classes"
    if isinstance(share, Share):
        hits = f"{share.hits:,} of {share.of:,}"
    if share.low is None or share.high is None:
        return hits
    return f"{hits}; {100 * share.low:.0f} to {100 * share.high:.0f} % in 19 of 20 cases"


def _score(found: Report) -> None:
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown(f"**{picture.plain(found.verdict)}**")
        st.markdown(picture.plain(found.scores.sentence))
        for each in found.caveats:
            st.caption(f":material/info: {picture.plain(each)}")
    with right:
        show.figure(
            figures.finetune.beaten(found), lambda: figures.finetune.beaten_rows(found),
            key=f"{PREFIX}beaten", name="against_baselines",
            alt="Accuracy of the network and of what it has to beat, with intervals",
        )  # fmt: skip
        for one in found.baselines:
            st.caption(f"**{picture.plain(one.title)}**: {picture.plain(one.how)}")


def _classes(found: Report) -> None:
    show.figure(
        figures.finetune.classes(found.scores), lambda: figures.finetune.class_rows(found.scores),
        key=f"{PREFIX}classes", name="class_by_class",
        alt="Precision, recall and F1 of each class, with their intervals",
    )  # fmt: skip
    st.caption(
        "Precision: of what is called so, how much is. Recall: of what is so, how much is called "
        "so. F1 is the harmonic mean of both. Whiskers hold 95 of 100 cases."
    )
    for each in found.scores.classes:
        st.markdown(picture.plain(each.sentence))


def _sure(found: Report) -> None:
    if (known := found.calibration) is None:
        st.info("No picture was held back, so nobody can say.", icon=":material/info:")
        return
    left, right = st.columns([5, 4], gap="large")
    with left:
        show.figure(
            figures.finetune.reliability(known), lambda: figures.finetune.reliability_rows(known),
            key=f"{PREFIX}reliability", name="reliability",
            alt="How often answers are right against how sure the network is of them",
        )  # fmt: skip
    with right:
        st.markdown(picture.plain(known.sentence))
        st.caption(
            f"Expected calibration error over {len(known.bins)} bins of equal width: "
            f"{100 * known.error:.1f} points; by chance alone, from so few pictures, "
            f"{interval(known.by_chance)}. Log loss {known.log_loss:.3g} nats."
        )


def _changes(before: Run, run: Run, now: Report) -> None:
    """Against the run before, on the pictures that neither learned from."""
    then = report(before)
    if then is None:
        return
    found = comparison.compared(then, now, (before, run))
    st.markdown(f"**{picture.plain(found.sentence)}**")
    st.caption(
        f"Against *{picture.plain(before.name)}*. Pictures: {found.added:,} added, "
        f"{found.removed:,} removed, {found.relabelled:,} in another class, {found.moved:,} moved "
        "between learning and validating."
    )
    settings = [each for each in found.settings if not each[1].startswith(COLLECTION)]
    if settings:
        st.dataframe(
            [{"Setting": title, "Before": old, "Now": new} for title, old, new in settings],
            hide_index=True, key=f"{PREFIX}settings",
        )  # fmt: skip
    else:
        st.caption("The recipes are the same.")
    for title, ids in (("Right now, wrong before", found.fixed),
                       ("Wrong now, right before", found.broken)):  # fmt: skip
        if ids:
            st.markdown(f"**{title}**")
            fine_tune_errors.pictures(now, ids, f"{PREFIX}{title[0]}_{run.id}")
