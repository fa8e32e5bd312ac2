"""Choosing a picture: from the gallery, by a link, by an upload, and keeping it."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.pictures import samples
from explorer.pictures.intake import accept
from explorer.ui import picture
from tests.pictures.picture_files import saved, scene

PAGE = Path(__file__).with_name("picture_page.py")
PNG = saved(scene(60, 80), "PNG")


@pytest.fixture
def page() -> AppTest:
    """A page with the picker, freshly opened."""
    return AppTest.from_file(str(PAGE), default_timeout=60).run()


def go(app: AppTest, name: str, **asked: str) -> AppTest:
    """Go to another page: a click in the navigation wipes the address, a link fills it."""
    app.session_state["test_page"] = name
    for known in list(app.query_params):
        del app.query_params[known]
    for known, value in asked.items():
        app.query_params[known] = value
    return app.run()


def shown(app: AppTest) -> tuple[str, str]:
    """Name and digest of the picture the page works with."""
    assert not app.exception
    name, _, digest = app.text[0].value.partition("|")
    return name, digest


def opened(app: AppTest, way: str = "gallery") -> AppTest:
    """Open the popover at one of its ways."""
    app.session_state["picture_open"] = True
    app.run()
    return app.segmented_control(key="picture_way").set_value(way).run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    """Hand in a file."""
    opened(app, "upload")
    return app.file_uploader(key="picture_file").set_value((name, data, "image/png")).run()


def test_it_starts_with_a_sample(page: AppTest) -> None:
    """Which stands in the address, so that the view can be shared."""
    assert shown(page) == ("Chelsea the cat", samples.accepted("chelsea").digest)
    assert page.query_params["picture"] == "chelsea"
    assert "451 × 300 pixels, JPEG" in page.markdown[0].value
    assert not page.button, "nothing of the gallery is drawn while it is closed"


def test_networks_for_digits_start_with_a_digit(page: AppTest) -> None:
    """Until somebody chose a picture, which then follows there too."""
    assert shown(go(page, "digits"))[0] == "A five"
    opened(page).button(key="picture_pick_rocket").click().run()
    assert shown(page)[0] == "Falcon 9"
    assert shown(go(page, "one"))[0] == "Falcon 9"
    assert shown(go(page, "digits"))[0] == "Falcon 9"


def test_networks_for_the_ten_classes_start_with_one(page: AppTest) -> None:
    """Which says that it was drawn, and what it is to show; the gallery has its kind first."""
    first = samples.find(samples.FIRST["class"])
    assert shown(go(page, "classes"))[0] == first.title
    assert first.says in page.markdown[0].value
    opened(page)
    tiles = [each.key for each in page.button if each.key.startswith("picture_pick_")]
    assert tiles[:2] == ["picture_pick_chelsea", "picture_pick_airplane_1"]
    assert tiles[-1] == "picture_pick_digit_8"


def test_a_click_in_the_gallery_chooses(page: AppTest) -> None:
    """The popover closes, and every sample has its tile with its author and licence."""
    opened(page)
    tiles = [each for each in page.button if each.key.startswith("picture_pick_")]
    assert len(tiles) == len(samples.SAMPLES)
    assert {tile.help for tile in tiles} >= {"Rachel Michetti, CC0 1.0", "NASA, Public domain"}
    page.button(key="picture_pick_coffee").click().run()
    assert shown(page)[0] == "Coffee cup"
    assert page.query_params["picture"] == "coffee"
    assert page.session_state["picture_open"] is False
    assert shown(page.run())[0] == "Coffee cup"


def test_a_link_names_a_sample(page: AppTest) -> None:
    """On a page arrived at; an unknown name is complained of and the picture stays."""
    assert shown(go(page, "two", picture="hubble"))[0] == "Hubble deep field"
    assert shown(go(page, "one", picture="dog"))[0] == "Hubble deep field"
    assert "There is no sample picture 'dog'" in page.warning[0].value
    assert "the picture before stays" in page.warning[0].value
    assert page.query_params["picture"] == "hubble"


def test_an_upload_is_accepted_and_follows(page: AppTest) -> None:
    """From page to page and through reruns; it cannot be shared, so the address is silent."""
    upload(page, "mine_*.png", PNG)
    expected = ("mine_*.png", accept(PNG, "a").digest)
    assert shown(page) == expected
    assert r"**mine\_\*\.png**" in page.markdown[0].value
    assert "picture" not in page.query_params
    assert page.session_state["picture_open"] is False
    assert shown(page.run()) == expected
    assert shown(go(page, "two")) == expected
    assert shown(go(page, "three", model="resnet50")) == expected


def test_ones_own_picture_stays_in_the_gallery(page: AppTest) -> None:
    """One may look at a sample and come back."""
    upload(page, "mine.png", PNG)
    opened(page).button(key="picture_pick_grass").click().run()
    assert shown(page)[0] == "Grass"
    opened(page).button(key="picture_pick_yours").click().run()
    assert shown(page)[0] == "mine.png"


def test_a_refused_upload_is_one_sentence(page: AppTest) -> None:
    """The picture before stays, and the sentence goes with the next good file."""
    upload(page, "page.png", b"<html>")
    assert shown(page)[0] == "Chelsea the cat"
    assert len(page.error) == 1
    assert "an HTML page" in page.error[0].value
    assert page.session_state["picture_open"] is True
    page.run()
    assert len(page.error) == 1
    page.file_uploader(key="picture_file").set_value(("b.png", PNG, "image/png")).run()
    assert shown(page)[0] == "b.png"
    assert not page.error


def test_what_the_gate_did_is_said(page: AppTest) -> None:
    """The notes stand below the name."""
    upload(page, "a.gif", saved(np.zeros((20, 20, 4), np.uint8), "PNG"))
    words = page.markdown[0].value
    assert r"Its name says GIF, but it is a PNG file\." in words
    assert "white shows through" in words


def test_the_same_file_is_sent_once(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rerun with the file still in the uploader asks the engine no second time."""
    asked: list[str] = []

    class Engine:
        def call(self, name: str, *_: object, **__: object) -> object:
            asked.append(name)
            return accept(PNG, "once.png")

    monkeypatch.setattr(picture, "connect", Engine)
    upload(page, "once.png", PNG)
    page.session_state["picture_open"] = True
    page.run()
    page.run()
    assert asked == ["pictures.accept"]


def test_without_an_engine_the_reason_is_said(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload fails in a sentence; the samples need no engine."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "never")
    upload(page, "a.png", PNG)
    assert len(page.error) == 1
    assert shown(page)[0] == "Chelsea the cat"


def test_foreign_text_is_no_markdown() -> None:
    """A file's name neither draws a link nor a picture nor an icon."""
    assert picture.plain("![x](http://a.b/c)") == r"\!\[x\]\(http\:\/\/a\.b\/c\)".replace(
        r"\/", "/"
    )
    assert picture.plain(":material") == r"\:material"
    assert picture.plain("plain words 12") == "plain words 12"


def test_several_pictures_and_a_zip(page: AppTest) -> None:
    """In their order, refused ones with their sentence."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("in/two.png", PNG)
        archive.writestr("in/three.txt", b"words")
    go(page, "several")
    page.file_uploader(key="batch_files").set_value([
        ("one.png", PNG, "image/png"), ("some.zip", file.getvalue(), "application/zip"),
    ]).run()  # fmt: skip
    deadline = time.monotonic() + 60
    while len(page.text) < 4:
        assert time.monotonic() < deadline, "it never came"
        assert not page.exception
        time.sleep(0.2)
        page.run()
    digest = accept(PNG, "a").digest
    said = [each.value for each in page.text[1:]]
    assert said[:2] == [f"one.png|{digest}", f"two.png|{digest}"]
    assert said[2].startswith("three.txt|This file is no picture")
    assert shown(page)[0] == "Chelsea the cat"


def test_of_several_batches_one_is_kept(page: AppTest) -> None:
    """The pictures chosen before are let go of: they are many."""
    go(page, "several")
    for name in ("one.png", "two.png"):
        page.file_uploader(key="batch_files").set_value([(name, PNG, "image/png")]).run()
        deadline = time.monotonic() + 60
        while not any(each.value.startswith(f"{name}|") for each in page.text):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.2)
            page.run()
    assert len([each for each in page.session_state["work"] if each.startswith("batch ")]) == 1


def test_several_that_are_too_large_together(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not even sent to the engine."""
    monkeypatch.setattr(picture.archives, "MOST_ARCHIVE_BYTES", 1_000_000)
    go(page, "several")
    files = [(f"{number}.png", b"\0" * 600_000, "image/png") for number in range(2)]
    page.file_uploader(key="batch_files").set_value(files).run()
    assert "take some out" in page.error[0].value
    assert len(page.text) == 1


def test_a_whole_folder(page: AppTest) -> None:
    """The switch asks for a folder; its pictures are read as loose ones are."""
    go(page, "several")
    page.toggle(key="batch_folder").set_value(True).run()
    page.file_uploader(key="batch_all").set_value([("in/one.png", PNG, "image/png")]).run()
    deadline = time.monotonic() + 60
    while len(page.text) < 2:
        assert time.monotonic() < deadline, "it never came"
        assert not page.exception
        time.sleep(0.2)
        page.run()
    assert page.text[1].value == f"one.png|{accept(PNG, 'a').digest}"
