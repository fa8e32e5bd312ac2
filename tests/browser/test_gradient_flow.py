"""Gradient flow in a real browser: guessed, drawn, scrubbed; small screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold server."""


def visit(page: Page, link: str = "") -> None:
    """Open the page by a link, and wait until it stands."""
    page.goto(f"/gradient_flow{link}")
    expect(page.get_by_text("the identity, both ways").first).to_be_visible(timeout=PATIENCE)


def test_guess_then_reveal(page: Page) -> None:
    """No curve before; two figures and the answer afterwards."""
    visit(page, "?depth=20")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    page.get_by_role("button", name="ReLU, He", exact=True).click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)
    expect(page.get_by_text("Closest to its size at the first layer")).to_be_visible()
    expect(page.get_by_text("You said ReLU, He")).to_be_visible()


def test_depth_is_turned_and_the_address_follows(page: Page) -> None:
    """An arrow key on the slider: one layer more, and curves as long."""
    visit(page, "?guess=off&depth=20")
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider", name="Layers").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**depth=21**", timeout=PATIENCE)
    page.wait_for_function(
        "document.querySelector('.js-plotly-plot').data.every(each => each.y.length === 20)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_everything_in_its_width(new_page: Callable[..., Page], scheme: str) -> None:
    """Nothing sticks out sideways."""
    page = new_page(viewport={"width": 390, "height": 844}, is_mobile=True, color_scheme=scheme)
    visit(page, "?guess=off&depth=20")
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
