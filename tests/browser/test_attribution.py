"""The Saliency page in a real browser: cold links, methods, cancelling, styles, narrow screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch and a network."""

SECTIONS = ("Maps", "May this be trusted?", "The methods")


def visit(page: Page, path: str) -> None:
    """Open a link and wait until it is drawn."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    idle(page)


def map_of(page: Page, method: str, name: str) -> Locator:
    """The map that a method made of a class."""
    return page.get_by_alt_text(re.compile(f"^{re.escape(method)} of {name} in "))


def add(page: Page, box: str, words: str) -> None:
    """Search in a list of several choices and take the first that is found."""
    field = page.get_by_role("combobox", name=re.compile(box))
    field.click()
    field.fill(words)
    page.get_by_role("option", name=re.compile(f"^{words}")).first.click()
    page.keyboard.press("Escape")
    idle(page)


def test_a_link_restores_the_view_on_a_cold_server(
    browser: Browser, start_page_server: Callable[[], str]
) -> None:
    """Methods, class, layer and style come from the address, and it stays as it is."""
    page = browser.new_page(base_url=start_page_server())
    link = (
        "/attribution?model=lenet5&picture=digit_3&methods=gradcam~gradient&classes=3&cam=c1"
        "&strength=60&values=signed"
    )
    visit(page, link)
    expect(map_of(page, "Grad-CAM", "3")).to_be_visible(timeout=PATIENCE)
    expect(map_of(page, "Gradient", "3")).to_be_visible(timeout=PATIENCE)
    idle(page)
    expect(page.get_by_text("6 maps of 28 × 28")).to_be_visible()
    expect(page.get_by_role("radio", name="For and against")).to_be_checked()
    asked = dict(each.split("=") for each in link.partition("?")[2].split("&"))
    query = page.url.partition("?")[2]
    # Two methods are the usual ones, which an address need not name.
    assert dict(each.split("=") for each in query.split("&")) == {
        name: value for name, value in asked.items() if name != "methods"
    }
    page.close()


def test_a_method_is_added_and_the_class_changed(page: Page) -> None:
    """Searching finds a method and a class; their maps appear and stand in the address."""
    visit(page, "/attribution?model=lenet5&picture=digit_5&methods=gradient&classes=5")
    expect(map_of(page, "Gradient", "5")).to_be_visible(timeout=PATIENCE)
    add(page, "Methods", "DeepLIFT")
    expect(map_of(page, "DeepLIFT", "5")).to_be_visible(timeout=PATIENCE)
    add(page, "Classes", "8")
    expect(map_of(page, "Gradient", "8")).to_be_visible(timeout=PATIENCE)
    idle(page)
    expect(page).to_have_url(re.compile(r"classes=5(~|%7E)8"))
    expect(page).to_have_url(re.compile(r"methods=gradient(~|%7E)deeplift"))


def test_a_style_redraws_the_picture(page: Page) -> None:
    """Moving the strength to nothing leaves the photograph: another picture, at once."""
    visit(page, "/attribution?model=lenet5&picture=digit_5&methods=gradient&classes=5")
    shown = map_of(page, "Gradient", "5")
    expect(shown).to_be_visible(timeout=PATIENCE)
    idle(page)
    before = shown.get_attribute("src")
    assert before
    page.get_by_role("slider", name="Overlay").press("Home")
    expect(shown).not_to_have_attribute("src", before, timeout=PATIENCE)
    expect(page).to_have_url(re.compile("strength=0"))


def test_a_slow_map_can_be_cancelled(page: Page) -> None:
    """A patch of few pixels needs thousands of passes: said before, started, and stopped."""
    visit(
        page,
        "/attribution?model=squeezenet1_1&weights=random&picture=coffee&methods=occlusion"
        "&classes=1&knobs=occlusion.window:2~occlusion.stride:2",
    )
    expect(page.get_by_text(re.compile("About .* passes through the network"))).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_role("button", name="Compute", exact=True).click()
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("of about .* passes"))).to_be_visible(timeout=PATIENCE)
    cancel.click()
    expect(page.get_by_text("Stopped before it was done.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Compute", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(new_page: Callable[..., Page], scheme: str) -> None:
    """At 390 pixels every section fits, in either theme, and maps stand below each other."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, "/attribution?model=lenet5&picture=digit_5&classes=5~3")
    expect(map_of(page, "Gradient", "3")).to_be_visible(timeout=PATIENCE)
    boxes = [map_of(page, "Gradient", name).bounding_box() for name in ("5", "3")]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["width"] > 300
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
    main = page.get_by_test_id("stMain")
    for section in SECTIONS:
        page.get_by_role("radio", name=section, exact=True).click()
        idle(page)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), section
