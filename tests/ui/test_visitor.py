"""Telling visitors apart by a cookie."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.ui import visitor

if TYPE_CHECKING:
    import pytest


def answered(headers: list[tuple[bytes, bytes]], kind: bytes = b"text/html") -> list[Any]:
    """Headers of the answer to a request with these headers, the answer being of this kind."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": [(b"content-type", kind)]})

    async def send(message: Any) -> None:
        sent.extend(message["headers"])

    scope = {"type": "http", "headers": headers}
    # Nothing in there waits, so no event loop is needed; a browser's tests may have one running.
    with contextlib.suppress(StopIteration):
        visitor.Middleware(app)(scope, None, send).send(None)  # type: ignore[arg-type]
    return [value for name, value in sent if name == b"set-cookie"]


def test_a_page_brings_a_new_visitor_a_cookie() -> None:
    """Every new browser gets its own; scripts cannot read it."""
    first, second = answered([])[0], answered([])[0]
    assert first.startswith(b"convzoo_visitor=")
    assert b"HttpOnly" in first
    assert first.split(b";")[0] != second.split(b";")[0]


def test_nobody_gets_a_second_one() -> None:
    """Neither a browser that has one, nor a file that is no page."""
    assert not answered([(b"cookie", b"a=b; convzoo_visitor=xyz")])
    assert not answered([], kind=b"application/javascript")


def test_the_owner_is_a_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookie itself is not kept with a run; without one nobody passes for the command line."""
    monkeypatch.setattr(type(st.context), "cookies", {"convzoo_visitor": "abc"})
    assert visitor.owner() == "ba7816bf8f01cfea"  # SHA-256 of "abc", FIPS 180-2, appendix B.1
    monkeypatch.setattr(type(st.context), "cookies", {})
    assert visitor.owner() == "guest"
