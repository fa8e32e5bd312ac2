"""The sliding window in a real browser: stepped, played, scrubbed; keys, links, small screens."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold server."""

SECTIONS = ("Pooling", "1×1", "Normalisation", "Transposed", "Fully connected", "Convolution")


def visit(page: Page, link: str = "") -> Locator:
    """Open the page by a link and return the window's frame, once it stands there."""
    page.goto(f"/convolution{link}")
    root = page.locator(".root")
    expect(root).to_be_visible(timeout=PATIENCE)
    idle(page)
    return root


def place(root: Locator) -> int:
    """The position that is looked at, counted from 0."""
    return int(root.get_attribute("data-at") or -1)


def result(page: Page) -> str:
    """What the arithmetic comes to."""
    return page.locator(".written .last .number").inner_text()


def cells(page: Page, side: str) -> list[str]:
    """The numbers that can be read in a grid, "" for those still to come."""
    texts = page.locator(f".{side} figure").first.locator(".cell text")
    return texts.evaluate_all(
        "all => all.map(each => getComputedStyle(each).display === 'none' ? '' : each.textContent)"
    )


def test_steps_and_keys(page: Page) -> None:
    """An upright edge under Sobel: 0, then −40 twice; arrows step, rows below, ends."""
    root = visit(page, "?rows=5&columns=6")
    expect(page.locator(".place")).to_have_text("1 / 12")
    assert result(page) == "0"
    page.get_by_role("button", name="One on").click()
    assert (place(root), result(page)) == (1, "−40")
    assert cells(page, "outputs")[:3] == ["0", "−40", ""]
    expect(page.locator(".terms").first).to_contain_text("10·(−1) + 10·0 + 0·1")
    root.focus()
    for key, at in [
        ("ArrowRight", 2), ("ArrowDown", 6), ("ArrowUp", 2), ("ArrowLeft", 1),
        ("End", 11), ("ArrowRight", 11), ("Home", 0), ("ArrowLeft", 0),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert place(root) == at, key
    page.keyboard.press("End")
    assert cells(page, "outputs") == ["0", "−40", "−40", "0"] * 3


def test_stepping_asks_the_server_nothing(page: Page) -> None:
    """Not one message goes to the server while the window walks."""
    sent: list[str | bytes] = []

    def note(frame: str | bytes) -> None:  # Playwright takes no built-in method for a listener
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    root = visit(page)
    sent.clear()
    root.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert place(root) == 10
    page.wait_for_timeout(300)
    assert not sent


def test_play_and_pause(page: Page) -> None:
    """Space plays and pauses; at the end it stops by itself, and plays again from the start."""
    root = visit(page, "?rows=10&columns=10")  # 64 positions: no look comes too late
    root.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(root).not_to_have_attribute("data-at", "0")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stopped = place(root)
    assert 0 < stopped < 63
    page.wait_for_timeout(500)
    assert place(root) == stopped
    page.get_by_role("slider", name="Position").fill("61")
    page.get_by_role("button", name="Play").click()
    expect(root).to_have_attribute("data-at", "63")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(root).not_to_have_attribute("data-at", "63")
    assert place(root) < 60


def test_a_long_walk_is_short_and_smooth(page: Page) -> None:
    """1,380 positions of a picture are walked over in 18 seconds, at ordinary speed."""
    root = visit(page, "?input=picture&side=48&from=known")
    start = time.monotonic()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Pause").click()
    late = max(1.0, (time.monotonic() - start) / 2)  # a busy machine presses later than asked
    total = int(page.locator(".place").inner_text().split("/")[1])
    assert total == 46 * 30
    assert 0.05 * total < place(root) < 0.3 * total * late


def test_scrubbing_and_clicking(page: Page) -> None:
    """The slider goes anywhere; so does a click on an output cell, or on the input."""
    root = visit(page)
    page.get_by_role("slider", name="Position").fill("12")
    assert place(root) == 12
    page.locator(".outputs .cell").nth(7).click()
    assert place(root) == 7
    page.locator(".inputs .cell").last.click()
    assert place(root) == 24


def test_the_numbers_are_those_of_the_server(page: Page) -> None:
    """A seven under a kernel with stride 2, zeros around it, a bias and ReLU, by hand."""
    link = "?rows=3&columns=3&grid=1_2_3~4_5_6~7_8_9&weights=1_0_0~0_1_0~0_0_-1&s=2&p=1&bias=0.5"
    visit(page, f"{link}&act=relu")
    page.get_by_role("button", name="Last position").click()
    # 1-5 | 2+0 | 4+0... each place: upper left + middle - lower right + 0.5, cut at 0.
    expected = [1 - 5, 3, 7, 9 + 5]
    shown = [f"{max(0.0, each + 0.5):g}" for each in expected]
    assert [text.lstrip("−") or "0" for text in cells(page, "outputs")] == [
        text.removeprefix("0.") for text in shown
    ]
    expect(page.locator(".written")).to_contain_text("ReLU(14.5) = 14.5")


def test_typing_into_the_grid(page: Page) -> None:
    """A number typed into the table is in the grid and in the address, and outlives a section."""
    visit(page, "?rows=3&columns=3")
    page.get_by_text("Change the input's numbers").click()
    table = page.locator(".st-key-conv_input_box canvas").first
    expect(table).to_be_visible()
    idle(page)  # a table that is still being drawn takes no clicks
    box = table.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + 90, box["y"] + 52)
    field = page.locator("#portal").locator("input, textarea").first
    expect(field).to_be_visible()
    field.fill("7")
    field.press("Enter")
    idle(page)
    expect(page).to_have_url(re.compile("grid=7_10_0~"))
    expect(page.locator(".inputs .cell text").first).to_have_text("7")
    page.get_by_role("radio", name="Transposed").click()
    idle(page)
    page.get_by_role("radio", name="Convolution", exact=True).click()
    idle(page)
    expect(page).to_have_url(re.compile("grid=7_10_0~"))
    expect(page.locator(".inputs .cell text").first).to_have_text("7")


def test_pooling_marks_the_largest(page: Page) -> None:
    """Overlapping windows over a typed grid; the largest value wins and is marked."""
    grid = "1_2_3_0_1~4_9_6_0_2~7_8_5_0_3~0_0_0_8_4~1_1_1_4_5"
    visit(page, f"?section=pooling&rows=5&columns=5&grid={grid}")
    assert result(page) == "9"
    expect(page.locator(".best")).to_have_text("9")
    page.get_by_role("button", name="Last position").click()
    assert cells(page, "outputs") == ["9", "6", "8", "8"]


def test_stamps_add_up(page: Page) -> None:
    """Two by two ones stamped at stride 1 by a kernel of ones: 1 2 1, 2 4 2, 1 2 1."""
    visit(page, "?section=transposed&tside=2&tgrid=1_1~1_1&tk=2&ts=1")
    assert cells(page, "outputs") == ["1", "1", "", "1", "1", "", "", "", ""]
    page.get_by_role("button", name="Last position").click()
    assert cells(page, "outputs") == ["1", "2", "1", "2", "4", "2", "1", "2", "1"]


def test_values_that_share_statistics(page: Page) -> None:
    """Batch norm shares a channel over the batch (27 values), layer norm a picture (36)."""
    root = visit(page, "?section=normalisation")
    expect(root).to_have_attribute("data-count", "27")
    root.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".before .cell.here")).to_have_count(1)
    for name, count in {
        "Layer": "36",
        "Instance": "9",
        "Group": "18",
        "Local response": "2",
    }.items():
        page.get_by_role("radio", name=name).click()
        expect(root).to_have_attribute("data-count", count)


def test_guessing_keeps_the_output_back(page: Page) -> None:
    """No output, no size and no step before the guess; everything after it."""
    root = visit(page)
    page.locator(".st-key-conv_guess label").first.click()
    idle(page)
    expect(page.locator(".title-output")).to_have_text("Output ? × ?")
    expect(page.locator(".outputs")).to_be_hidden()
    root.focus()
    page.keyboard.press("ArrowRight")
    assert place(root) == 0
    page.get_by_label("Rows out").fill("5")
    page.get_by_label("Columns out").fill("5")
    page.get_by_role("button", name="Check my guess").click()
    expect(page.get_by_text("Right: 5 × 5.")).to_be_visible()
    expect(page.locator(".title-output")).to_have_text("Output 5 × 5")
    expect(page.locator(".outputs")).to_be_visible()


def test_a_link_opens_the_same_step_on_a_cold_server(
    browser: Browser, start_page_server: Callable[[], str]
) -> None:
    """Pattern, kernels, geometry and the step come back for the first visitor of a fresh server."""
    page = browser.new_page(base_url=start_page_server())
    root = visit(page, "?input=digit&kernels=laplacian~box&s=2&p=1&pad=reflect&at=18")
    expect(page.locator(".title-output")).to_have_text("Output 2 × 4 × 4")
    assert place(root) == 17
    expect(page.locator(".outputs .current figcaption")).to_have_text("Box blur")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.close()


def test_the_link_button_names_the_step(page: Page) -> None:
    """The address bar holds the step, and opens there."""
    root = visit(page, "?s=2")
    page.get_by_role("button", name="Last position").click()
    page.get_by_role("button", name="Link").click()
    expect(page).to_have_url(re.compile(r"at=9"))
    expect(page.locator(".told")).to_contain_text("link to this step")
    page.reload()
    expect(root).to_have_attribute("data-at", "8", timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(new_page: Callable[..., Page], scheme: str) -> None:
    """At 390 pixels no section scrolls sideways, in either theme; the window fits the screen."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, "?kh=5&kw=5&p=2&rows=12&columns=12&channels=3&kernels=sobel_x~box~emboss")
    main = page.get_by_test_id("stMain")
    for section in SECTIONS:
        page.get_by_role("radio", name=section, exact=True).click()
        idle(page)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), section
        box = page.locator(".root").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_motion_is_left_out_for_who_asks(new_page: Callable[..., Page]) -> None:
    """With reduced motion the window jumps instead of gliding."""
    page = new_page(reduced_motion="reduce")
    visit(page)
    moving = page.locator(".inputs .window").evaluate(
        "each => getComputedStyle(each).transitionDuration"
    )
    assert moving == "0s"
    other = new_page()
    visit(other)
    moving = other.locator(".inputs .window").evaluate(
        "each => getComputedStyle(each).transitionDuration"
    )
    assert moving != "0s"
