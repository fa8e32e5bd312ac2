"""What the page server does once per process."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from streamlit import config

from explorer.ui import server

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def test_one_thread_collects_garbage_however_many_visitors(home: AppTest) -> None:
    """Streamlit's own collection is off; the long-lived objects are out of the way."""
    for _ in range(3):
        home.run()
    server.start()
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("convzoo-gc") == 1
    assert gc.get_freeze_count() > 0
    assert config.get_option("runner.postScriptGC") is False
