"""Long work asked of the engine: it goes on while the person clicks elsewhere, and can be stopped.

A call made in a script run would end with the next click. So a thread waits for the answer and
only notes how far it is; the page looks at the notes (`st.*` is never called from a thread).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.engine.client import connect
from explorer.errors import Cancelled, ExplorerError

POLL = 0.5
"""Seconds between two looks at running work."""
ABSENT = 10.0
"""Seconds after which work is stopped that was asked for in a tab that is closed now."""


class _Stop(threading.Event):
    """Set by hand, or of itself when the visitor has been gone for a while.

    A tab that only lost its connection has the time to find it again.
    """

    def __init__(self) -> None:
        super().__init__()
        context = get_script_run_ctx()
        self._session = context.session_id if context else ""
        self._seen = time.monotonic()

    def is_set(self) -> bool:
        """Whether to stop; asked again and again by whoever waits for the answer."""
        now = time.monotonic()
        if _is_there(self._session):
            self._seen = now
        return super().is_set() or now - self._seen > ABSENT


class Work:
    """One call of the engine, waited for in a thread of its own."""

    def __init__(self, name: str, /, *args: Any, **kwargs: Any) -> None:
        self.fraction = 0.0
        self.sentence = "Asking the engine"
        self.result: Any = None
        self.error: ExplorerError | None = None
        self.finished = threading.Event()
        self._cancel = _Stop()
        threading.Thread(target=self._run, args=(name, args, kwargs), daemon=True).start()

    def cancel(self) -> None:
        """Ask the engine to stop; the work then finishes with `Cancelled`."""
        self._cancel.set()

    def _run(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            self.result = connect().call(
                name, *args, progress=self._note, cancel=self._cancel, **kwargs
            )
        except ExplorerError as error:
            self.error = error
        finally:
            self.finished.set()

    def _note(self, fraction: float, sentence: str) -> None:
        self.fraction, self.sentence = fraction, sentence


def _is_there(session: str) -> bool:
    """Whether a browser is connected to this session."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)


def run(
    key: str,
    label: str,
    *,
    start: Callable[[], Work],
    at_once: bool = False,
    icon: str = ":material/play_arrow:",
) -> Any:
    """Draw a button that starts work, then its progress with a way to stop it, then its result.

    Returns the result, or None while there is none. `key` names the work within the session: give
    another key for other arguments. `at_once` starts it without a button.
    """
    kept: dict[str, Work] = st.session_state.setdefault("work", {})
    work = kept.get(key)
    if work is None and not at_once:
        if st.button(label, icon=icon, type="primary", key=f"{key}_start"):
            _forget_finished(kept)
            kept[key] = start()
            st.rerun()
        return None
    if work is None:
        _forget_finished(kept)
        work = kept[key] = start()
    if not work.finished.is_set():
        _watch(key, work)
        return None
    if work.error is not None:
        _failed(key, kept, work.error)
        return None
    return work.result


@st.fragment(run_every=POLL)
def _watch(key: str, work: Work) -> None:
    """Progress of running work; the whole page is drawn again once it is done."""
    if work.finished.is_set():
        st.rerun()
    st.progress(min(max(work.fraction, 0.0), 1.0), text=work.sentence)
    if st.button("Cancel", icon=":material/stop:", key=f"{key}_cancel"):
        work.cancel()


def _failed(key: str, kept: dict[str, Work], error: ExplorerError) -> None:
    if isinstance(error, Cancelled):
        st.info("Stopped before it was done.", icon=":material/stop:")
    else:
        st.error(str(error), icon=":material/error:")
    if st.button("Try again", icon=":material/refresh:", key=f"{key}_again"):
        del kept[key]
        st.rerun()


def find(key: str) -> Work | None:
    """Return work that was started under this key, finished or not, without drawing it."""
    kept: dict[str, Work] = st.session_state.get("work", {})
    return kept.get(key)


def forget(key: str) -> None:
    """Let a result go that has been made use of."""
    st.session_state.get("work", {}).pop(key, None)


def again(key: str) -> None:
    """Draw a button that forgets a result, so that the work can be done anew."""
    if st.button("Run again", icon=":material/refresh:", key=f"{key}_again"):
        st.session_state["work"].pop(key, None)
        st.rerun()


def _forget_finished(kept: dict[str, Work], most: int = 8) -> None:
    """Keep a session's results bounded."""
    done = [key for key, work in kept.items() if work.finished.is_set()]
    for key in done[: max(0, len(kept) - most + 1)]:
        del kept[key]
