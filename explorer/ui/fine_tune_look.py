"""What was handed in is looked at: counts, warnings, what was refused, and every picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.collections.parting import LEAST_SHARE, MOST_SHARE
from explorer.collections.sources import MOST_BYTES
from explorer.collections.store import CollectionStore
from explorer.ui import fine_tune_edits, fine_tune_state, picture, show, tiles, totals, work
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from explorer.collections.records import Collection, Item

PAGE = 48
"""Thumbnails sent at once."""
MOST_WARNED = 3
HOURS = 3600.0
_ALL = -1
_PARTS = {"train": "to learn from", "validation": "to validate on"}
_CHANGED = f"{PREFIX}look_changed"


def draw(collection: Collection) -> None:
    """The collection, what to know of it, and what may be changed."""
    _numbers(collection)
    _warnings(collection)
    left, right = st.columns([5, 4], gap="large")
    with left:
        _classes(collection)
    with right:
        _split(collection)
        _refused(collection)
    fine_tune_edits.said()
    _gallery(collection)
    with st.container(horizontal=True, gap="small", key=f"{PREFIX}look_more"):
        _add(collection)
        _delete(collection)


def _numbers(collection: Collection) -> None:
    train, held = (sum(collection.counts(part)) for part in ("train", "validation"))
    sides = sorted(collection.items, key=lambda item: item.width * item.height)
    smallest, largest = sides[0], sides[-1]
    totals.cells(
        [
            ("Pictures", f"{len(collection.items):,}", f"{len(collection.classes):,} classes"),
            ("To learn from", f"{train:,}", "the network sees these"),
            ("To validate on", f"{held:,}", "held back: they tell how good it is"),
            (
                "Sizes", f"{largest.width} × {largest.height}",
                _smallest(smallest, largest),
            ),
            ("Left out", f"{len(collection.refused):,}", "files that were refused"),
        ],
        key=f"{PREFIX}look_numbers",
    )  # fmt: skip


def _smallest(smallest: Item, largest: Item) -> str:
    if (smallest.width, smallest.height) == (largest.width, largest.height):
        return "all of them"
    return f"largest; smallest {smallest.width} × {smallest.height}"


def _warnings(collection: Collection) -> None:
    first, rest = collection.warnings[:MOST_WARNED], collection.warnings[MOST_WARNED:]
    for each in first:
        st.warning(picture.plain(each), icon=":material/warning:")
    if rest:
        with st.expander(f"{len(rest)} more to know", key=f"{PREFIX}look_rest"):
            for each in rest:
                st.warning(picture.plain(each), icon=":material/warning:")


def _classes(collection: Collection) -> None:
    """A row for each class; a name is changed in its cell."""
    rows, columns = _table(collection)
    key = f"{PREFIX}names_{collection.revision}"
    st.data_editor(
        rows, key=key, hide_index=True, disabled=("", "Learn", "Validate"), column_config=columns,
        on_change=_renamed, args=(key,), height=min(420, 38 + 36 * len(rows)), row_height=36,
        alt="The classes, with how many pictures of each are learned from and validated on",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}class_more"):
        st.caption("Double-click a name to change it.", width="content")
        with st.popover("Remove a class", type="tertiary", icon=":material/close:",
                        key=f"{PREFIX}drop"):  # fmt: skip
            for label, name in enumerate(collection.classes):
                st.button(
                    f"Remove {picture.plain(name)} with its pictures", type="tertiary",
                    key=f"{PREFIX}drop_{label}", on_click=_dropped, args=(label, name),
                )  # fmt: skip


def _table(collection: Collection) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A picture, the name and the counts of each class, and how they are drawn."""
    store = CollectionStore()
    train, held = collection.counts("train"), collection.counts("validation")
    first: dict[int, Item] = {}
    for item in collection.items:
        first.setdefault(item.label, item)
    rows = pd.DataFrame(
        {
            "": [
                tiles.source(store.thumbnail(collection.key, first[label].id))
                for label in range(len(collection.classes))
            ],
            "Class": collection.classes,
            "Learn": train,
            "Validate": held,
        }
    )
    most = max(*train, *held, 1)
    columns = {
        "": st.column_config.ImageColumn(width="small"),
        "Class": st.column_config.TextColumn(max_chars=60, required=True),
        **{
            name: st.column_config.ProgressColumn(
                format="%d", min_value=0, max_value=most, width="small"
            )
            for name in ("Learn", "Validate")
        },
    }
    return rows, columns


def _renamed(key: str) -> None:
    for row, changed in st.session_state[key]["edited_rows"].items():
        if (name := changed.get("Class")) is not None:
            fine_tune_edits.edit(
                lambda store, at, row=row, name=name: store.rename(at, int(row), name),  # type: ignore[misc]
                f"Renamed to {name}.",
            )


def _dropped(label: int, name: str) -> None:
    fine_tune_edits.edit(lambda store, key: store.remove_class(key, label), f"{name} removed.")


def _split(collection: Collection) -> None:
    """What is held back, by whom it was decided, and the way to decide anew."""
    st.markdown("**What is held back**")
    if collection.own_split:
        st.caption("Your own folders for training and validation are kept as they came.")
    else:
        st.caption(
            f"{collection.share:g} % of each class, drawn by chance; pictures that look nearly "
            "the same stay on one side."
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}split_box"):
        share = st.slider(
            "Percent held back", int(LEAST_SHARE), int(MOST_SHARE), round(collection.share), 5,
            key=f"{PREFIX}share_{collection.revision}", width=220,
        )  # fmt: skip
        st.button(
            "Split anew", icon=":material/shuffle:", key=f"{PREFIX}split", on_click=_drawn,
            args=(share, collection.seed + 1),
        )  # fmt: skip


def _drawn(share: int, seed: int) -> None:
    fine_tune_edits.edit(lambda store, key: store.split(key, share, seed), "Split anew.")


def _refused(collection: Collection) -> None:
    if not (count := len(collection.refused)):
        return
    left = f"{count:,} file{'' if count == 1 else 's'} left out, and why"
    with st.expander(left, key=f"{PREFIX}refused"):
        st.dataframe(
            pd.DataFrame(
                [{"File": each.name, "Why": each.reason} for each in collection.refused]
            ),
            hide_index=True, key=f"{PREFIX}refused_table",
            column_config={"Why": st.column_config.TextColumn(width="large")},
        )  # fmt: skip


@st.fragment
def _gallery(collection: Collection) -> None:
    """All pictures, some at a time; those that are chosen can be moved or left out."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    with show.errors():
        label, part = _filter(collection)
        found = [
            item for item in collection.items
            if label in (_ALL, item.label) and part in (None, item.part)
        ]  # fmt: skip
        page = _page(len(found), f"{collection.revision}_{label}_{part}")
        store = CollectionStore()
        chosen = tiles.choose(
            [
                tiles.Tile(
                    item.id, store.thumbnail(collection.key, item.id),
                    collection.classes[item.label], item.name.rpartition("/")[2],
                )
                for item in found[page * PAGE : (page + 1) * PAGE]
            ],
            key=f"{PREFIX}gallery_{collection.key}_{label}_{part}_{page}",
        )  # fmt: skip
        acts(collection, chosen)


def _filter(collection: Collection) -> tuple[int, str | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}filter"):
        known = (_ALL, *range(len(collection.classes)))
        label = st.selectbox(
            "Pictures of", known, width=240, key=f"{PREFIX}of_{len(known)}",
            format_func=lambda each: "all classes" if each == _ALL else collection.classes[each],
        )  # fmt: skip
        part = st.pills("Which", tuple(_PARTS), format_func=_PARTS.__getitem__,
                        key=f"{PREFIX}part", label_visibility="collapsed")  # fmt: skip
    return label, part


def _page(count: int, key: str) -> int:
    """The page of the gallery, from 0."""
    pages = max(1, -(-count // PAGE))
    if pages == 1:
        return 0
    number = st.number_input(f"Page, of {pages}", 1, pages, key=f"{PREFIX}page_{key}", width=140)
    return int(number) - 1


def acts(collection: Collection, chosen: tuple[int, ...], key: str = "look") -> None:
    """What can be done with pictures that are chosen."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"{PREFIX}acts_{key}"
    ):
        if not chosen:
            st.caption("Choose pictures to move them to another class or to leave them out.")
            return
        known = tuple(range(len(collection.classes)))
        to = st.selectbox(
            f"Move {len(chosen)} to", known, format_func=collection.classes.__getitem__, width=220,
            key=f"{PREFIX}to_{key}_{len(known)}",
        )  # fmt: skip
        st.button(
            "Move", icon=":material/drive_file_move:", key=f"{PREFIX}move_{key}",
            on_click=_moved, args=(chosen, to, collection.classes[to]),
        )  # fmt: skip
        st.button(
            "Leave out", icon=":material/delete:", key=f"{PREFIX}leave_{key}",
            on_click=_left, args=(chosen,),
        )  # fmt: skip


def _moved(chosen: tuple[int, ...], to: int, name: str) -> None:
    fine_tune_edits.relabel(chosen, to, name)
    st.session_state[_CHANGED] = True


def _left(chosen: tuple[int, ...]) -> None:
    fine_tune_edits.remove(chosen)
    st.session_state[_CHANGED] = True


def _add(collection: Collection) -> None:
    """More pictures, of a class there is or of a new one."""
    popover = st.popover("Add pictures", icon=":material/add_photo_alternate:",
                         key=f"{PREFIX}add", on_change="rerun")  # fmt: skip
    if not popover.open:
        return
    with popover, st.container(width=360):
        name = st.selectbox(
            "Class", collection.classes, accept_new_options=True, key=f"{PREFIX}add_to",
            help="Choose one, or type a new one", index=None, placeholder="choose or type",
        )  # fmt: skip
        files = st.file_uploader(
            "Pictures", accept_multiple_files=True, type="image/*", key=f"{PREFIX}add_files",
            max_upload_size=MOST_BYTES // 1_000_000,
        )  # fmt: skip
        if not files or not name:
            return
        job = f"add {collection.key} {name} {' '.join(each.file_id for each in files)}"
        given = tuple((each.name, each.getvalue()) for each in files)
        done = work.run(
            job, f"Add {len(files)} pictures",
            start=lambda: work.Work(
                "collections.add", collection.key, name, given, timeout=HOURS
            ),
        )  # fmt: skip
        if done is not None:
            work.forget(job)
            st.session_state.pop(f"{PREFIX}add_files", None)
            st.rerun()


def _delete(collection: Collection) -> None:
    """The way to be rid of it all, said twice."""
    with st.popover("Delete", icon=":material/delete_forever:", key=f"{PREFIX}delete"):
        st.markdown(
            f"All {len(collection.items):,} pictures of **{picture.plain(collection.title)}** are "
            "deleted from this computer, with every earlier version of the collection."
        )
        runs = bool(fine_tune_state.runs()) and st.checkbox(
            "And the networks that learned from them", value=True, key=f"{PREFIX}delete_runs"
        )
        st.button(
            "Delete for good", type="primary", key=f"{PREFIX}delete_now",
            on_click=fine_tune_edits.delete, kwargs={"runs": runs},
        )  # fmt: skip
