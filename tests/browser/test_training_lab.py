"""The Training lab in a real browser: start, watch a point arrive, stop, reload and find it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""
LONG = recipes.to_link(recipes.checked(network="linear", data="digits", length=100_000))
SHORT = recipes.to_link(recipes.checked(network="linear", data="digits", length=40))


def visit(page: Page, recipe: str) -> None:
    """Open the page by a link to a recipe and wait until it can be started."""
    page.goto(f"/training_lab?recipe={recipe}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    expect(start(page)).to_be_enabled(timeout=PATIENCE)


def start(page: Page) -> Locator:
    """The button."""
    return page.get_by_role("button", name="Start", exact=True)


def card(page: Page) -> Locator:
    """The newest run's card."""
    return page.locator("[class*='st-key-training_card_']").first


def step(page: Page) -> int:
    """The step that the card tells of."""
    told = card(page).get_by_text(re.compile(r"Step [\d,]+"))
    expect(told).to_be_visible(timeout=PATIENCE)
    return int(re.findall(r"Step ([\d,]+)", told.inner_text())[0].replace(",", ""))


def test_start_watch_stop_reload_and_find(page: Page) -> None:
    """Points arrive without a click, the run is stopped, and a reload finds it with its curve."""
    visit(page, LONG)
    start(page).click()
    first = step(page)
    curve = page.locator(".st-key-training_curves_loss_live canvas").first
    expect(curve).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        """before => {
            const card = document.querySelector("[class*='st-key-training_card_']");
            const told = card && card.innerText.match(/Step ([\\d,]+)/);
            return told && Number(told[1].replaceAll(",", "")) > before;
        }""",
        arg=first,
        timeout=PATIENCE,
    )
    expect(page).to_have_url(re.compile(r"[?&]run=\w+"))
    card(page).get_by_role("button", name="Stop").click()
    expect(card(page)).to_contain_text("stopped", timeout=PATIENCE)

    page.goto("/training_lab")
    expect(card(page)).to_contain_text("stopped", timeout=PATIENCE)
    expect(card(page).get_by_role("button", name="Continue")).to_be_visible(timeout=PATIENCE)
    curve = page.locator(".st-key-training_curves_loss .plot-container")
    expect(curve).to_be_visible(timeout=PATIENCE)


def test_a_second_tab_sees_the_run_and_ends_it(page: Page) -> None:
    """The same browser is the same visitor; what one tab asks for, the other one shows."""
    visit(page, LONG)
    start(page).click()
    step(page)
    other = page.context.new_page()
    other.goto("/training_lab")
    step(other)
    card(other).get_by_role("button", name="Cancel").click()
    expect(card(page)).to_contain_text("stopped", timeout=PATIENCE)


def test_another_visitor_does_not_see_it(page: Page, new_page: Callable[..., Page]) -> None:
    """Another browser begins with nothing."""
    visit(page, SHORT)
    start(page).click()
    expect(card(page)).to_be_visible(timeout=PATIENCE)
    stranger = new_page()
    visit(stranger, SHORT)
    expect(stranger.get_by_text("Press Start")).to_be_visible(timeout=PATIENCE)
    expect(card(stranger)).to_have_count(0)


def test_a_finished_run_is_told_of_and_two_are_overlaid(page: Page) -> None:
    """The test score with what it means; a second run joins the first in the same axes."""
    visit(page, SHORT)
    start(page).click()
    expect(page.get_by_text("in 19 of 20 cases")).to_be_visible(timeout=PATIENCE)
    start(page).click()
    cards = page.locator("[class*='st-key-training_card_']")
    expect(cards).to_have_count(2, timeout=PATIENCE)
    lines = page.locator(".st-key-training_curves_loss .scatterlayer .trace")
    expect(lines).to_have_count(4, timeout=PATIENCE)
    expect(page.locator(".cz-line")).to_have_count(2, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(new_page: Callable[..., Page], scheme: str) -> None:
    """Nothing is wider than the screen, before and while a run goes on."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, SHORT)
    start(page).click()
    expect(card(page)).to_be_visible(timeout=PATIENCE)
    main = page.locator(".stMain")
    assert main.evaluate("each => each.scrollWidth <= each.clientWidth")
