"""Pictures of one's own are handed in: a ZIP or a folder, files class by class, or with a table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.collections.records import FEWEST_PICTURES, MOST_CLASSES, MOST_PICTURES
from explorer.collections.sources import MOST_BYTES
from explorer.collections.store import CollectionStore
from explorer.pictures import intake
from explorer.ui import fine_tune_classes, fine_tune_state, picture, show, tiles, visitor, work
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explorer.collections.records import Collection

HOURS = 3600.0
CAPS = (
    f"{FEWEST_PICTURES} to {MOST_PICTURES:,} pictures, 2 to {MOST_CLASSES} classes, up to "
    f"{MOST_BYTES / 1e6:.0f} MB at once; each picture up to {intake.MOST_BYTES / 1e6:.0f} MB and "
    f"{intake.MOST_PIXELS / 1e6:.0f} megapixels. They are kept on the computer this app runs on, "
    "shrunk to half a megapixel and without metadata, until you delete them here."
)
_WAYS = {
    "archive": ":material/folder_zip: ZIP or folder",
    "classes": ":material/photo_camera: Class by class",
    "table": ":material/table: Table of labels",
}
_SHOWN = 5
_WAY = f"{PREFIX}way"


def draw() -> None:
    """What was handed in before, and the ways to hand in more."""
    before = fine_tune_state.mine()
    if before:
        _kept(before)
        st.subheader("Hand in others", anchor=False)
    else:
        st.markdown(
            "Some pictures of each thing, say 20, sorted by what they show: a minute later you "
            "have a network that tells them apart, and know how far to trust it."
        )
    way = st.segmented_control(
        "How", tuple(_WAYS), default="archive", format_func=_WAYS.__getitem__, required=True,
        label_visibility="collapsed", key=_WAY, persist_state="session", wrap=True,
    )  # fmt: skip
    with show.errors(), st.container(key=f"{PREFIX}hand_in"):
        if way == "classes":
            fine_tune_classes.draw(taken)
        elif way == "table":
            _table()
        else:
            _archive()
    st.caption(CAPS)
    if visitor.owner() == visitor.GUEST:
        st.warning(
            "Your browser takes no cookies, so whoever else comes without any sees what you hand "
            "in; allow cookies to have it for yourself.",
            icon=":material/cookie:",
        )


def taken(job: str, start: Callable[[], work.Work]) -> None:
    """Have the engine take pictures in, and look at what came of it."""
    done: Collection | None = work.run(job, "Read the pictures", start=start, at_once=True)
    if done is not None:
        work.forget(job)
        fine_tune_classes.forget()
        fine_tune_state.open_collection(done.id)
        fine_tune_state.go_next("look")
        st.rerun()


def _kept(before: Sequence[Collection]) -> None:
    """A card for each collection, with some of its pictures."""
    store = CollectionStore()
    with st.grid("auto", min_column_width=280, gap="small", key=f"{PREFIX}kept") as grid:
        for each in before:
            with grid.cell(), st.container(border=True, gap="xsmall"):
                step = max(1, len(each.items) // _SHOWN)
                some = [item.id for item in each.items[::step][:_SHOWN]]
                files = [tiles.source(store.thumbnail(each.key, id)) for id in some]
                strip = "".join(f'<img alt="" src="{file}">' for file in files)
                st.html(f'<style>{_STRIP}</style><div class="cz-strip">{strip}</div>')
                st.markdown(f"**{picture.plain(each.title)}**")
                st.caption(f"{len(each.items):,} pictures, {len(each.classes):,} classes")
                st.button(
                    "Open", key=f"{PREFIX}open_{each.id}", on_click=_open, args=(each.id,),
                    icon=":material/arrow_forward:",
                )  # fmt: skip


_STRIP = """
.cz-strip { display: flex; gap: 4px; }
.cz-strip img { width: 48px; height: 48px; object-fit: cover; border-radius: 4px; }
"""


def _open(id: str) -> None:
    fine_tune_state.open_collection(id)
    fine_tune_state.go("results" if fine_tune_state.run() else "look")


def _archive() -> None:
    """A ZIP with a folder for each class, or such a folder itself."""
    whole = st.toggle("A folder instead of a ZIP", key=f"{PREFIX}whole", persist_state="session")
    shape = "`cat/1.jpg`, `dog/2.jpg`"
    if whole:
        files = st.file_uploader(
            "A folder with a folder for each class", accept_multiple_files="directory",
            type="image/*", max_upload_size=MOST_BYTES // 1_000_000, key=f"{PREFIX}folder",
        )  # fmt: skip
        if files and _fits(files):
            _read(files, lambda: _zipped(files), files[0].name.partition("/")[0])
    else:
        file = st.file_uploader(
            "A ZIP with a folder for each class", type="zip",
            max_upload_size=MOST_BYTES // 1_000_000, key=f"{PREFIX}zip",
        )  # fmt: skip
        if file is not None:
            _read([file], file.getvalue, file.name)
    st.caption(
        f"{shape}; or `train/cat/1.jpg` and `val/cat/2.jpg`, and your own split is kept. A CSV of "
        "names and labels in the ZIP does instead of folders."
    )


def _read(files: Sequence[UploadedFile], data: Callable[[], bytes], name: str) -> None:
    job = f"collection {' '.join(each.file_id for each in files)}"
    taken(
        job,
        lambda: work.Work("collections.accept_zip", data(), name, visitor.owner(), timeout=HOURS),
    )


def _zipped(files: Sequence[UploadedFile]) -> bytes:
    """A folder as the archive it might have been."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each in files:
            archive.writestr(each.name, each.getvalue())
    return packed.getvalue()


def _fits(files: Sequence[UploadedFile]) -> bool:
    """Whether files together are small enough; if not, says so."""
    if (size := sum(each.size for each in files)) <= MOST_BYTES:
        return True
    st.error(
        f"These files have {size / 1e6:.0f} MB together; at most {MOST_BYTES / 1e6:.0f} MB are "
        "taken at once: hand in some, and add the others afterwards.",
        icon=":material/error:",
    )
    return False


def _table() -> None:
    """A CSV with names and labels, and a ZIP of the pictures."""
    with st.grid(2, min_column_width=280, gap="medium", key=f"{PREFIX}table") as grid:
        with grid.cell():
            table = st.file_uploader(
                "A CSV: a file's name, its label", type="csv", key=f"{PREFIX}csv", max_upload_size=4
            )
        with grid.cell():
            archive = st.file_uploader(
                "A ZIP of the pictures", type="zip", key=f"{PREFIX}pictures_zip",
                max_upload_size=MOST_BYTES // 1_000_000,
            )  # fmt: skip
    st.caption("`holiday/1.jpg,beach` in each line; a first line of column names may stand above.")
    if table is None or archive is None:
        return
    given = (table.getvalue(), archive.getvalue(), archive.name.removesuffix(".zip"))
    taken(
        f"collection {table.file_id} {archive.file_id}",
        lambda: work.Work("collections.accept_table", *given, visitor.owner(), timeout=HOURS),
    )
