"""Feature maps in a real browser: a tile is clicked, then a unit, and its arithmetic appears."""

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


def sheet(page: Page) -> Locator:
    """All channels."""
    return page.get_by_label(re.compile("^6 maps of 28 × 28"))


def large(page: Page, channel: int) -> Locator:
    """One channel over the picture."""
    return page.get_by_label(re.compile(f"^Channel {channel} of c1 over"))


def open_maps(page: Page, more: str = "") -> None:
    """Open LeNet-5's first layer and wait for its maps."""
    page.goto(f"/feature_maps?model=lenet5&layer=c1{more}")
    expect(sheet(page)).to_be_visible(timeout=PATIENCE)


def click_at(target: Locator, x: float, y: float) -> None:
    """Click a place in fractions of a picture."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    target.click(position={"x": x * box["width"], "y": y * box["height"]})


def test_from_a_tile_to_a_product(page: Page) -> None:
    """Six maps in two rows of three: the last is 5; a unit of it has 25 products."""
    open_maps(page)
    click_at(sheet(page), 5 / 6, 3 / 4)
    expect(large(page, 5)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("channel=5"))
    # 28 pixels with a border of two: 16 across, 9 down; two less, for the kernel.
    click_at(large(page, 5), 0.52, 0.27)
    expect(page).to_have_url(re.compile(r"y=7.*x=14|x=14.*y=7"))
    expect(page.get_by_text("25 products add up to")).to_be_visible()
    expect(page.locator("figure", has_text="Patch: input channel 0")).to_be_visible()


def test_a_link_opens_the_same_view(page: Page) -> None:
    """Channel and unit of the address are marked on sheet and picture."""
    open_maps(page, "&channel=2&y=3&x=4")
    expect(large(page, 2)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("rows 3 to 7, columns 4 to 8")).to_be_visible()
    expect(sheet(page).locator(".marker")).to_have_count(1)


def test_arrow_keys_move_from_unit_to_unit(page: Page) -> None:
    """Twice to the right and once down; one step on the sheet is one channel."""
    open_maps(page, "&channel=2&y=3&x=4")
    large(page, 2).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"y=4.*x=6|x=6.*y=4"), timeout=PATIENCE)
    sheet(page).focus()
    page.keyboard.press("ArrowDown")
    expect(large(page, 5)).to_be_visible(timeout=PATIENCE)


def test_on_a_phone_nothing_is_cut_off(new_page: Callable[..., Page]) -> None:
    """A tap chooses a channel, and the page is no wider than the screen."""
    phone = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_maps(phone, "&channel=0")
    sheet(phone).scroll_into_view_if_needed()
    box = sheet(phone).bounding_box()
    assert box is not None
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    expect(large(phone, 1)).to_be_visible(timeout=PATIENCE)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
