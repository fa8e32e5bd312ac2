"""What a network is to learn from: chosen, downloaded, handed in, and looked at before use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.engine.client import connect
from explorer.pictures import archives
from explorer.training.data import catalogue, placed, uploads
from explorer.training.recipe import Recipe
from explorer.ui import address, show, training_samples, visitor, work
from explorer.ui.picture import plain

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explorer.training.data.records import DataSet, Description

HOURS = 6 * 3600.0
READING, LOOKING = 900.0, 120.0
_NAME = "data"
_WIDTH = 360
_CHANNELS = ("red", "green", "blue")
_SPLITTING = ("data", "samples", "validation", "label_noise", "folds", "fold", "seed")
"""What of a recipe decides on the split."""


def pick(prefix: str, *, data: str | None = None) -> str | None:
    """Draw the choice of a data set and what to know of it, and return the chosen key.

    None while it cannot be used: it has to be downloaded first, or is gone. With `data` the choice
    stands at this key until the person makes another one, and the address is left alone; else it
    is the address's `?data=`.
    """
    chosen = _settled(prefix, data)
    own = {each.key: each for each in catalogue.of_owner(visitor.owner())}
    known = {each.key: each for each in catalogue.data_sets()} | own
    here = [key for key, one in known.items() if one.kind != "placed" or catalogue.on_disk(key)]
    labels = {key: _label(key, known) for key in (*here, *catalogue.offered(), chosen)}
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"{prefix}data_row"
    ):
        st.selectbox(
            "Data set",
            tuple(labels),
            key=f"{prefix}data",
            format_func=labels.__getitem__,
            on_change=_picked,
            args=(prefix,),
            persist_state="session",
            label_visibility="collapsed",
        )
        _hand_in(prefix)
    if data is None:
        address.publish(_NAME, None if chosen == catalogue.DIGITS else chosen)
    with show.errors():
        found = known.get(chosen) or _find(chosen)
        _card(found)
        return _usable(found)
    return None


def _settled(prefix: str, data: str | None) -> str:
    """The key to show in this run, written to the widget before it is drawn."""
    key, wish, next_ = f"{prefix}data", f"{prefix}data_wanted", f"{prefix}data_next"
    if data is None:
        address.adopt(key, str, catalogue.DIGITS, name=_NAME)
    if (arrived := st.session_state.pop(next_, None)) is not None:
        st.session_state[key] = arrived
        st.session_state[wish] = (arrived, data)
    if data is not None:
        # Until it is there, a choice is the picker's alone: the recipe stays what it was.
        wanted, meanwhile = st.session_state.get(wish, (data, data))
        st.session_state[key] = wanted if meanwhile == data else data
    return str(st.session_state[key])


def _picked(prefix: str) -> None:
    """Note that the person chose, as against a recipe that came along."""
    st.session_state[f"{prefix}data_next"] = st.session_state[f"{prefix}data"]


def _label(key: str, known: dict[str, DataSet]) -> str:
    """What the list shows of a data set, all of it searchable."""
    if (one := known.get(key)) is None:
        return key.removeprefix(catalogue.FOLDER)
    parts = [one.title, "points" if one.points else f"{one.shape[1]} × {one.shape[2]}"]
    if one.kind == "yours":
        parts.insert(1, "yours")
    if one.megabytes and not catalogue.on_disk(key):
        parts.append(f"↓ {units.memory(one.megabytes * 1e6)}")
    return " · ".join(parts)


def _title(key: str) -> str:
    """What a data set is called, known or not, as Markdown."""
    return next((each.title for each in catalogue.data_sets() if each.key == key), plain(key))


def _find(key: str) -> DataSet:
    """A data set outside of the list: on offer here, or named by a recipe from elsewhere."""
    if not key.startswith(catalogue.FOLDER):
        return catalogue.shown(key)
    if key not in catalogue.offered():
        return catalogue.shown(key)  # says why not
    return _folder(key)


@st.cache_resource(max_entries=16, ttl=60, show_spinner=False)
def _folder(key: str) -> DataSet:
    """A folder on offer; the engine looks at its pictures."""
    found: DataSet = connect().call("data.find", key, timeout=LOOKING)
    return found


def _card(one: DataSet) -> None:
    """What a data set is, in a few lines."""
    lines = [
        one.idea,
        f"{one.train:,} to learn from, {one.test:,} to test on, {len(one.classes):,} classes.",
    ]
    if one.paper:
        lines.append(f"[{one.paper}]({one.link})" if one.link else one.paper)
    st.caption(" ".join(lines))


def _usable(one: DataSet) -> str | None:
    """Its key if it can be loaded; else the button that brings it here."""
    if catalogue.on_disk(one.key):
        return one.key
    if one.kind == "placed":
        placed.archive(one.key)  # says where it belongs
    job = f"download data {one.key}"
    done = work.run(
        job,
        f"Download {units.memory(one.megabytes * 1e6)}",
        start=lambda: work.Work("data.download", one.key, timeout=HOURS),
        icon=":material/download:",
    )
    if done is not None:
        work.forget(job)
        st.rerun()
    return None


def _hand_in(prefix: str) -> None:
    """The popover in which pictures of one's own are handed in."""
    if st.session_state.pop(f"{prefix}data_close", False):
        st.session_state[f"{prefix}data_open"] = False
    popover = st.popover(
        "Your own", icon=":material/upload_file:", key=f"{prefix}data_open", on_change="rerun",
        help="Learn from pictures of your own",
    )  # fmt: skip
    if not popover.open:
        return
    with popover, st.container(width=_WIDTH, key=f"{prefix}data_ways"):
        file = st.file_uploader(
            "A ZIP with a folder for each class",
            type="zip",
            max_upload_size=archives.MOST_ARCHIVE_BYTES // 1_000_000,
            key=f"{prefix}data_file",
        )
        if file is not None:
            _accept(prefix, file)
        st.caption(
            f"`cat/1.jpg`, `dog/2.jpg`; or `train/cat/1.jpg` and `test/cat/2.jpg`, and the test "
            f"set stays yours. Up to {uploads.MOST_FILES:,} files and "
            f"{archives.MOST_ARCHIVE_BYTES / 1e6:.0f} MB. The pictures are kept, at one size, on "
            "the computer this app runs on, until newer ones take their place."
        )


def _accept(prefix: str, file: UploadedFile) -> None:
    """Have the engine read what was handed in; it is chosen then, once."""
    job = f"data set {file.file_id}"
    done: DataSet | None = work.run(
        job,
        "Read it",
        start=lambda: work.Work(
            "data.accept", file.getvalue(), file.name, visitor.owner(), timeout=READING
        ),
        at_once=True,
    )
    seen = f"{prefix}data_seen"
    if done is not None and st.session_state.get(seen) != job:
        st.session_state[seen] = job
        st.session_state[f"{prefix}data_next"] = done.key
        st.session_state[f"{prefix}data_close"] = True
        st.rerun()


def look(recipe: Recipe, prefix: str) -> None:
    """Show the data as the recipe splits them: samples, counts by class, mean and spread."""
    if (picked := st.session_state.get(f"{prefix}data", recipe.data)) != recipe.data:
        st.info(
            f"{_title(picked)} is shown here once it is on this computer.",
            icon=":material/download:",
        )
        return
    asked = Recipe(**{name: getattr(recipe, name) for name in _SPLITTING})
    with show.errors():
        if recipe.data.startswith(catalogue.FOLDER):
            found: Description | None = work.run(
                f"look at {asked}",
                "Read the pictures",
                start=lambda: work.Work("data.describe", asked, timeout=HOURS),
                at_once=True,
            )
        else:
            found = _described(asked)
        if found is not None:
            _draw(found, prefix)


@st.cache_resource(max_entries=32, show_spinner="Looking at the data")
def _described(recipe: Recipe) -> Description:
    """A data set that never changes; a folder may."""
    found: Description = connect().call("data.describe", recipe, timeout=READING)
    return found


def _draw(found: Description, prefix: str) -> None:
    one = found.data
    with st.container(horizontal=True, gap="large", key=f"{prefix}data_counts"):
        for part in found.splits:
            st.metric(
                figures.data_sets.WORDS[part.name].capitalize(), f"{part.count:,}", width="content"
            )
        st.metric("Classes", f"{len(one.classes):,}", width="content")
        st.metric("In memory", units.memory(one.bytes), width="content")
    if one.points:
        show.figure(
            figures.data_sets.scatter(found), lambda: figures.data_sets.points(found),
            key=f"{prefix}data_points", name=f"{one.title} points",
            alt=f"The training points of {one.title} in the plane, a colour for each class",
        )  # fmt: skip
    else:
        training_samples.draw(found)
    show.figure(
        figures.data_sets.counts(found), lambda: figures.data_sets.rows(found),
        key=f"{prefix}data_bars", name=f"{one.title} classes",
        alt=f"How many samples of each class of {one.title} are learned from, held out, tested on",
    )  # fmt: skip
    st.caption(" ".join(_sentences(found)))


def _sentences(found: Description) -> list[str]:
    """Mean and spread, wrong labels, notes and licence."""
    one, channels = found.data, len(found.mean)
    names = ("x", "y") if one.points else _CHANNELS if channels == 3 else ("grey",) * channels
    spread = ", ".join(
        f"{name} {mean:.3f} ± {std:.3f}"
        for name, mean, std in zip(names, found.mean, found.std, strict=True)
    )
    scale = "coordinates" if one.points else "pixel values from 0 to 1"
    said = [f"Mean and standard deviation of what is learned from, of {scale}: {spread}."]
    if found.redrawn:
        said.append(
            f"{found.redrawn:,} training labels will be drawn at random; the bars count the true "
            "ones."
        )
    terms = one.licence if one.licence.endswith(".") else f"Licence: {one.licence}."
    return [*said, *map(plain, one.notes), terms]
