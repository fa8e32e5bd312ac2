"""Visiting a page through app.py with Streamlit's test runner, as its pages' tests do."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

if TYPE_CHECKING:
    import pytest

APP = Path(__file__).resolve().parents[2] / "app.py"
SECONDS = 120


def visit(page: str, **asked: str) -> AppTest:
    """Open a page by a link with the given names and values, and wait until it stands."""
    return settled(opened(page, **asked))


def opened(page: str, **asked: str) -> AppTest:
    """Open a page by a link as it first comes: a run in the line can be cancelled for ever."""
    app = AppTest.from_file(str(APP), default_timeout=90).run()
    app.switch_page(page)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def settled(app: AppTest) -> AppTest:
    """Draw the page again, as its fragments do, until no work is going on."""
    deadline = time.monotonic() + SECONDS
    while any(each.label == "Cancel" for each in app.button):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.3)
        app.run()
    assert not app.exception
    return app


def use_real_weights(patch: pytest.MonkeyPatch) -> None:
    """Have the engine look for weights among the real data, where that is."""
    root = os.environ.get("CONVZOO_SHARED_DATA") or APP.parent.parent / "shared/data"
    home = Path(root) / "torch_home"
    if home.is_dir():
        patch.setenv("TORCH_HOME", str(home))
