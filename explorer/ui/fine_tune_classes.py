"""Classes typed one by one, each with files or shots of the camera, before they are handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from explorer.collections.records import FEWEST_PICTURES
from explorer.collections.sources import MOST_BYTES
from explorer.errors import BadRequest
from explorer.ui import picture, visitor, work
from explorer.ui.fine_tune_state import PREFIX

HOURS = 3600.0
_DRAFT, _NUMBER, _SHOT, _TITLE = (
    f"{PREFIX}draft", f"{PREFIX}draft_number", f"{PREFIX}shot", f"{PREFIX}draft_title",
)  # fmt: skip

Taken = Callable[[str, Callable[[], work.Work]], None]


@dataclass
class Draft:
    """A class in the making: its files (name, bytes), kept however often the page is left."""

    number: int
    name: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    batch: int = 0


def draw(taken: Taken) -> None:
    """A row for each class, the camera, and the button that hands it all in."""
    drafts = _drafts()
    with st.grid(2, min_column_width=320, gap="small", key=f"{PREFIX}classes") as grid:
        for place, draft in enumerate(drafts):
            with grid.cell():
                _row(place, draft, removable=len(drafts) > 2)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}more_classes"):
        st.button("Another class", icon=":material/add:", key=f"{PREFIX}another", on_click=_another)
        camera = st.toggle("Take pictures with the camera", key=f"{PREFIX}camera_on")
    if camera:
        _camera(drafts)
    _hand_in(drafts, taken)


def forget() -> None:
    """Let go of what was typed and taken: it is in a collection now."""
    for key in (_DRAFT, _NUMBER):
        st.session_state.pop(key, None)


def _drafts() -> list[Draft]:
    if _DRAFT not in st.session_state:
        st.session_state[_DRAFT], st.session_state[_NUMBER] = [], 0
        _another()
        _another()
    found: list[Draft] = st.session_state[_DRAFT]
    return found


def _another() -> None:
    st.session_state[_NUMBER] += 1
    st.session_state[_DRAFT].append(Draft(st.session_state[_NUMBER]))


def _row(place: int, draft: Draft, *, removable: bool) -> None:
    """A class's name, its files, and how many there are."""
    key = f"{PREFIX}class_{draft.number}"
    with st.container(border=True, gap="xsmall", key=f"{key}_row"):
        st.session_state[key] = draft.name
        st.text_input(
            f"Class {place + 1}", key=key, on_change=_named, args=(draft,), max_chars=60,
            placeholder=("what it shows, such as cat", "such as dog")[min(place, 1)],
        )  # fmt: skip
        uploader = f"{key}_files_{draft.batch}"
        st.file_uploader(
            "Its pictures", accept_multiple_files=True, type="image/*", key=uploader,
            max_upload_size=MOST_BYTES // 1_000_000, on_change=_took, args=(draft, uploader),
            label_visibility="collapsed",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_below"):
            count = len(draft.files)
            st.caption(f"{count} picture{'' if count == 1 else 's'} so far", width="content")
            if count:
                st.button(
                    "Empty", type="tertiary", key=f"{key}_empty", on_click=draft.files.clear,
                    icon=":material/backspace:",
                )  # fmt: skip
            if removable:
                st.button(
                    "Remove", type="tertiary", key=f"{key}_remove", on_click=_removed,
                    args=(draft,), icon=":material/close:",
                )  # fmt: skip


def _named(draft: Draft) -> None:
    draft.name = st.session_state[f"{PREFIX}class_{draft.number}"].strip()


def _removed(draft: Draft) -> None:
    st.session_state[_DRAFT].remove(draft)


def _took(draft: Draft, uploader: str) -> None:
    """Keep files, so that the uploader is free for the next ones."""
    draft.files += [(each.name, each.getvalue()) for each in st.session_state[uploader]]
    draft.batch += 1


def _camera(drafts: list[Draft]) -> None:
    """Shots go to the class that is chosen, one after the other."""
    named = {draft.number: draft for draft in drafts if draft.name}
    if not named:
        st.info("First type what the classes are called.", icon=":material/photo_camera:")
        return
    chosen = st.segmented_control(
        "The next shot shows", tuple(named), default=next(iter(named)), required=True,
        format_func=lambda number: f"{picture.plain(named[number].name)} · "
        f"{len(named[number].files)}",
        key=f"{PREFIX}shot_of", wrap=True,
    )  # fmt: skip
    shot = st.camera_input("Take a picture", key=_SHOT, label_visibility="collapsed", width=420)
    if shot is not None and st.session_state.get(f"{_SHOT}_seen") != shot.file_id:
        st.session_state[f"{_SHOT}_seen"] = shot.file_id
        draft = named[chosen or next(iter(named))]
        draft.files.append((f"shot {len(draft.files) + 1}.jpg", shot.getvalue()))
        st.rerun()
    st.caption("Move a little between two shots, and change the background: it is learned too.")


def _hand_in(drafts: list[Draft], taken: Taken) -> None:
    ready = [draft for draft in drafts if draft.name and draft.files]
    count = sum(len(draft.files) for draft in ready)
    st.text_input(
        "Title", key=_TITLE, placeholder="My pictures", max_chars=80, persist_state="session",
        width=320,
    )  # fmt: skip
    job = f"collection typed {st.session_state[_NUMBER]} {count}"
    if st.button(
        f"Hand in {count} pictures" if count else "Hand in", type="primary",
        icon=":material/arrow_forward:", key=f"{PREFIX}hand_in_classes",
        disabled=len(ready) < 2 or count < FEWEST_PICTURES,
        help=f"Two classes and {FEWEST_PICTURES} pictures at least",
    ):  # fmt: skip
        work.forget(job)
        st.session_state[f"{PREFIX}handing_in"] = job
    if st.session_state.get(f"{PREFIX}handing_in") == job:
        _check(drafts)
        taken(job, lambda: _work(ready))


def _check(drafts: list[Draft]) -> None:
    size = sum(len(data) for draft in drafts for _, data in draft.files)
    if size > MOST_BYTES:
        raise BadRequest(
            f"These pictures have {size / 1e6:.0f} MB together; at most {MOST_BYTES / 1e6:.0f} MB "
            "are taken at once: empty a class, and add its pictures afterwards."
        )


def _work(ready: list[Draft]) -> work.Work:
    files = tuple((draft.name, name, data) for draft in ready for name, data in draft.files)
    title = st.session_state.get(_TITLE, "").strip() or "My pictures"
    return work.Work("collections.accept_files", files, title, visitor.owner(), timeout=HOURS)
