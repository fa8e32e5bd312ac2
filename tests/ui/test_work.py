"""Long work: progress, a way to stop it, and its result, while the page stays usable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from explorer.errors import Cancelled
from explorer.ui import work

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]
SECONDS = 120


def until(app: AppTest, arrived: Callable[[AppTest], bool]) -> None:
    """Draw the page again, as its fragment does, until something is there."""
    deadline = time.monotonic() + SECONDS
    while not arrived(app):
        assert time.monotonic() < deadline, "it never came"
        assert not app.exception
        time.sleep(0.5)
        app.run()


def button(app: AppTest, label: str) -> bool:
    """Whether a button of this label is there."""
    return any(each.label == label for each in app.button)


def press(app: AppTest, label: str) -> None:
    """Click the button of this label."""
    next(each for each in app.button if each.label == label).click().run()


def test_a_network_is_built_and_measured(open_anatomy: Open) -> None:
    """LeNet-5 runs really; time and memory stand beside what was counted."""
    app = open_anatomy(model="lenet5", section="measure")
    press(app, "Build and run it")
    until(app, lambda app: button(app, "Run again"))
    shown = {each.label: each.value for each in app.metric}
    assert shown["One pass"].endswith("s")
    assert shown["Throughput"].endswith("images/s")
    assert not app.error


def test_work_can_be_cancelled(open_anatomy: Open) -> None:
    """A large network is stopped while it is built or run, and the page says so."""
    app = open_anatomy(model="vgg16", section="measure", batch="16")
    press(app, "Build and run it")
    assert button(app, "Cancel")
    press(app, "Cancel")
    until(app, lambda app: not button(app, "Cancel"))
    assert app.info[0].value == "Stopped before it was done."
    press(app, "Try again")
    assert button(app, "Build and run it")


def test_work_ends_with_its_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work whose tab was closed is stopped after a while, and not before."""
    monkeypatch.setattr(work, "ABSENT", 2.0)
    there = threading.Event()
    there.set()
    monkeypatch.setattr(work, "_is_there", lambda _: there.is_set())
    asked = work.Work("anatomy.measure", "vgg19", batch=32, timeout=600.0)
    assert not asked.finished.wait(4)
    there.clear()
    assert asked.finished.wait(SECONDS)
    assert isinstance(asked.error, Cancelled)


def test_other_tools_are_explained(open_anatomy: Open) -> None:
    """Keras counts 79,680 more for ResNet-50 and torchinfo's own summary is shown whole."""
    app = open_anatomy(model="resnet50", section="others")
    until(app, lambda app: bool(app.code))
    table = app.table[0].value
    keras = table[table["Who"].str.startswith("**Keras**")].iloc[0]
    assert "25,636,712" in keras["Says"]
    assert "+79,680" in keras["Says"]
    assert "Total params: 25,557,032" in app.code[0].value


@pytest.mark.parametrize("section", ["layers", "measure"])
def test_a_missing_engine_is_a_sentence(
    open_anatomy: Open, section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the engine cannot be started, title and picker are there with the reason."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "never")
    app = open_anatomy(model="resnet34", section=section)
    assert not app.exception
    assert app.title[0].value == "ResNet-34"
    assert len(app.error) == 1
    assert app.selectbox(key="model").value == "resnet34"
