"""The Cost lab in a real browser: sliders, links, guess and reveal, the clock, small screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""


def visit(page: Page, link: str = "") -> None:
    """Open the page by a link and wait for its question."""
    page.goto(f"/cost_lab{link}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    idle(page)


def numbers(page: Page) -> Locator:
    """The table of numbers."""
    return page.get_by_test_id("stTable").first


def bars(page: Page) -> list[str]:
    """The figures written at the bars."""
    texts = page.locator(".st-key-lab_bars .bartext")
    expect(texts.first).to_be_visible(timeout=PATIENCE)
    return texts.all_text_contents()


def step(page: Page, name: str, keys: int) -> None:
    """Move a slider by so many steps with the arrow key."""
    slider = page.get_by_role("slider", name=name)
    slider.focus()
    for _ in range(keys):
        slider.press("ArrowRight")
    idle(page)


def test_a_slider_changes_numbers_and_chart(page: Page) -> None:
    """From two kernels to three: 27C^2 in the table, 55.1 % at the bars, 7 x 7 in the grid."""
    visit(page, "?guess=off")
    expect(numbers(page)).to_contain_text("73,728", timeout=PATIENCE)
    assert "72 %" in bars(page)
    step(page, "Kernels in the stack", 1)
    expect(numbers(page)).to_contain_text("110,592")
    expect(numbers(page)).to_contain_text("7 × 7")
    expect(
        page.locator(".st-key-lab_bars .bartext").filter(has_text="55.1 %").first
    ).to_be_visible()
    expect(page.locator(".st-key-lab_growth")).to_contain_text("3 of 3 × 3: sees 7 × 7")
    expect(page).to_have_url(re.compile(r"[?&]n=3"))


def test_a_shared_link_restores_the_view(page: Page, new_page: Callable[..., Page]) -> None:
    """What one visitor set, another one sees by the address alone."""
    visit(page, "?lab=separable&guess=off")
    page.get_by_role("button", name="MobileNet, 14 × 14 × 512").click()
    idle(page)
    expect(numbers(page)).to_contain_text("52,283,392", timeout=PATIENCE)
    other = new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", level=1)).to_have_text(
        "Can filtering and mixing be done one after the other?", timeout=PATIENCE
    )
    idle(other)
    expect(other.get_by_role("spinbutton", name="Channels in")).to_have_value(
        "512", timeout=PATIENCE
    )
    expect(numbers(other)).to_contain_text("52,283,392", timeout=PATIENCE)
    assert other.url == page.url


def test_guess_then_reveal(page: Page) -> None:
    """No number before the guess; how far off it was, and all numbers, afterwards."""
    visit(page, "?lab=bottleneck")
    expect(page.get_by_text("How many times fewer weights")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stTable")).to_have_count(0)
    page.get_by_label("Your guess, times").fill("4")
    page.get_by_role("button", name="Check").click()
    idle(page)
    expect(page.get_by_text("You said 4 times: 4.24 times too low")).to_be_visible()
    expect(numbers(page)).to_contain_text("1,179,648")
    expect(numbers(page)).to_contain_text("69,632")


def test_the_clock_runs_beside_the_numbers(page: Page) -> None:
    """Measuring never blocks: a knob turns meanwhile, and the time of the setting comes."""
    visit(page, "?lab=grouped&guess=off&channels=32&groups=4&height=16&width=16")
    page.get_by_role("button", name="Measure on this machine").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE)
    expect(numbers(page)).to_be_visible()
    expect(page.get_by_text("32.0 times fewer multiply-adds")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-lab_times .main-svg").first).to_be_visible(timeout=PATIENCE)


def test_impossible_geometry_loses_nothing(page: Page) -> None:
    """One sentence; the knobs stand, and turning one back brings the numbers back."""
    visit(page, "?lab=grouped&guess=off&groups=3")
    expect(page.get_by_role("alert")).to_contain_text("must divide", timeout=PATIENCE)
    groups = page.get_by_role("spinbutton", name="Groups")
    groups.fill("4")
    groups.press("Enter")
    idle(page)
    expect(numbers(page)).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("key", ["dense", "inception", "scaling"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(
    new_page: Callable[..., Page], key: str, scheme: str
) -> None:
    """The page is no wider than the screen, also where formulas are long."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    visit(page, f"?lab={key}&guess=off")
    expect(numbers(page)).to_be_visible(timeout=PATIENCE)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth <= each.clientWidth")
