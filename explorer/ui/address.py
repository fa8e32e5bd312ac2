"""The address bar holds the whole view: a pasted link opens the same view on a cold server.

Streamlit's own `bind="query-params"` puts a widget's label in the address; here the labels are
rich so that a search finds them, and the address stays clean. So the two are kept equal by hand:
the address is read when it is news (a pasted link, a link to another page, the browser's back
button), and written once at the end of a run, so that one step back undoes one choice. In any
other run it may lag behind a quick second click and is not believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.errors import BadRequest

T = TypeVar("T")
Word = TypeVar("Word", bound=str)

_NEWS = "address_news"
_COMPLAINTS = "address_complaints"
_PAGE = "address_page"
_WRITTEN = "address_written"


def begin(page: str) -> None:
    """Decide at the start of a run what of the address is news; `page` is the page's path."""
    arrived = st.session_state.get(_PAGE) != page
    asked = st.query_params.to_dict()
    st.session_state[_PAGE] = page
    st.session_state[_COMPLAINTS] = []
    # A link in the navigation wipes the address; the view then stays what it was.
    st.session_state[_NEWS] = asked if travelled() or (arrived and asked) else None
    if travelled() or arrived:
        st.session_state[_WRITTEN] = asked


def travelled() -> bool:
    """Whether the browser's back or forward button led here."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def end() -> None:
    """Write what the run published to the address, all at once."""
    if st.query_params.to_dict() != st.session_state[_WRITTEN]:
        st.query_params.from_dict(st.session_state[_WRITTEN])


def adopt(key: str, parse: Callable[[str], T], default: T, *, name: str | None = None) -> T:
    """Set the widget `key` to what the address says under `name`, before it is drawn.

    An address that says nothing of it means the default. A value that makes no sense is
    complained of in one sentence and the default stands.
    """
    news: dict[str, str] | None = st.session_state.get(_NEWS)
    if news is not None:
        st.session_state[key] = _read(news.get(name or key), parse, default)
    value: T = st.session_state.setdefault(key, default)
    return value


def says(name: str) -> str | None:
    """What the address asks for under this name, if it is news."""
    news: dict[str, str] = st.session_state.get(_NEWS) or {}
    return news.get(name)


def publish(name: str, value: str | None) -> None:
    """Have `end` write a value to the address; None leaves the name out."""
    written: dict[str, str] = st.session_state[_WRITTEN]
    if value is None:
        written.pop(name, None)
    else:
        written[name] = value


def complain(sentence: str) -> None:
    """Say in one sentence what was wrong with the address; drawn by `complaints`."""
    st.session_state[_COMPLAINTS].append(sentence)


def complaints() -> None:
    """Show what was wrong with the address, one warning each."""
    for sentence in st.session_state.get(_COMPLAINTS, []):
        st.warning(sentence, icon=":material/link_off:")
    st.session_state[_COMPLAINTS] = []


def whole_number(name: str, low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from low to high, which says what it expects."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            raise BadRequest(
                f"The address asks for {name} {text[:40]!r}; it must be a whole number "
                f"from {low} to {high:,}, so the default is shown."
            )
        return int(text[:9])

    return parse


def one_of(name: str, known: tuple[Word, ...]) -> Callable[[str], Word]:
    """A reader of one of a few words, which says which ones there are."""

    def parse(text: str) -> Word:
        for word in known:
            if word == text:
                return word
        raise BadRequest(
            f"The address asks for {name} {text[:40]!r}; there is {', '.join(known)}, "
            "so the default is shown."
        )

    return parse


def _read(text: str | None, parse: Callable[[str], Any], default: T) -> T:
    """The value of one name, or the default with a complaint."""
    if text is None:
        return default
    try:
        value: T = parse(text)
    except BadRequest as error:
        complain(str(error))
        return default
    return value
