"""The app as Streamlit's own test runner sees it, through the router and with a real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"
ANATOMY = "pages/architecture/anatomy.py"


@pytest.fixture
def home() -> AppTest:
    """The front page, freshly opened."""
    return AppTest.from_file(str(APP), default_timeout=90).run()


@pytest.fixture
def open_anatomy() -> Callable[..., AppTest]:
    """Open the Anatomy page by a link with the given names and values, as a new visitor."""

    def opened(**asked: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page(ANATOMY)
        for name, value in asked.items():
            app.query_params[name] = value
        return app.run()

    return opened


@pytest.fixture
def trained(shared_data: Path) -> str:
    """A network with real ImageNet weights."""
    if not (shared_data / "torch_home").is_dir():
        pytest.skip("no real weights among the real data")
    return "squeezenet1_0"
