"""The pictures behind the numbers: confusions, mistakes, doubtful labels, and all in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import streamlit as st

from explorer.collections.store import CollectionStore
from explorer.errors import MissingData
from explorer.figures.confusion import confusion, confusion_rows, left_out
from explorer.figures.finetune_map import (
    MOST_THUMBNAILS,
    embedding,
    embedding_figure,
    embedding_rows,
    series_items,
)
from explorer.ui import (
    fine_tune_edits,
    fine_tune_look,
    fine_tune_saliency,
    fine_tune_state,
    show,
    tiles,
)
from explorer.ui import picture as pictured
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from explorer.collections.records import Part
    from explorer.finetune.report_records import Doubt, Report
    from explorer.runs.records import Run

MOST = 48
"""Thumbnails shown at once."""
SMALL = 64
_PARTS = {"validation": "held out", "train": "learned from"}


def confusions(report: Report, run: Run) -> None:
    """The matrix; a click on a cell opens its pictures."""
    part = _part("confusions")
    left, right = st.columns([1, 1], gap="large")
    key = f"{PREFIX}cell_{run.id}_{part}"
    chosen = st.session_state.get(key) or _first(report, part)
    with left:
        event = show.figure(
            confusion(report, part, chosen), lambda: confusion_rows(report, part),
            key=f"{PREFIX}confusion_{part}", name="confusion", on_select=True,
            alt="True classes down, predicted ones across, with the number of pictures in each",
        )  # fmt: skip
        if more := left_out(report, part):
            st.caption(f"{more} classes that are seldom confused are not drawn; the table has all.")
        points = event.selection.points if event else []
        if points and tuple(points[0]["customdata"][:2]) != chosen:
            st.session_state[key] = tuple(int(each) for each in points[0]["customdata"][:2])
            st.rerun()
    with right:
        if chosen is None:
            st.caption("Click a cell: its pictures appear here.")
            return
        true, said = (pictured.plain(report.classes[each]) for each in chosen)
        ids = report.cell(chosen[0], chosen[1], part)
        verb = "recognised as" if chosen[0] == chosen[1] else "taken for"
        st.markdown(f"**{true}** {verb} **{said}**: {len(ids):,} {_PARTS[part]}")
        picked = pictures(report, ids, f"{key}_{chosen}")
        _act(picked, key)
        _why(report, run, picked, key)


def mistakes(report: Report, run: Run) -> None:
    """Wrong answers, those it was surest of first, with what it looked at for both classes."""
    part = _part("mistakes")
    found = report.mistakes(part)
    if not found:
        st.success(f"Of the pictures {_PARTS[part]}, none is wrong.", icon=":material/check:")
        return
    st.caption(
        f"{len(found):,} of the pictures {_PARTS[part]} are wrong; it was surest of the first. "
        "Choose one to see what it looked at."
    )
    key = f"{PREFIX}mistakes_{run.id}_{part}"
    picked = pictures(report, [each.item for each in found], key)
    _act(picked, key)
    _why(report, run, picked, key)


def labels(report: Report) -> None:
    """Labels that are likely wrong: right them, or say that they are right."""
    st.markdown(pictured.plain(report.doubts.sentence))
    now = fine_tune_state.collection()
    if now is None or not report.doubts.found:
        return
    store = CollectionStore()
    left_alone: set[int] = st.session_state.setdefault(f"{PREFIX}believed", set())
    waiting = [each for each in report.doubts.found if _doubtful(each, report, left_alone)]
    if not waiting:
        st.success("All of them are seen to.", icon=":material/check:")
        return
    with st.grid("auto", min_column_width=300, gap="small", key=f"{PREFIX}doubts") as grid:
        for doubt in waiting[:MOST]:
            with grid.cell(), st.container(border=True, gap="xsmall"):
                st.image(store.thumbnail(report.collection, doubt.item, 192), width=150)
                _doubt(doubt, report)
    st.caption(
        "Judged by a classifier on the features of the network it started from, which did not "
        "learn from the picture in question (confident learning). [Northcutt, Jiang and Chuang, "
        "Confident Learning, 2021](https://arxiv.org/abs/1911.00068)"
    )


def _doubtful(doubt: Doubt, report: Report, believed: set[int]) -> bool:
    """Whether a label still stands as it was, and nobody has said that it is right."""
    now = fine_tune_state.collection()
    item = now.item(doubt.item) if now else None
    if now is None or item is None or doubt.item in believed:
        return False
    return now.classes[item.label] == report.classes[doubt.given]


def _doubt(doubt: Doubt, report: Report) -> None:
    given, other = report.classes[doubt.given], report.classes[doubt.suggested]
    st.markdown(
        f"labelled **{pictured.plain(given)}**, looks like **{pictured.plain(other)}**  \n"
        f":small[{100 * doubt.suggested_probability:.0f} % against "
        f"{100 * doubt.given_probability:.0f} %]"
    )
    with st.container(horizontal=True, gap="small", key=f"{PREFIX}doubt_{doubt.item}"):
        st.button(
            f"It is {pictured.plain(other)}", key=f"{PREFIX}fix_{doubt.item}", type="tertiary",
            icon=":material/edit:", on_click=_fix, args=(doubt.item, other),
        )  # fmt: skip
        st.button(
            "Leave out", key=f"{PREFIX}drop_doubt_{doubt.item}", type="tertiary",
            icon=":material/delete:", on_click=fine_tune_edits.remove, args=((doubt.item,),),
        )  # fmt: skip
        st.button(
            "It is right", key=f"{PREFIX}keep_{doubt.item}", type="tertiary",
            icon=":material/check:", on_click=_believe, args=(doubt.item,),
        )  # fmt: skip


def _believe(item: int) -> None:
    st.session_state[f"{PREFIX}believed"].add(item)


def _fix(item: int, name: str) -> None:
    """Move a picture to the class of this name, as it stands in the newest revision."""
    now = fine_tune_state.collection()
    if now is not None and name in now.classes:
        fine_tune_edits.relabel((item,), now.classes.index(name), name)


def plane(report: Report, run: Run) -> None:
    """All pictures as points, near where the network finds them alike."""
    if not report.projections:
        st.info("There are too few pictures for a map.", icon=":material/info:")
        return
    known = {each.method: each for each in report.projections}
    method = st.segmented_control(
        "Projection", tuple(known), default=next(iter(known)), required=True,
        key=f"{PREFIX}projection", label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    chosen = known[method] if method in known else report.projections[0]
    left, right = st.columns([3, 1], gap="medium")
    with left:
        event = st.echarts_chart(
            embedding(report, chosen, _thumbnails(report)), on_select="rerun",
            key=f"{PREFIX}plane_{run.id}_{chosen.method}", height=460,
            alt="All pictures in a plane, near each other where the network finds them alike",
        )  # fmt: skip
        st.caption(pictured.plain(chosen.sentence))
        drawing = embedding_figure(report, chosen)
        with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}plane_more"):
            table = st.toggle("Numbers as a table", key=f"{PREFIX}plane_numbers")
            st.download_button(
                "HTML", lambda: drawing.to_html(include_plotlyjs=True).encode(), "map.html",
                "text/html", icon=":material/download:", type="tertiary", on_click="ignore",
                key=f"{PREFIX}plane_html",
            )  # fmt: skip
        if table:
            st.dataframe(embedding_rows(report, chosen), hide_index=True)
    with right:
        item = _selected(event, report)
        if item is None:
            st.caption(
                "Large points were held out; a ring in another class's colour marks what it was "
                "taken for. Point at one to see its picture, click it to keep it here."
            )
        else:
            picked = pictures(report, [item], f"{PREFIX}plane_pick_{item}")
            _act(picked, f"{PREFIX}plane_act")


def _selected(event: object, report: Report) -> int | None:
    selected = getattr(getattr(event, "selection", None), "selected", None)
    if not selected:
        return None
    first = selected[0]
    series, point = int(first["series_index"]), int(first["data_indices"][0])
    return series_items(report)[series][point]


@st.cache_data(max_entries=8, show_spinner=False)
def _thumbnails_of(key: str, items: tuple[int, ...]) -> dict[int, bytes]:
    store = CollectionStore()
    return {item: store.thumbnail(key, item, SMALL) for item in items}


def _thumbnails(report: Report) -> dict[int, bytes]:
    ids = tuple(int(each) for each in report.items[:MOST_THUMBNAILS])
    return _thumbnails_of(report.collection, ids)


def pictures(report: Report, ids: Sequence[int], key: str) -> tuple[int, ...]:
    """Thumbnails with what they are and what is said of them; returns those that are chosen."""
    store = CollectionStore()
    shown = []
    for id in ids[:MOST]:
        row = report.row(id)
        if row is None:
            continue
        said = int(report.predicted[row])
        sure = f"{report.classes[said]}, {100 * report.probabilities[row, said]:.0f} %"
        words = report.classes[int(report.labels[row])]
        shown.append(tiles.Tile(id, store.thumbnail(report.collection, id), words, f"→ {sure}"))
    if len(ids) > MOST:
        st.caption(f"The first {MOST} of {len(ids):,}.")
    return tiles.choose(shown, key=f"{key}_tiles")


def _act(picked: tuple[int, ...], key: str) -> None:
    """Move pictures or leave them out, in the newest revision."""
    now = fine_tune_state.collection()
    if now is None:
        return
    there = tuple(each for each in picked if now.item(each) is not None)
    fine_tune_look.acts(now, there, key)


def _why(report: Report, run: Run, picked: tuple[int, ...], key: str) -> None:
    """What the network looked at in the picture chosen last, for its class and for its answer."""
    if not picked:
        return
    row = report.row(picked[-1])
    if row is None:
        raise MissingData("This picture is not in the report; judge the run again.")
    said, true = int(report.predicted[row]), int(report.labels[row])
    others = report.probabilities[row].argsort()[::-1]
    other = true if true != said else int(others[1])
    fine_tune_saliency.draw(report, run, picked[-1], (said, other), key)


def _part(key: str) -> Part:
    part = st.segmented_control(
        "Pictures", tuple(_PARTS), default="validation", format_func=_PARTS.__getitem__,
        required=True, key=f"{PREFIX}{key}_part", label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    return cast("Part", part or "validation")


def _first(report: Report, part: Part) -> tuple[int, int] | None:
    """The cell of the confusion that happens most."""
    counts = report.confusion(part).copy()
    counts[range(len(counts)), range(len(counts))] = 0
    if not counts.any():
        return None
    true, said = divmod(int(counts.argmax()), len(counts))
    return true, said
