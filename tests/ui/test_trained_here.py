"""What is said of the weights this project trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui import trained_here
from explorer.zoo import catalogue, own_weights
from tests.zoo import own_cards


def page() -> None:
    """A page that has nothing but what is said of a model's weights."""
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body alone

    from explorer.ui import trained_here  # noqa: PLC0415
    from explorer.zoo import catalogue  # noqa: PLC0415

    trained_here.about(catalogue.find(st.session_state["test_model"]))


@pytest.fixture(autouse=True)
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One network with weights."""
    own_cards.write(tmp_path, "plain20", 78.0)
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)


def said(model: str) -> AppTest:
    """The page about a model."""
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["test_model"] = model
    app.run()
    assert not app.exception
    return app


def test_all_that_made_the_weights_is_said() -> None:
    """Accuracy with its pictures, recipe, seed, time, machine, and the command to repeat it."""
    app = said("plain20")
    told = app.table[0].value.astype(str).to_string()
    for words in (
        "78.00 % of all 10,000 test pictures", "77.00 % while learning", "optimiser nesterov",
        "learning rate 0.1", "a processor", "4 epochs", "fp16",
    ):  # fmt: skip
        assert words in told
    assert app.code[0].value == "python -m explorer weights make plain20"
    assert "The full schedule was not run." in app.caption[0].value


def test_of_others_nothing_is_said() -> None:
    """Neither all of it nor a line."""
    assert not said("vgg16").subheader
    assert trained_here.in_short(catalogue.find("vgg16")) == ""
    line = trained_here.in_short(catalogue.find("plain20"))
    assert line == " · trained here: 78.00 % on CIFAR-10 as JPEG"
    assert trained_here.accuracies() == {"plain20": "78.00 % on CIFAR-10 as JPEG"}
