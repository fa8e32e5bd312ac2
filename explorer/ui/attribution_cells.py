"""The Saliency page's maps: each asked for once, kept for everybody, drawn again in milliseconds.

A quick map is waited for a moment and then stands there; a slow one says first what it will cost
and starts by a button. What a network or a method cannot do is a sentence in its cell.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.engine.client import connect
from explorer.errors import BadRequest, BuildFailed, MissingWeights
from explorer.ui import work
from explorer.vision.attribution_records import METHODS, Attribution, Failed

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.attribution_records import Knobs, Method

MOST_KEPT = 192
"""Maps that stay for the next run, of all visitors: 40 MB at 224 × 224."""
PATIENCE = 3.0
"""Seconds a run of the page waits for a quick map before it shows progress instead."""
LONG, SOON = 3600.0, 60.0
MOST_COSTS = 64
LASTING = (BadRequest, BuildFailed, MissingWeights)
"""Errors that come again however often one asks."""

_ALL = "saliency_start_all"
_COSTS = "saliency_costs"


@dataclass(frozen=True, slots=True)
class Asked:
    """One map of the grid; `target` is a class's number in this network or its name."""

    model: str
    title: str
    weights: str
    picture: Picture
    method: str
    target: int | str
    target_name: str
    layer: str | None
    knobs: Knobs

    @property
    def key(self) -> str:
        """What tells this map from all others; also the name of the work that makes it."""
        rest = (self.weights, self.method, self.target, self.layer, self.knobs)
        return f"{of(self.model, self.picture)}{rest}"

    @property
    def cost_key(self) -> str:
        """What tells a map of another cost: every class costs the same."""
        rest = (self.weights, self.method, self.layer, self.knobs)
        return f"{of(self.model, self.picture)}{rest}"

    @property
    def about(self) -> Method:
        """The method as data."""
        return METHODS[self.method]


def of(model: str, picture: Picture) -> str:
    """How the names of all work for a network on a picture begin."""
    return f"saliency {model} {picture.digest[:16]} "


class Kept:
    """The last maps by their keys, bounded in number; many sessions use it at once."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Attribution | Failed] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Attribution | Failed | None:
        """Return what is known of a map, or None."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: str, found: Attribution | Failed) -> None:
        """Keep a map; the one not looked at for longest goes."""
        with self._lock:
            self._found[key] = found
            while len(self._found) > MOST_KEPT:
                self._found.popitem(last=False)


@st.cache_resource(max_entries=1, show_spinner=False)
def kept() -> Kept:
    """The maps of this page server."""
    return Kept()


def fill(asked: Asked, patience: float = PATIENCE) -> Attribution | Failed | None:
    """Return a map that is known, or draw what there is until it comes: estimate, progress.

    A failure is kept only where asking again would not help.
    """
    known = kept().get(asked.key)
    if known is not None:
        return known
    slow = asked.about.slow
    at_once = not slow or asked.key in st.session_state.get(_ALL, ())
    if slow and asked.key not in st.session_state.get("work", {}):
        _cost(asked, patience)
    result: Attribution | Failed | None = work.run(
        asked.key,
        "Compute",
        start=lambda: _started(asked, 0.0 if slow else patience),
        at_once=at_once,
    )
    if result is None:
        return _refused(asked)
    work.forget(asked.key)
    kept().put(asked.key, result)
    return result


def start_all(waiting: Sequence[Asked]) -> None:
    """Draw one button for several slow maps that wait for theirs, with the time of all of them."""
    if len(waiting) < 2:
        return
    costs = [_costs().get(each.cost_key) for each in waiting]
    seconds = [each.result.seconds for each in costs if each is not None and each.result]
    known = f", about {units.duration(sum(seconds))}" if len(seconds) == len(waiting) else ""
    if st.button(
        f"Compute all {len(waiting)} slow maps{known}",
        icon=":material/playlist_play:",
        key="saliency_all",
    ):
        st.session_state[_ALL] = {each.key for each in waiting}
        st.rerun()


def stop_all_but(beginnings: Sequence[str]) -> None:
    """Stop maps that are being made and that nobody looks at any more.

    The engine makes one after the other: they would keep waiting whoever comes next.
    """
    running: dict[str, work.Work] = st.session_state.get("work", {})
    for key in [each for each in running if each.startswith("saliency ")]:
        if not key.startswith(tuple(beginnings)):
            running.pop(key).cancel()


@st.cache_resource(max_entries=256, show_spinner=False)
def told_apart(key: str, other_key: str, _one: Attribution, _other: Attribution) -> str:
    """Say in one sentence whether two classes have two maps; keys tell which maps these are."""
    result: str = connect().call(
        "vision.told_apart", _one.values, _other.values, _other.target_name, timeout=SOON
    )
    return result


def is_waiting(asked: Asked) -> bool:
    """Whether nobody has started this map yet."""
    return asked.key not in st.session_state.get("work", {}) and kept().get(asked.key) is None


def is_late(asked: Asked) -> bool:
    """Whether the engine has not even said what a map costs: whatever comes next waits too."""
    cost = _costs().get(asked.cost_key)
    return not asked.about.slow or (cost is not None and not cost.finished.is_set())


def _started(asked: Asked, patience: float) -> work.Work:
    begun = work.Work(
        "vision.attribute",
        asked.model,
        asked.picture,
        asked.method,
        target=asked.target,
        weights=asked.weights,
        layer=asked.layer,
        knobs=asked.knobs,
        timeout=LONG,
    )
    begun.finished.wait(patience)
    return begun


def _refused(asked: Asked) -> Failed | None:
    """What came instead of a map, if asking again would bring the same."""
    begun: work.Work | None = st.session_state.get("work", {}).get(asked.key)
    if begun is None or not isinstance(begun.error, LASTING):
        return None
    failed = Failed(asked.model, asked.method, asked.target_name, str(begun.error))
    work.forget(asked.key)
    kept().put(asked.key, failed)
    return failed


def _cost(asked: Asked, patience: float) -> None:
    """Say what a slow map will take, before anybody starts it.

    The engine measures a pass for it; while it is busy with other work nothing is said yet.
    """
    begun = _costs()
    if asked.cost_key not in begun:
        while len(begun) >= MOST_COSTS:
            del begun[next(iter(begun))]
        begun[asked.cost_key] = work.Work(
            "vision.estimate",
            asked.model,
            asked.picture,
            asked.method,
            weights=asked.weights,
            layer=asked.layer,
            knobs=asked.knobs,
            timeout=LONG,
        )
    measured = begun[asked.cost_key]
    if not measured.finished.wait(patience):
        st.caption("The engine is busy; what this will take is said when it is free.")
    elif measured.error is not None:
        st.caption(f"What it will take is not known: {measured.error}")
    else:
        st.caption(measured.result.sentence)


def _costs() -> dict[str, work.Work]:
    """Estimates of this session, by what they depend on."""
    begun: dict[str, work.Work] = st.session_state.setdefault(_COSTS, {})
    return begun
