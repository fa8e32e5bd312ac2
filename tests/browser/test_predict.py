"""The Predict page in a real browser: cold links, an upload, a bad file, narrow screens."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 120_000
"""Milliseconds for the first answer of a cold engine, which loads torch and a network."""

SECTIONS = (
    "Prediction", "What it saw", "Several models", "Ten crops", "Top-1 and top-5", "Many pictures",
)  # fmt: skip


def idle(page: Page) -> None:
    """Wait until no script runs and no work is going on."""
    page.wait_for_timeout(150)  # a click takes a moment to reach the server
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=PATIENCE)
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)


def visit(page: Page, path: str) -> None:
    """Open a link and wait for its answer."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    idle(page)


def hero(page: Page) -> Locator:
    """The large picture with the part marked that the network sees."""
    return page.get_by_alt_text(re.compile("with the part marked"))


def upload(page: Page, name: str, data: bytes) -> None:
    """Hand in a file through the header's popover."""
    page.get_by_role("button", name="Choose a picture").click()
    page.get_by_role("radio", name="Upload").click()
    file = {"name": name, "mimeType": "image/png", "buffer": data}
    page.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]
    idle(page)


def png(height: int, width: int) -> bytes:
    """A picture of random colours, encoded."""
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def test_a_link_opens_on_a_cold_server(
    browser: Browser,
    start_page_server: Callable[[], str],
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first visitor of a fresh server gets the answer of real weights to a named sample."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    page = browser.new_page(base_url=start_page_server())
    link = "/predict?model=squeezenet1_0&picture=coffee"
    visit(page, link)
    expect(page.get_by_role("heading", name="espresso")).to_be_visible(timeout=PATIENCE)
    # Twice its 600 pixels, for sharp screens; only a loaded picture has a width.
    expect(hero(page)).to_have_js_property("naturalWidth", 1200, timeout=PATIENCE)
    expect(page).to_have_url(re.compile(f"{re.escape(link)}$"))
    page.close()


def test_an_uploaded_picture_is_answered(page: Page) -> None:
    """It becomes the picture of the page, large, and its name leaves the address."""
    visit(page, "/predict?model=lenet5")
    upload(page, "mine.png", png(70, 90))
    expect(hero(page)).to_have_attribute("alt", re.compile(r"^mine\.png"), timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/predict\?model=lenet5$"), timeout=PATIENCE)


def test_a_bad_file_is_one_sentence(page: Page) -> None:
    """The picture before stays, and so does its answer."""
    visit(page, "/predict?model=lenet5&picture=digit_3")
    upload(page, "bad.png", b"this is no picture")
    expect(page.get_by_test_id("stAlert")).to_contain_text("no picture", timeout=PATIENCE)
    expect(hero(page)).to_have_attribute("alt", re.compile("^A three"))
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_random_weights_are_on_the_picture(page: Page) -> None:
    """The picture is taller than its own proportions by the band, and a warning stands there."""
    visit(page, "/predict?model=mobilenet_v1_025&picture=coffee")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Random weights")
    expect(hero(page)).to_have_js_property("naturalWidth", 1200, timeout=PATIENCE)
    assert hero(page).evaluate("image => image.naturalHeight") > 800, "coffee is 600 by 400"


def test_sections_and_the_tensor_to_take_away(page: Page) -> None:
    """Each section is a link; the tensor comes as numpy reads it."""
    visit(page, "/predict?model=lenet5&picture=digit_8")
    page.get_by_role("radio", name="What it saw", exact=True).click()
    idle(page)
    expect(page).to_have_url(re.compile("section=saw"), timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator(".st-key-predict_npy button").first.click()
    assert download.value.suggested_filename == "lenet5_input.npy"
    assert np.load(download.value.path()).shape == (1, 32, 32)


def test_a_folder_becomes_a_table(page: Page, tmp_path: Path) -> None:
    """Two pictures of a folder in a real browser, each with its answer."""
    for number in range(2):
        (tmp_path / f"noise_{number}.png").write_bytes(png(40, 40))
    visit(page, "/predict?model=lenet5&section=many")
    page.get_by_text("A whole folder").click()
    idle(page)
    page.locator(".stFileUploader input[type=file]").first.set_input_files(tmp_path)
    expect(page.get_by_text("2 pictures through LeNet-5")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(new_page: Callable[..., Page], scheme: str) -> None:
    """At 390 pixels no section makes the page scroll sideways, in either theme."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, "/predict?model=mobilenet_v1_025&picture=rocket&models=lenet5")
    main = page.get_by_test_id("stMain")
    for section in SECTIONS:
        page.get_by_role("radio", name=section, exact=True).click()
        idle(page)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), section
