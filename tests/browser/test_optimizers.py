"""Optimisers in a real browser: guessed, played, scrubbed, clicked; 3-D, links, small screens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold server."""


def visit(page: Page, link: str = "") -> Locator:
    """Open the page by a link and return the player, once it stands there."""
    page.goto(f"/optimizers{link}")
    root = page.locator(".root")
    expect(root).to_be_visible(timeout=PATIENCE)
    idle(page)
    return root


def picture(page: Page) -> str:
    """What is on the canvas, as text that differs where the picture does."""
    data: str = page.locator("canvas.canvas").evaluate("each => each.toDataURL()")
    return data


def test_a_guess_starts_the_race(page: Page) -> None:
    """No way is drawn before; then it plays by itself to the last step."""
    root = visit(page, "?steps=20")
    expect(root).to_have_class(re.compile("guessing"))
    expect(page.locator(".card")).to_have_count(0)
    page.get_by_role("button", name="RMSprop", exact=True).last.click()
    expect(page.locator(".card")).to_have_count(4, timeout=PATIENCE)
    expect(page.locator(".place")).to_have_text("20 / 20", timeout=20_000)


def test_steps_keys_and_numbers(page: Page) -> None:
    """Gradient descent on the bowl at 0.5 halves the place; the formulas follow the player."""
    root = visit(page, "?guess=off&surface=bowl&optimisers=sgd&lr=0.5&start=-4,2&steps=10&at=0")
    cells = page.locator(".card .row").first
    expect(cells).to_contain_text("−4.000, 2.000")
    page.get_by_role("button", name="One step on").click()
    expect(cells).to_contain_text("−2.000, 1.000")
    expect(page.get_by_text("Step 2 from (−2, 1)")).to_be_visible(timeout=PATIENCE)
    root.focus()
    for key, at in [("ArrowRight", 2), ("End", 10), ("ArrowRight", 10), ("Home", 0)]:
        page.keyboard.press(key)
        expect(root).to_have_attribute("data-at", str(at))


def test_playing_asks_the_server_nothing_until_it_rests(page: Page) -> None:
    """Frames are drawn by the browser; where it rests the formulas follow."""
    sent: list[str | bytes] = []

    def note(frame: str | bytes) -> None:  # Playwright takes no built-in method for a listener
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    root = visit(page, "?guess=off&steps=100")
    before = picture(page)
    page.wait_for_timeout(500)
    sent.clear()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(root).to_have_class(re.compile("playing"))
    expect(root).to_have_attribute("data-at", re.compile("[2-9][0-9]"), timeout=20_000)
    assert not sent
    assert picture(page) != before
    page.get_by_role("button", name="Pause", exact=True).click()
    step = int(root.get_attribute("data-at") or 0)
    expect(page.get_by_text(f"Step {step + 1} from")).to_be_visible(timeout=PATIENCE)
    assert sent


def test_a_click_on_the_map_starts_there(page: Page) -> None:
    """Its middle is the minimum of the ravine: start, address and map follow."""
    visit(page, "?guess=off&at=0")
    canvas = page.locator("canvas.canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    page.wait_for_url(re.compile(r"start=(1\.9|2)[0-9.]*%2C1\.[45]"), timeout=PATIENCE)
    idle(page)
    expect(page.locator(".card .row").first).to_contain_text(re.compile(r"(1\.9|2\.0)\d*, 1\.[45]"))


def test_what_leaves_the_picture_is_said(page: Page) -> None:
    """Above 2 over the curvature: in the card, once it happens, and in the race."""
    visit(page, "?guess=off&optimisers=sgd&lr=0.1")
    page.get_by_role("button", name="To the end").click()
    expect(page.locator(".card .fate")).to_contain_text("left the picture at step 2")
    expect(page.get_by_text("is above 2 / curvature = 2 / 25 = 0.08")).to_be_visible()


def test_three_dimensions_can_be_turned(page: Page) -> None:
    """Another picture, and another one after dragging; a click there chooses no start."""
    visit(page, "?guess=off&surface=rosenbrock&at=20")
    flat = picture(page)
    page.get_by_label("in 3-D").check()
    solid = picture(page)
    assert solid != flat
    box = page.locator("canvas.canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 210, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert picture(page) != solid
    assert "start=" not in page.url


def test_card_and_formulas_follow_each_other(page: Page) -> None:
    """A click on a card turns to its rule, and a choice below to its card."""
    visit(page, "?guess=off&at=5")
    page.locator('.card[data-key="adam"]').click()
    expect(page.get_by_text("Momentum and RMSprop together")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radio", name="RMSprop").click()
    expect(page.locator('.card[data-key="rmsprop"]')).to_have_class(
        re.compile("focus"), timeout=PATIENCE
    )


def test_a_link_opens_at_its_step(page: Page) -> None:
    """As the Link button writes it."""
    root = visit(page, "?guess=off&at=17")
    expect(root).to_have_attribute("data-at", "17")
    page.get_by_role("button", name="One step on").click()
    page.get_by_role("button", name="Link").click()
    expect(page).to_have_url(re.compile("at=18"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_everything_in_its_width(new_page: Callable[..., Page], scheme: str) -> None:
    """Nothing sticks out sideways, and the map is as wide as the screen allows."""
    page = new_page(viewport={"width": 390, "height": 844}, is_mobile=True, color_scheme=scheme)
    visit(page, "?guess=off&at=10")
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    box = page.locator("canvas.canvas").bounding_box()
    assert box is not None
    assert box["width"] > 330
