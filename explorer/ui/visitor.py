"""Who is looking: a cookie tells one browser from another, so that a reload finds its own runs.

There are no accounts. The cookie is a random number and says nothing else; what is kept with a run
is a digest of it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "convzoo_visitor"
YEAR = 365 * 24 * 3600
GUEST = "guest"
"""All browsers that take no cookies together; "" is the command line."""


def owner() -> str:
    """Return the name under which this visitor's runs are kept.

    Browsers that take no cookies share one name, and so what they train.
    """
    token = st.context.cookies.get(COOKIE)
    if token is None:
        return GUEST
    # Streamlit's test runner has a mock for cookies: it stands for whoever sits at this computer.
    return hashlib.sha256(token.encode()).hexdigest()[:16] if isinstance(token, str) else ""


class Middleware:
    """Gives a browser its cookie with the first page it loads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or _known(scope):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                message = {**message, "headers": [*message["headers"], _cookie()]}
            await send(message)

        await self._app(scope, receive, with_cookie)


def _known(scope: Scope) -> bool:
    mark = f"{COOKIE}=".encode()
    return any(name == b"cookie" and mark in value for name, value in scope["headers"])


def _is_page(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in message["headers"]
    )


def _cookie() -> tuple[bytes, bytes]:
    told = f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
    return b"set-cookie", told.encode()
