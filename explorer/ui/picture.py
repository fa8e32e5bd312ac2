"""The picture that is looked at: from the gallery, uploaded or taken; the same on every page.

Untrusted bytes are decoded by the engine; what stays in the session is what its gate let through.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.engine.client import connect
from explorer.errors import ExplorerError
from explorer.pictures import archives, intake, previews, samples
from explorer.pictures.headers import WORDS
from explorer.ui import address, work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explorer.pictures.records import Picture, Refused
    from explorer.pictures.samples import Sample, Subject

LIMITS = (
    f"{WORDS}, up to {intake.MOST_BYTES / 1e6:.0f} MB and {intake.MOST_PIXELS / 1e6:.0f} "
    "megapixels. It is read on the computer this app runs on and is not kept."
)
SEVERAL_LIMITS = (
    f"Up to {archives.MOST_FILES} pictures, loose or in ZIP archives, "
    f"{archives.MOST_ARCHIVE_BYTES / 1e6:.0f} MB together; each is shrunk to half a megapixel."
)
SECONDS = 30.0
SECONDS_FOR_SEVERAL = 600.0

_NAME = "picture"
_SAMPLE = "picture_sample"  # the sample chosen last; none until somebody chose one
_YOURS = "picture_yours"  # the accepted upload
_SHOWS_YOURS = "picture_shows_yours"
_SEEN = "picture_seen"
_REFUSED = "picture_refused"
_OPEN = "picture_open"
_CHANGED = "picture_changed"
_CLOSE = "picture_close"
_WAYS = {
    "gallery": ":material/photo_library: Gallery",
    "upload": ":material/upload: Upload",
    "camera": ":material/photo_camera: Camera",
}
_THUMBNAIL, _TILE = 96, 96
_POPOVER = 4 * (_TILE + 8) + 16  # and the bar that scrolls them
_TALLEST = 440


def choose(subject: Subject = "photograph") -> Picture | None:
    """Draw the current picture, small, with the ways to another one, and return it.

    It follows the person from page to page. Until one is chosen it is a sample of the `subject`
    that suits the network. None, with the reason on the page, where even that cannot be read.
    """
    _adopt()
    st.session_state.pop(_CHANGED, None)  # this run draws the whole page with it
    if st.session_state.pop(_CLOSE, False):
        st.session_state[_OPEN] = False
    st.html(Path(__file__).with_suffix(".css"))
    name = st.session_state.get(_SAMPLE) or samples.FIRST[subject]
    yours: Picture | None = st.session_state.get(_YOURS)
    if yours is not None and st.session_state.get(_SHOWS_YOURS):
        picture: Picture | None = yours
        says = ""
        address.publish(_NAME, None)
    else:
        picture = _sample(name)
        says = "" if picture is None else samples.find(name).says
        address.publish(_NAME, name)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="picture_current"
    ):
        if picture is not None:
            st.image(previews.square(picture, _THUMBNAIL), width=_THUMBNAIL, alt=picture.name)
        with st.container(gap="xxsmall", key="picture_words"):
            if picture is not None:
                _words(picture, says)
            _other(subject)
    return picture


def shown(picture: Picture, width: int, *, alt: str = "", caption: str | None = None) -> None:
    """Draw a picture sharply in a space of `width` page pixels, or less on a narrow screen."""
    st.image(
        previews.wide(picture, width),
        width=width,
        alt=alt or picture.name,
        caption=plain(caption) if caption else None,
    )


def several(key: str) -> tuple[Picture | Refused, ...]:
    """Draw an uploader for many pictures, and return them once all are read, in their order.

    Empty while there are none, or while they are being read.
    """
    whole = st.toggle("A whole folder", key=f"{key}_folder")
    files = st.file_uploader(
        "A folder of pictures" if whole else "Pictures or ZIP archives",
        accept_multiple_files="directory" if whole else True,
        type=("image/*", "zip"),
        max_upload_size=archives.MOST_ARCHIVE_BYTES // 1_000_000,
        key=f"{key}_all" if whole else f"{key}_files",
    )
    st.caption(SEVERAL_LIMITS)
    if not files:
        return ()
    if (size := sum(each.size for each in files)) > archives.MOST_ARCHIVE_BYTES:
        st.error(
            f"These files have {size / 1e6:.0f} MB together; at most "
            f"{archives.MOST_ARCHIVE_BYTES / 1e6:.0f} MB are read, so take some out.",
            icon=":material/error:",
        )
        return ()
    batch = f"{key} {' '.join(each.file_id for each in files)}"
    kept: dict[str, work.Work] = st.session_state.setdefault("work", {})
    for other in [each for each in kept if each.startswith(f"{key} ") and each != batch]:
        kept.pop(other).cancel()  # three hundred pictures are worth letting go of
    found: tuple[Picture | Refused, ...] | None = work.run(
        batch,
        "Read the pictures",
        start=lambda: _reading(files),
        at_once=True,
    )
    return found or ()


def plain(text: str) -> str:
    """Return foreign text (a file's name, say) so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~^$:&])", r"\\\1", text)


def _reading(files: Sequence[UploadedFile]) -> work.Work:
    named = [(each.name, each.getvalue()) for each in files]
    return work.Work("pictures.accept_all", named, timeout=SECONDS_FOR_SEVERAL)


def _adopt() -> None:
    """Take the sample that the address names, if that is news."""
    asked = address.says(_NAME)
    if asked is None:
        return
    try:
        _show_sample(samples.find(asked).name)
    except ExplorerError as error:
        address.complain(f"{str(error).rstrip('.')}; the picture before stays.")


def _sample(name: str) -> Picture | None:
    try:
        return samples.accepted(name)
    except (ExplorerError, OSError) as error:
        st.error(f"The sample picture {name} cannot be read: {error}", icon=":material/error:")
        return None


def _words(picture: Picture, says: str) -> None:
    """Its name and size, what is said of it and what was done to it, in a few lines."""
    size = f"{picture.width:,} × {picture.height:,} pixels, {picture.format}"
    notes = " ".join([*([says] if says else []), *map(plain, picture.notes)])
    st.markdown(
        f"**{plain(picture.name)}**  \n:small[:gray[{size}]]"
        + (f"  \n:small[:gray[{notes}]]" if notes else "")
    )


@st.fragment
def _other(subject: Subject) -> None:
    """The button that opens the ways to another picture; only this is drawn again by them."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    popover = st.popover(
        "Choose a picture", icon=":material/image_search:", key=_OPEN, on_change="rerun"
    )
    if not popover.open:
        st.session_state.pop(_REFUSED, None)
        return
    with popover, st.container(width=_POPOVER, key="picture_ways"):
        way = st.segmented_control(
            "Where from",
            tuple(_WAYS),
            default="gallery",
            format_func=_WAYS.__getitem__,
            required=True,
            label_visibility="collapsed",
            key="picture_way",
        )
        if way == "upload":
            _take(
                st.file_uploader(
                    "Your picture",
                    type="image",
                    max_upload_size=intake.MOST_BYTES // 1_000_000,
                    key="picture_file",
                    label_visibility="collapsed",
                )
            )
            st.caption(LIMITS)
        elif way == "camera":
            _take(
                st.camera_input("Take a picture", key="picture_camera", resolution="720p"),
                "Taken by camera.jpg",
            )
        else:
            _gallery(subject)
        if refused := st.session_state.get(_REFUSED):
            st.error(plain(refused), icon=":material/error:")


def _gallery(subject: Subject) -> None:
    """Tiles of the person's own picture and all samples, those first that suit the network."""
    yours: Picture | None = st.session_state.get(_YOURS)
    with st.container(height=_TALLEST, border=False, gap="small", key="picture_gallery"):
        if yours is not None:
            _tile("yours", yours, "Your picture", _show_yours)
        for group, members in samples.groups(subject).items():
            st.caption(f"**{samples.SUBJECTS[group]}**")
            with st.container(horizontal=True, gap="xsmall", key=f"picture_group_{group}"):
                for sample in members:
                    _sample_tile(sample)


def _sample_tile(sample: Sample) -> None:
    picture = _sample(sample.name)
    if picture is not None:
        help_ = f"{sample.credit}, {sample.licence}"
        if sample.says:
            help_ += f". {sample.says}"
        _tile(sample.name, picture, sample.title, _show_sample, sample.name, help_=help_)


def _tile(
    name: str, picture: Picture, title: str, show: Any, *args: str, help_: str | None = None
) -> None:
    with st.container(width=_TILE, gap=None, key=f"picture_tile_{name}"):
        st.image(previews.square(picture, _TILE), width=_TILE, alt="")
        st.button(
            plain(title), type="tertiary", key=f"picture_pick_{name}", on_click=show, args=args,
            help=help_,
        )  # fmt: skip


def _show_sample(name: str) -> None:
    st.session_state[_SAMPLE] = name
    st.session_state[_SHOWS_YOURS] = False
    _close()


def _show_yours() -> None:
    st.session_state[_SHOWS_YOURS] = True
    _close()


def _close() -> None:
    """Close the popover and have the whole page drawn with the new picture."""
    st.session_state[_OPEN] = False
    st.session_state[_CHANGED] = True


def _take(file: UploadedFile | None, name: str | None = None) -> None:
    """Have the engine accept a file that has just come; a refused one leaves the picture before."""
    if file is None or st.session_state.get(_SEEN) == file.file_id:
        return
    st.session_state[_SEEN] = file.file_id
    st.session_state.pop(_REFUSED, None)
    try:
        with st.spinner("Reading the picture …"):
            st.session_state[_YOURS] = connect().call(
                "pictures.accept", file.getvalue(), name or file.name, timeout=SECONDS
            )
    except ExplorerError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_SHOWS_YOURS] = st.session_state[_CLOSE] = True
    st.rerun()
