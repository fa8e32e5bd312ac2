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

from explorer.engine.client import connect
from explorer.errors import BadRequest, BuildFailed, ExplorerError, MissingWeights
from explorer.ui import work
from explorer.vision.attribution_records import METHODS, Attribution, Estimate, Failed

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.attribution_records import Knobs, Method

MOST_KEPT = 192
"""Maps that stay for the next run, of all visitors: 40 MB at 224 × 224."""
PATIENCE = 3.0
"""Seconds a run of the page waits for a quick map before it shows progress instead."""
LONG = 3600.0
LOADING = 120.0
LASTING = (BadRequest, BuildFailed, MissingWeights)
"""Errors that come again however often one asks."""

_ALL = "saliency_start_all"


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
        parts = (
            self.model, self.weights, self.picture.digest[:16], self.method, self.target,
            self.layer, self.knobs,
        )  # fmt: skip
        return f"saliency {parts}"

    @property
    def about(self) -> Method:
        """The method as data."""
        return METHODS[self.method]


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
        _cost(asked)
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
    """Draw one button for several slow maps that wait for theirs."""
    if len(waiting) > 1 and st.button(
        f"Compute all {len(waiting)} slow maps", icon=":material/play_arrow:", key="saliency_all"
    ):
        st.session_state[_ALL] = {each.key for each in waiting}
        st.rerun()


def estimate(asked: Asked) -> Estimate:
    """What a map will cost; measured once for a network and its settings."""
    return _estimate(
        asked.model, asked.weights, asked.method, asked.layer, asked.knobs, asked.picture
    )


def is_waiting(asked: Asked) -> bool:
    """Whether nobody has started this map yet."""
    return asked.key not in st.session_state.get("work", {}) and kept().get(asked.key) is None


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


def _cost(asked: Asked) -> None:
    """Say what a slow map will take, before anybody starts it."""
    try:
        st.caption(estimate(asked).sentence)
    except ExplorerError as error:
        st.caption(f"What it will take is not known: {error}")


@st.cache_resource(
    max_entries=256, show_spinner=False, hash_funcs={"explorer.pictures.records.Picture": id}
)
def _estimate(
    model: str,
    weights: str,
    method: str,
    layer: str | None,
    knobs: Knobs,
    _picture: Picture,
) -> Estimate:
    result: Estimate = connect().call(
        "vision.estimate", model, method, weights=weights, layer=layer, knobs=knobs,
        timeout=LOADING,
    )  # fmt: skip
    return result
