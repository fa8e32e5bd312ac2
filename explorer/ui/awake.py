"""Has the engine there before somebody needs it; never waits for it."""

from __future__ import annotations

import logging
import threading
import time

from explorer.engine import control
from explorer.errors import ExplorerError

AGAIN = 60.0
"""Seconds after which it is asked anew."""

_log = logging.getLogger(__name__)
_asked = -AGAIN


def keep() -> None:
    """Have an engine that loads torch for runs, and takes over those that wait in line.

    For a page on which somebody is about to train, or sees a run that waits: an engine that was
    killed starts nothing. Returns at once.
    """
    global _asked  # noqa: PLW0603 - a moment, of which it does not matter who wrote it last
    if time.monotonic() - _asked > AGAIN:
        _asked = time.monotonic()
        threading.Thread(target=_ask, name="convzoo-prepare", daemon=True).start()


def _ask() -> None:
    try:
        control.prepare()
    except ExplorerError as error:
        # Whoever presses Start is told; nobody is looking here.
        _log.warning("The engine is not ready: %s", error)
