"""The Fine-tune page in a real browser: from a ZIP of pictures to a network that is taken home."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.collections.painted import files, zipped
from tests.ui.visits import use_real_weights

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""
PACKING = 180_000
"""Milliseconds in which a small network is exported, run and compared."""


@pytest.fixture
def server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start_page_server: Callable[[], str]
) -> str:
    """A page server with a data folder of its own, and real weights where there are some."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    use_real_weights(monkeypatch)
    return start_page_server()


def visit(page: Page, address: str = "/fine_tune") -> None:
    """Open the page and wait until it stands."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)


def press(page: Page, name: str) -> None:
    """Press a segment of a segmented control."""
    page.get_by_role("radio", name=name, exact=True).click()


def button(page: Page, name: str) -> Locator:
    """A button by its words."""
    return page.get_by_role("button", name=name, exact=True)


def hand_in(page: Page, broken: bool = False) -> None:
    """Hand a ZIP of two classes in, and wait until it can be looked at."""
    contents = files({"cat": 15, "dog": 15}) | ({"cat/broken.jpg": b"no"} if broken else {})
    uploader = page.locator(".st-key-tune_zip input[type=file]")
    uploader.set_input_files(
        {"name": "pets.zip", "mimeType": "application/zip", "buffer": zipped(contents)}
    )
    expect(button(page, "Choose how it learns")).to_be_visible(timeout=PATIENCE)


def train(page: Page) -> None:
    """Choose what is advised, and wait until it has learned."""
    button(page, "Choose how it learns").click()
    expect(page.get_by_text(re.compile("parameters learn"))).to_be_visible(timeout=PATIENCE)
    button(page, "Train").click()
    expect(button(page, "See how good it is")).to_be_visible(timeout=PATIENCE)


def test_from_a_zip_to_a_network_at_home(
    server: str, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """Upload, look, mend a label, train, judge, look into a mistake, use, and export."""
    page = new_page(base_url=server)
    visit(page)
    expect(page.get_by_text("10 to 5,000 pictures")).to_be_visible(timeout=PATIENCE)
    hand_in(page, broken=True)
    expect(page.get_by_text("1 file left out")).to_be_visible()

    tile = page.locator("button[data-id]").first
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    button(page, "Leave out").click()
    expect(page.get_by_text("1 picture left out.")).to_be_visible(timeout=PATIENCE)
    button(page, "Undo").click()
    expect(page.get_by_text("30 pictures, 2 classes")).to_be_visible(timeout=PATIENCE)

    train(page)
    expect(page.locator(".st-key-tune_curves_loss .plot-container")).to_be_visible(timeout=PATIENCE)
    button(page, "See how good it is").click()
    expect(page.get_by_text("in 19 of 20 cases").first).to_be_visible(timeout=PATIENCE)

    press(page, "Confusions")
    count = page.locator(".st-key-tune_confusion_validation .annotation text").last
    expect(count).to_be_visible(timeout=PATIENCE)
    number, box = count.text_content(), count.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    title = re.compile(rf"(recognised as|taken for) \w+: {number} held out")
    expect(page.get_by_text(title)).to_be_visible(timeout=PATIENCE)
    tile = page.locator("button[data-id]").first
    tile.click()
    button(page, "What did it look at?").click()
    expect(page.get_by_text("both maps are on one scale")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[class*='_maps'] img")).to_have_count(2)

    press(page, "6 Use it")
    expect(page.get_by_text("It knows its own classes alone")).to_be_visible(timeout=PATIENCE)
    link = page.get_by_role("link", name="Saliency", exact=True)
    assert "model=run%3A" in (link.get_attribute("href") or "")

    press(page, "7 Take it home")
    button(page, "Pack it").click()
    download = page.get_by_role("button", name=re.compile("^Download"))
    expect(download).to_be_visible(timeout=PACKING)
    with page.expect_download() as coming:
        download.click()
    coming.value.save_as(tmp_path / "home.zip")
    names = {Path(each).name for each in zipfile.ZipFile(tmp_path / "home.zip").namelist()}
    assert {"predict.py", "classes.json", "preprocessing.json", "MODEL_CARD.md"} <= names

    # A second tab that knows nothing finds it all.
    other = page.context.new_page()
    visit(other, f"{server}/fine_tune")
    expect(other.get_by_text("On what it learned from")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_nothing_is_cut_off_on_a_phone(
    server: str, new_page: Callable[..., Page], scheme: str
) -> None:
    """Nothing is wider than the screen, at any step up to the results."""
    page = new_page(
        base_url=server,
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
        is_mobile=True,
    )
    main = page.locator(".stMain")

    def fits() -> bool:
        return bool(main.evaluate("each => each.scrollWidth <= each.clientWidth"))

    visit(page)
    assert fits()
    hand_in(page)
    assert fits()
    train(page)
    assert fits()
    button(page, "See how good it is").click()
    expect(page.get_by_text("On what it learned from")).to_be_visible(timeout=PATIENCE)
    assert fits()
