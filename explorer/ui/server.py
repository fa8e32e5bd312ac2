"""What the page server does once per process: engine, names of timm's models, garbage.

Streamlit's own collection after every script run is switched off (`runner.postScriptGC`): with
many tabs open it costs seconds. One thread collects instead, every ten seconds.
"""

from __future__ import annotations

import gc
import importlib.util
import logging
import threading
import time
from functools import cache

from explorer.engine.client import connect
from explorer.errors import ExplorerError

COLLECT_EVERY = 10.0

_log = logging.getLogger(__name__)
_timm: tuple[str, ...] = ()


@cache
def start() -> None:
    """Start both threads, the first time only; returns at once."""
    gc.freeze()
    threading.Thread(target=_collect, name="convzoo-gc", daemon=True).start()
    threading.Thread(target=_warm, name="convzoo-warm", daemon=True).start()


def timm_names() -> tuple[str, ...]:
    """Every `timm:NAME`; empty without timm, and until the engine has listed them."""
    return _timm


def _collect() -> None:
    while True:
        time.sleep(COLLECT_EVERY)
        gc.collect()


def _warm() -> None:
    """Start the engine and have it load torch while the first page is being read."""
    global _timm  # noqa: PLW0603 - written once, by this thread alone
    try:
        connect().call("anatomy.dissect", "lenet5", timeout=120.0)
        if importlib.util.find_spec("timm") is not None:
            _timm = tuple(connect().call("zoo.timm_names", timeout=120.0))
    except ExplorerError as error:
        # The page that needs the engine will say so; nobody is looking here.
        _log.warning("The engine is not ready: %s", error)
