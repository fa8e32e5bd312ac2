"""The Receptive field page in a real browser: a cold link, the slider, a click on the picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""


def headline(page: Page) -> Locator:
    """The sentence with the numbers."""
    return page.get_by_role("heading", name=re.compile("of what moves this unit"))


def sheet(page: Page) -> Locator:
    """The picture that is clicked."""
    return page.locator(".sheet").first


def source(page: Page) -> str:
    """What is drawn on it."""
    return sheet(page).locator("img").get_attribute("src") or ""


def test_a_cold_link_opens_the_unit(
    start_page_server: Callable[[], str], new_page: Callable[..., Page]
) -> None:
    """Model, picture, row and unit as the link says, on a server nobody used before."""
    page = new_page(base_url=start_page_server())
    page.goto("/receptive_field?model=lenet5&row=c3&y=2&x=7&picture=digit_3")
    expect(headline(page)).to_contain_text(re.compile(r"of its 14.×.14 pixels"), timeout=PATIENCE)
    expect(page.get_by_label("Row", exact=True)).to_have_value("2")
    expect(page.get_by_label("Column", exact=True)).to_have_value("7")
    expect(sheet(page).locator("img")).to_be_visible()


def test_the_slider_makes_the_box_grow(page: Page) -> None:
    """One step along the network: another box, another picture, another address."""
    page.goto("/receptive_field?model=lenet5&row=c1&picture=digit_5")
    expect(headline(page)).to_contain_text(re.compile(r"of its 5.×.5 pixels"), timeout=PATIENCE)
    before = source(page)
    page.get_by_role("slider").press("ArrowRight")
    expect(headline(page)).to_contain_text(re.compile(r"of its 6.×.6 pixels"))
    expect(page).to_have_url(re.compile("row=tanh"))
    assert source(page) != before


def test_a_click_chooses_the_unit_there(page: Page) -> None:
    """A quarter down and three quarters across; then an arrow key goes to its neighbour."""
    page.goto("/receptive_field?model=lenet5&row=c1&picture=digit_5")
    expect(headline(page)).to_be_visible(timeout=PATIENCE)
    box = sheet(page).locator("img").bounding_box()
    assert box is not None
    sheet(page).click(position={"x": 0.75 * box["width"], "y": 0.25 * box["height"]})
    # Of 32 pixels (24, 8) is meant; unit i of c1 is centred at i + 2.5.
    expect(page.get_by_label("Column", exact=True)).to_have_value(re.compile("^2[12]$"))
    expect(page.get_by_label("Row", exact=True)).to_have_value(re.compile("^[56]$"))
    expect(page).to_have_url(re.compile(r"y=[56]&x=2[12]"))
    column = int(page.get_by_label("Column", exact=True).input_value())
    sheet(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Column", exact=True)).to_have_value(str(column - 1))


def test_on_a_phone_the_picture_fits(new_page: Callable[..., Page]) -> None:
    """No wider than the screen, and a tap chooses."""
    page = new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.goto("/receptive_field?model=lenet5&row=c1&picture=digit_5")
    expect(headline(page)).to_be_visible(timeout=PATIENCE)
    box = sheet(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    sheet(page).tap(position={"x": 0.9 * box["width"], "y": 0.1 * box["width"]})
    expect(page.get_by_label("Column", exact=True)).to_have_value(re.compile("^2[5-7]$"))
