"""What the Fine-tune page is about: a collection, a run, a step; all three stand in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.collections.records import PREFIX as COLLECTION
from explorer.collections.store import CollectionStore
from explorer.errors import BadRequest, ExplorerError, MissingData, UnknownRun
from explorer.ui import address, cached, visitor

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.runs.records import Run

PREFIX = "tune_"
STEPS = {
    "pictures": "Hand in",
    "look": "Look",
    "choose": "Choose",
    "train": "Train",
    "results": "Results",
    "use": "Use it",
    "home": "Take it home",
}
_COLLECTION, _RUN, _STEP = f"{PREFIX}collection", f"{PREFIX}run", f"{PREFIX}step"
_NEXT = f"{PREFIX}next_step"
_GONE = "These pictures were deleted; hand in others."


def begin() -> None:
    """Take in what the address asks for; a visitor who asks for nothing finds what is newest."""
    asked = {name: address.says(name) for name in ("collection", "run", "step")}
    if any(asked.values()):
        _adopt(asked["collection"], asked["run"])
        _settle(asked["step"])
    elif _COLLECTION not in st.session_state:
        _newest()
        _settle(None)
    if (following := st.session_state.pop(_NEXT, None)) is not None:
        st.session_state[_STEP] = following
    if st.session_state.get(_STEP) not in reachable():
        st.session_state[_STEP] = reachable()[-1]


def end() -> None:
    """Have the address tell it all."""
    chosen = st.session_state.get(_RUN)
    address.publish("collection", st.session_state.get(_COLLECTION))
    address.publish("run", chosen)
    address.publish("step", st.session_state[_STEP])


def collection() -> Collection | None:
    """The newest revision of what is worked on, None where nothing is."""
    id = st.session_state.get(_COLLECTION)
    if id is None:
        return None
    try:
        return _visible(id)
    except ExplorerError:
        st.session_state[_COLLECTION] = st.session_state[_RUN] = None
        return None


def run() -> Run | None:
    """The run that is looked at, None where there is none."""
    id = st.session_state.get(_RUN)
    if id is None:
        return None
    try:
        return cached.store().run(id)
    except UnknownRun:
        st.session_state[_RUN] = None
        return None


def runs() -> tuple[Run, ...]:
    """This visitor's fine-tunings of the collection, the newest first."""
    id = st.session_state.get(_COLLECTION)
    if id is None:
        return ()
    owner = visitor.owner()
    mine = (each for each in cached.store().runs(owner) if each.owner == owner)
    return tuple(each for each in mine if each.recipe.weights and about(each) == id)


def about(run: Run) -> str:
    """The id of the collection that a run learned from, "" for other data."""
    key = run.recipe.data
    return key.removeprefix(COLLECTION).partition(".")[0] if key.startswith(COLLECTION) else ""


def reachable() -> tuple[str, ...]:
    """The steps that can be taken now, in their order."""
    if collection() is None:
        return ("pictures",)
    chosen = run()
    if chosen is None:
        return ("pictures", "look", "choose")
    if not (chosen.weights and chosen.result):
        return ("pictures", "look", "choose", "train")
    return tuple(STEPS)


def step() -> str:
    """The step that is taken."""
    return str(st.session_state[_STEP])


def step_key() -> str:
    """The key of the widget that shows the steps."""
    return _STEP


def go(to: str) -> None:
    """Take a step: from a button's callback, or before the steps are drawn."""
    st.session_state[_STEP] = to


def go_next(to: str) -> None:
    """Take a step in a run that is drawn at once, from the middle of this one."""
    st.session_state[_NEXT] = to


def open_collection(id: str | None) -> None:
    """Work on a collection, with its newest run."""
    st.session_state[_COLLECTION], st.session_state[_RUN] = id, None
    if found := runs():
        st.session_state[_RUN] = found[0].id


def open_run(id: str | None) -> None:
    """Look at a run."""
    st.session_state[_RUN] = id


def mine() -> tuple[Collection, ...]:
    """Everything this visitor handed in, the last edited first."""
    return CollectionStore().of_owner(visitor.owner())


def _newest() -> None:
    found = mine()
    open_collection(found[0].id if found else None)


def _adopt(asked: str | None, run_id: str | None) -> None:
    """Take in a collection and a run by their ids; complain of what is not this visitor's."""
    try:
        chosen = None if run_id is None else _seen(run_id)
        id = asked or (about(chosen) if chosen else None)
        _visible(id or "")
    except ExplorerError as error:
        address.complain(str(error))
        _newest()
        return
    open_collection(id)
    if chosen is not None and about(chosen) == id:
        st.session_state[_RUN] = chosen.id


def _seen(id: str) -> Run:
    """A run that this visitor may look at. Raises UnknownRun, BadRequest."""
    found = cached.store().run(id)
    if found.owner != visitor.owner():
        raise BadRequest(
            "The run this link leads to is somebody else's; hand in your own pictures."
        )
    if not about(found):
        raise BadRequest("This run learned from other data; the page Runs shows it.")
    return found


def _visible(id: str) -> Collection:
    """A collection of this visitor's. Raises MissingData."""
    try:
        found = CollectionStore().get(f"{COLLECTION}{id}")
    except (MissingData, BadRequest):
        raise MissingData(_GONE) from None
    if found.owner != visitor.owner():
        raise MissingData("These pictures are somebody else's; hand in your own.")
    return found


def _settle(asked: str | None) -> None:
    """The step that is asked for; else the furthest one there is something to see at."""
    can = reachable()
    if asked in can:
        st.session_state[_STEP] = asked
        return
    if asked is not None and asked not in STEPS:
        address.complain(f"There is no step called {asked[:40]!r} here; the last one is shown.")
    chosen = run()
    done = chosen is not None and "results" in can
    st.session_state[_STEP] = (
        "results" if done else "train" if "train" in can else "look" if "look" in can else can[0]
    )
