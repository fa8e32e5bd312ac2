"""The diagram in a real browser: opened, closed, chosen, zoomed; mouse, finger and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""


def node(page: Page, id_: str) -> Locator:
    """A box, or the header of an opened group."""
    return page.locator(f'[data-id="{id_}"]')


def open_diagram(page: Page, model: str, first: str, more: str = "") -> None:
    """Open a model's diagram by its link and wait until a node stands there."""
    page.goto(f"/anatomy?model={model}&section=diagram{more}")
    expect(node(page, first)).to_be_visible(timeout=PATIENCE)


def percent(page: Page) -> int:
    """The zoom as it is shown."""
    return int((page.locator(".percent").text_content() or "").split()[0])


def test_clicks_open_close_and_choose(page: Page) -> None:
    """A stage opens to its blocks, a block to its layers; a header folds; a layer is chosen."""
    open_diagram(page, "resnet50", "layer2")
    node(page, "layer2").click()
    expect(node(page, "layer2.3")).to_be_attached()
    node(page, "layer2.0").click()
    node(page, "layer2.0.conv2").click()
    expect(page.get_by_role("heading", name="layer2.0.conv2")).to_be_visible()
    expect(node(page, "layer2.0.conv2")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("open=layer2~layer2.0"))
    node(page, "layer2").click()
    expect(node(page, "layer2.0")).to_have_count(0)


def test_keys_move_open_and_zoom(page: Page) -> None:
    """One stop for the tabulator; arrows move, Enter opens and keeps the place, signs zoom."""
    open_diagram(page, "resnet50", "layer2")
    assert page.locator('[data-do][tabindex="0"]').count() == 1
    node(page, "conv1 … maxpool").focus()
    page.keyboard.press("ArrowDown")
    expect(node(page, "layer1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(node(page, "layer1.0")).to_be_attached()
    expect(node(page, "layer1")).to_be_focused()
    before = percent(page)
    page.keyboard.press("+")
    assert percent(page) > before
    page.keyboard.press("0")
    assert percent(page) <= 115


def test_dragging_moves_and_does_not_click(page: Page) -> None:
    """A drag that begins on a node moves the drawing; the node stays closed."""
    open_diagram(page, "resnet50", "layer1")
    for _ in range(3):
        page.locator("[data-zoom=in]").click()
    window = page.locator(".window")
    node(page, "layer1").scroll_into_view_if_needed()
    box = node(page, "layer1").bounding_box()
    assert box is not None
    before = window.evaluate("element => element.scrollTop")
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 100, steps=4)
    page.mouse.up()
    assert window.evaluate("element => element.scrollTop") - before == pytest.approx(120, abs=2)
    page.wait_for_timeout(500)  # a click would have opened it by now
    expect(node(page, "layer1.0")).to_have_count(0)


def test_on_a_phone_it_stays_legible(new_page: Callable[..., Page]) -> None:
    """A wide block opens under the finger, drawn no smaller than can be read."""
    phone = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_diagram(phone, "googlenet", "inception3a")
    node(phone, "inception3a").tap()
    expect(node(phone, "inception3a.branch1")).to_be_attached()
    assert percent(phone) >= 80
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.locator("[data-zoom=width]").tap()
    assert percent(phone) < 80


def test_a_window_is_drawn_beside_its_layer(page: Page) -> None:
    """The chosen convolution's window stands in the detail, with its description."""
    open_diagram(page, "resnet50", "layer1", "&depth=layers&layer=conv1")
    described = page.locator("svg desc", has_text="The first output position covers rows −3 to 3")
    expect(described).to_have_count(1)
