"""The frame's picker: what a page begins with, and whose choice stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.zoo import own_weights
from tests.zoo import own_cards

BEST = "cifar_resnet20_a"


def frame() -> None:
    """A page that has nothing but the picker; the session names which page it is."""
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body alone

    from explorer.ui import address, pickers  # noqa: PLC0415

    page = st.session_state["test_page"]
    address.begin(page)
    st.text(pickers.model(page).name)
    address.complaints()
    address.end()


@pytest.fixture(autouse=True)
def checkpoints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two networks with weights, and an empty folder for what is downloaded."""
    own_cards.write(tmp_path, "plain20", 78.0)
    own_cards.write(tmp_path, BEST, 81.0)
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def go(app: AppTest, page: str, **asked: str) -> str:
    """Go to a page by a link, and return the model it is about."""
    app.session_state["test_page"] = page
    app.query_params.clear()
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return str(app.text[0].value)


@pytest.fixture
def app() -> AppTest:
    """A new visitor."""
    return AppTest.from_function(frame, default_timeout=30)


def test_pictures_begin_with_weights_that_are_here(app: AppTest) -> None:
    """Architecture begins with ResNet-50, and goes on with what was seen on the picture."""
    assert go(app, "anatomy") == "resnet50"
    app.session_state["h"] = 96
    assert go(app, "predict") == BEST
    assert "h" not in app.session_state, "that was ResNet-50's"
    assert app.query_params["model"] == BEST
    assert go(app, "anatomy") == BEST


def test_a_page_loaded_again_is_no_choice(app: AppTest) -> None:
    """The front page's address names ResNet-50, which nobody chose."""
    assert go(app, "", model="resnet50") == "resnet50"
    assert go(app, "feature_maps") == BEST


def test_a_choice_stays_on_all_pages(app: AppTest) -> None:
    """Picked in the frame, clicked on another page, or asked for by a link to pictures."""
    go(app, "anatomy")
    app.selectbox(key="model").select("vgg16").run()
    app.selectbox(key="model").select("resnet50").run()
    assert go(app, "predict") == "resnet50"
    other = AppTest.from_function(frame, default_timeout=30)
    go(other, "")
    assert go(other, "anatomy", model="resnet50") == "resnet50"
    assert go(other, "predict") == "resnet50"
    linked = AppTest.from_function(frame, default_timeout=30)
    assert go(linked, "attribution", model="resnet50") == "resnet50"
    assert go(linked, "predict") == "resnet50"


def test_an_unknown_model_leaves_what_the_page_begins_with(app: AppTest) -> None:
    """It says which one that is."""
    assert go(app, "predict", model="resnet19") == BEST
    assert app.warning[0].value.endswith("ResNet-20 (CIFAR-10, option A) is shown instead.")


def test_downloaded_weights_keep_the_usual_first(app: AppTest, checkpoints: Path) -> None:
    """And the usual order of the list."""
    (checkpoints / "squeezenet1_0-b66bff10.pth").write_bytes(b"numbers")
    assert go(app, "predict") == "resnet50"
    assert app.selectbox(key="model").options[0].startswith("LeNet-5 ·")


def test_those_with_weights_are_marked_and_first_on_pictures(app: AppTest) -> None:
    """A search for these words lists them alone."""
    go(app, "predict")
    options = app.selectbox(key="model").options
    marked = [each for each in options if each.endswith("weights here")]
    assert marked == options[:2]
    assert [each.split(" · ")[1] for each in marked] == [BEST, "plain20"]
    go(app, "anatomy")
    assert app.selectbox(key="model").options[0] not in marked
