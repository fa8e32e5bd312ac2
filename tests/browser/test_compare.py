"""The Compare page in a real browser: a cold link, other networks, and a click on the map."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""


def visit(page: Page, path: str) -> None:
    """Open a link and wait until it stands there."""
    page.goto(path)
    expect(page.get_by_role("heading", name="Networks side by side")).to_be_visible(
        timeout=PATIENCE
    )
    idle(page)


def choose(page: Page, name: str) -> None:
    """Press a segment of a segmented control."""
    page.get_by_role("radio", name=name, exact=True).click()
    idle(page)


def test_a_link_opens_the_same_comparison_on_a_cold_server(
    browser: Browser, start_page_server: Callable[[], str]
) -> None:
    """Networks, their common input, the section and its switch come with the address."""
    page = browser.new_page(base_url=start_page_server())
    link = "/compare?models=vgg16~vgg19&size=96x128&section=differs&only=1"
    visit(page, link)
    expect(page.get_by_text("added: three 3×3 convolutions")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".cz-diff .m")).to_have_count(3)
    expect(page.get_by_label("Width")).to_have_value("128")
    for part in ("models=vgg16~vgg19", "size=96x128", "section=differs", "only=1"):
        assert part in page.url
    page.close()


def test_other_networks_change_the_totals(page: Page) -> None:
    """One is taken out and another searched for; back undoes the last step."""
    visit(page, "/compare?models=vgg16~resnet50")
    table = page.locator(".cz-side table")
    expect(table).to_contain_text("138 M", timeout=PATIENCE)
    box = page.locator(".st-key-compare_models").get_by_role("combobox")
    box.click()
    box.fill("mobilenetv2")
    page.get_by_role("option").first.click()
    idle(page)
    expect(table).to_contain_text("3.50 M")
    expect(page).to_have_url(re.compile("models=vgg16~resnet50~mobilenet_v2"))
    page.go_back()
    idle(page)
    expect(table).not_to_contain_text("3.50 M")


def test_a_point_of_the_map_opens_its_anatomy(page: Page) -> None:
    """The question is answered above; a click leads to the network itself."""
    visit(page, "/compare?section=map&families=VGG")
    point = page.locator(".scatterlayer .trace .point").first
    expect(point).to_be_visible(timeout=PATIENCE)
    point.click(force=True)
    expect(page).to_have_url(re.compile(r"/anatomy\?model=vgg"), timeout=PATIENCE)


def test_the_report_is_one_file(page: Page) -> None:
    """HTML with both networks in it."""
    visit(page, "/compare?models=lenet5~lenet5_partial&section=report")
    with page.expect_download() as download:
        page.locator(".st-key-compare_report_html button").click()
    assert download.value.suggested_filename == "convzoo_lenet5_vs_lenet5_partial.html"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "61,706" in text
    assert "60,000" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(new_page: Callable[..., Page], scheme: str) -> None:
    """At 390 pixels no section makes the page scroll sideways, in either theme."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, "/compare?models=lenet5~lenet5_partial")
    main = page.get_by_test_id("stMain")
    for section in (
        "Side by side", "What differs", "Do they suit my pictures?", "Measure here", "Zoo map",
        "Report",
    ):  # fmt: skip
        choose(page, section)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), section
