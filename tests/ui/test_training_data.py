"""Choosing data: what is here, what can be fetched, what is handed in, and how it looks."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer.engine import library
from explorer.training.data import archives, catalogue
from explorer.training.data import download as downloads
from explorer.training.data.records import Sheet
from explorer.ui import training_data, training_samples, visitor, work
from explorer.zoo import transfer
from tests.training.data.picture_folders import files, painted, zipped
from tests.zoo.file_server import Served, serving

PAGE = Path(__file__).with_name("data_page.py")
SECONDS = 30


class InProcess:
    """The engine's calls, run here: no lane has to start, and a patched catalogue is seen."""

    def call(
        self, name: str, *args: Any, timeout: float, progress: Any = None, cancel: Any = None
    ) -> Any:
        """Run the library function."""
        assert cancel is None or isinstance(cancel, threading.Event)
        return library.function_of(library.CALLS[name].target)(*args)


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder, an engine that is this process, and a visitor with a name."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(work, "connect", InProcess)
    monkeypatch.setattr(training_data, "connect", InProcess)
    monkeypatch.setattr(work, "_is_there", lambda _: True)
    monkeypatch.setattr(type(st.context), "cookies", {visitor.COOKIE: "somebody"})
    return tmp_path / "data"


def opened(recipe: str | None = None, *, looks: bool = False, **asked: str) -> AppTest:
    """The page, opened by a link or with a recipe's data."""
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    app.session_state["recipe_data"] = recipe
    app.session_state["looks"] = looks
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def picked(app: AppTest) -> str | None:
    """What the page may use."""
    assert not app.exception
    chosen: str | None = app.session_state["picked"]
    return chosen


def choose(app: AppTest, key: str) -> AppTest:
    """Pick a data set from the list."""
    return app.selectbox(key="test_data").set_value(key).run()


def until(app: AppTest, true: Callable[[], bool]) -> None:
    """Draw the page again until something is so."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
        app.run()


def said(app: AppTest) -> str:
    """All captions as one."""
    return " ".join(each.value for each in app.caption)


def test_it_begins_with_what_is_always_here() -> None:
    """And says what it is, how much of it, and whom to thank."""
    app = opened()
    assert picked(app) == "digits"
    assert "1,437 to learn from, 360 to test, 10 classes" in said(app).replace("test on", "test")
    assert "Alpaydin and Kaynak" in said(app)
    assert "data" not in app.query_params


def test_the_address_names_another_one() -> None:
    """A link opens it, and a choice is written to it; nonsense is a sentence."""
    app = opened(data="spirals")
    assert picked(app) == "spirals"
    assert app.query_params["data"] == "spirals"
    choose(app, "moons")
    assert app.query_params["data"] == "moons"
    wrong = opened(data="cifar-10")
    assert picked(wrong) is None
    assert "did you mean cifar10 or cifar100 or" in wrong.error[0].value


@pytest.mark.parametrize("by_recipe", [False, True])
def test_a_link_opens_no_folder_of_this_computer(tmp_path: Path, by_recipe: bool) -> None:
    """Neither by its address nor by its recipe; and nothing of it is shown."""
    key = f"folder:{painted(tmp_path / 'secret', {'alpha': 9, 'beta': 9})}"
    app = opened(key, looks=True) if by_recipe else opened(data=key, looks=True)
    assert picked(app) is None
    assert "hand the pictures in as a zip instead" in app.error[0].value
    assert "alpha" not in "".join(each.proto.body for each in app.get("html"))


def test_a_folder_on_offer_is_chosen_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CONVZOO_FOLDERS puts it on the list of every visitor."""
    root = painted(tmp_path / "pets", {"cat": 20, "dog": 20})
    monkeypatch.setenv("CONVZOO_FOLDERS", str(root))
    app = choose(opened(looks=True), f"folder:{root}")
    assert picked(app) == f"folder:{root}"
    until(app, lambda: len(app.metric) > 0)
    assert [each.value for each in app.metric][:4] == ["29", "3", "8", "2"]


def test_a_recipe_moves_the_choice_and_a_choice_moves_the_recipe() -> None:
    """The person's last word counts until another recipe comes; the address is not touched."""
    app = opened("moons")
    assert picked(app) == "moons"
    assert picked(choose(app, "circles")) == "circles"
    app.run()
    assert app.session_state["recipe_data"] == "circles"
    app.session_state["recipe_data"] = "blobs"
    assert picked(app.run()) == "blobs"
    assert picked(choose(app, "circles")) == "circles"
    assert "data" not in app.query_params


def test_a_choice_that_is_not_here_waits(data_folder: Path) -> None:
    """The recipe keeps its data meanwhile, and what is looked at says so."""
    app = choose(opened("digits", looks=True), "cifar10")
    for _ in range(2):
        assert picked(app) is None
        assert app.selectbox(key="test_data").value == "cifar10"
        assert app.session_state["recipe_data"] == "digits"
        assert app.button[0].label == "Download 170 MB"
        app.run()
    assert "CIFAR-10 is shown here once it is on this computer" in app.info[0].value
    assert picked(choose(app, "shapes")) == "shapes"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that CIFAR-10's address points to; what it sends is only looked at by its sum."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSES", ())
    with serving(Served(b"pictures" * 1000)) as served:
        (known,) = archives.ARCHIVES["cifar10"]
        digest = hashlib.md5(served.body, usedforsecurity=False).hexdigest()
        here = dataclasses.replace(known, url=served.url, md5=digest, bytes=len(served.body))
        for module in (downloads, catalogue):
            monkeypatch.setattr(module, "ARCHIVES", {**archives.ARCHIVES, "cifar10": (here,)})
        yield served


def test_a_download_ends_with_its_choice(server: Served) -> None:
    """One press; then the data are the recipe's."""
    app = choose(opened("digits"), "cifar10")
    app.button[0].click().run()
    until(app, lambda: picked(app) == "cifar10")
    app.run()
    assert app.session_state["recipe_data"] == "cifar10"
    assert not app.button


def test_without_a_network_it_is_a_sentence(server: Served) -> None:
    """And the press can be repeated."""
    server.statuses = [404]
    app = choose(opened("digits"), "cifar10")
    app.button[0].click().run()
    until(app, lambda: bool(app.error))
    assert "answers 404" in app.error[0].value
    assert app.button[0].label == "Try again"
    assert picked(app) is None


def handed_in(app: AppTest, data: bytes) -> AppTest:
    """Hand in a zip."""
    app.session_state["test_data_open"] = True
    app.run()
    return app.file_uploader(key="test_data_file").upload("pets.zip", data, "application/zip").run()


def test_a_zip_is_chosen_once_it_is_read() -> None:
    """It is on this visitor's list, and its key may stand in a link."""
    app = handed_in(opened(looks=True), zipped(files({"cat": 20, "dog": 20})))
    until(app, lambda: str(picked(app)).startswith("yours:"))
    assert "pets · yours · 10 × 12" in app.selectbox(key="test_data").options
    assert app.query_params["data"] == picked(app)
    assert "32 to learn from, 8 to test on, 2 classes" in said(app)
    assert [each.value for each in app.metric][:4] == ["29", "3", "8", "2"]
    assert picked(opened(data=str(picked(app)))) == picked(app)


def test_another_visitor_does_not_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who has the link."""
    app = handed_in(opened(), zipped(files({"cat": 4, "dog": 4})))
    until(app, lambda: str(picked(app)).startswith("yours:"))
    monkeypatch.setattr(type(st.context), "cookies", {visitor.COOKIE: "another"})
    assert not [each for each in opened().selectbox(key="test_data").options if "yours" in each]


def test_a_zip_that_is_no_data_set_is_a_sentence() -> None:
    """The choice before stays."""
    app = handed_in(opened(), zipped({"readme.txt": b"hello"}))
    until(app, lambda: bool(app.error))
    assert "There are no pictures in here; a data set is a folder" in app.error[0].value
    assert picked(app) == "digits"


def test_a_set_that_is_not_kept_any_more_is_a_sentence() -> None:
    """In a recipe from long ago, say."""
    app = opened("yours:0123456789abcdef")
    assert picked(app) is None
    assert "hand its zip in again" in app.error[0].value


def test_what_is_looked_at_is_what_the_recipe_learns_from() -> None:
    """Counts, mean and spread, wrong labels, licence."""
    app = opened("digits", looks=True)
    assert [each.value for each in app.metric] == ["1,293", "144", "360", "10", "115 kB"]
    assert "of pixel values from 0 to 1: grey 0.3" in said(app)
    assert "Licence: CC BY 4.0." in said(app)
    app.session_state["recipe_settings"] = {"validation": 0.0, "samples": 100, "label_noise": 20.0}
    app.run()
    assert [each.value for each in app.metric][:2] == ["100", "360"]
    assert "20 training labels will be drawn at random" in said(app)


def test_what_cannot_be_split_is_a_sentence() -> None:
    """With the numbers that can."""
    app = opened("digits", looks=True)
    app.session_state["recipe_settings"] = {"samples": 5000}
    app.run()
    assert "There are 1,293 samples to learn from, not 5,000" in app.error[0].value


def test_names_of_classes_are_text() -> None:
    """Whatever a folder is called: its name comes from a stranger."""
    sheet = Sheet(b"png", (9, 9), 12, 2)
    html = training_samples.table(('<img src=x onerror="alert(1)">', "b"), sheet)
    assert "<img" not in html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in html
    assert html.count("background-position:0 ") == 2
