"""Design your own in a real browser: typing in the grid, undo, links, code, small screens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""
ROW = 33
"""Pixels of a row of the grid, the header's too."""
LAYER, CHANNELS, KERNEL = 120, 250, 340
"""Where the columns stand in the grid, in pixels from its left."""


def visit(page: Page, link: str = "", base: str = "") -> None:
    """Open the page by a link and wait for the results."""
    page.goto(f"{base}/design{link}")
    expect(results(page)).to_be_attached(timeout=PATIENCE)
    idle(page)


def results(page: Page) -> Locator:
    """What the rows give, as a screen reader finds it."""
    return page.get_by_test_id("stDataFrame").nth(1).locator("canvas table")


def total(page: Page) -> Locator:
    """The parameters, every digit of them."""
    return page.locator(".st-key-totals").get_by_text("in all")


def net(address: str) -> str:
    """The design in an address."""
    return parse_qs(urlsplit(address).query).get("net", [""])[0]


def expect_net(page: Page, fits: Callable[[str], bool]) -> None:
    """Wait until the address says such a design: it comes a moment after the results do."""
    page.wait_for_url(lambda address: fits(net(address)), wait_until="commit", timeout=10_000)


def point(page: Page, row: int, x: int) -> tuple[float, float]:
    """Where a cell of the grid is, rows counted from 1."""
    box = page.get_by_test_id("stDataFrame").first.locator("canvas").first.bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + ROW * row + ROW / 2


def opened(page: Page, row: int, x: int) -> Locator:
    """Open a cell to type in."""
    page.mouse.dblclick(*point(page, row, x))
    field = page.locator("#portal").locator("input, textarea").first
    expect(field).to_be_visible()
    return field


def write(page: Page, row: int, x: int, text: str) -> None:
    """Replace what a cell holds."""
    field = opened(page, row, x)
    field.fill(text)
    field.press("Enter")


def pick(page: Page, row: int, option: str) -> None:
    """Pick the kind of a row."""
    opened(page, row, LAYER)
    page.locator("#portal").get_by_text(option, exact=True).click()


def test_typing_in_the_grid(page: Page) -> None:
    """12 kernels instead of 6, 3 x 3 instead of 5 x 5; taken back, brought back, typed anew."""
    visit(page)
    expect(total(page)).to_have_text("61,706 in all")
    write(page, 1, CHANNELS, "12")
    # 61,706 - 156 - 2,416 + 12 * 26 + 16 * (12 * 25 + 1)
    expect(total(page)).to_have_text("64,262 in all")
    expect(results(page)).to_contain_text("12 × 28 × 28")
    write(page, 1, KERNEL, "3")
    expect(results(page)).to_contain_text("12 × 30 × 30")
    idle(page)
    began = "conv 12 padding=0 activation=tanh; average pool; conv 16"
    expect_net(page, lambda design: design.startswith(began))
    for button, words in (
        ("Undo", "12 × 28 × 28"), ("Undo", "6 × 28 × 28"), ("Redo", "12 × 28 × 28"),
    ):  # fmt: skip
        page.get_by_role("button", name=button).click()
        expect(results(page)).to_contain_text(words)
    write(page, 1, CHANNELS, "20")
    expect(results(page)).to_contain_text("20 × 28 × 28")


def test_an_edit_right_behind_another_counts(page: Page) -> None:
    """A kind is picked, which gives the grid anew, and a number typed before it has come."""
    visit(page)
    pick(page, 2, "Max pooling")
    write(page, 1, CHANNELS, "9")
    expect(results(page)).to_contain_text("9 × 28 × 28")
    idle(page)
    began = "conv 9 kernel=5 padding=0 activation=tanh; max pool; conv 16"
    expect_net(page, lambda design: design.startswith(began))


def test_an_error_and_rows_that_come_and_go(page: Page) -> None:
    """Told at the row; rows are added below and deleted by the box at their left."""
    visit(page)
    write(page, 3, CHANNELS, "32")
    error = page.get_by_test_id("stAlert")
    expect(error).to_contain_text("Row 6, Fully connected.")
    expect(error).to_contain_text("Linear expects 400 numbers, receives 800: 32 × 5 × 5.")
    expect(results(page)).to_contain_text("does not fit")
    page.get_by_role("button", name="Undo").click()
    expect(error).to_have_count(0)
    idle(page)
    page.mouse.click(*point(page, 9, LAYER))
    pick(page, 9, "Dropout")
    expect(results(page).locator("tr")).to_have_count(1 + 9)
    idle(page)
    expect_net(page, lambda design: design.endswith("linear 84 activation=tanh; linear; dropout"))
    page.mouse.click(*point(page, 7, 16))
    page.get_by_role("button", name="Delete row(s)").click()
    expect(results(page).locator("tr")).to_have_count(1 + 8)
    idle(page)
    left = "linear 120 expects=400 activation=tanh; linear; dropout"
    expect_net(page, lambda design: design.endswith(left))


def test_a_shared_link_on_a_cold_server(page: Page, start_page_server: Callable[[], str]) -> None:
    """The design, its input and its name, by one who never saw the page."""
    asked = {"net": "conv 16 norm=batch; residual 32 stride=2; global pool; linear 5",
             "input": "1x28x28", "name": "Digits"}  # fmt: skip
    visit(page, f"?{urlencode(asked)}", base=start_page_server())
    expect(results(page)).to_contain_text("32 × 14 × 14")
    # 16 * 9 + 32; 32 * 144 + 64, 32 * 288 + 64, 32 * 16 + 64; 32 * 5 + 5
    expect(total(page)).to_have_text("14,869 in all")
    expect(page.get_by_role("spinbutton", name="Height")).to_have_value("28")
    expect_net(page, lambda design: design == asked["net"])


def test_the_browser_s_back_button_is_a_step_back(page: Page) -> None:
    """One step back in the browser undoes one edit, and the grid shows it."""
    visit(page, "?net=conv+8%3B+global+pool%3B+linear+10&input=3x16x16")
    write(page, 1, CHANNELS, "24")
    expect(results(page)).to_contain_text("24 × 16 × 16")
    idle(page)
    page.go_back()
    expect(results(page)).to_contain_text("8 × 16 × 16")
    idle(page)
    expect_net(page, lambda design: design.startswith("conv 8"))


def test_the_downloaded_code_runs(page: Page, tmp_path: Path) -> None:
    """In an interpreter of its own that knows nothing of the explorer."""
    visit(page, "?net=conv+8%3B+fire+16%3B+squeeze+4%3B+global+pool%3B+linear+10&section=files")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Python").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    done = subprocess.run(
        [sys.executable, "-I", file.name],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    digits = "".join(each for each in total(page).inner_text() if each.isdigit())
    said = [f"{digits} parameters", "(1, 1, 32, 32) -> (1, 10)"]
    assert (file.name, done.stdout.splitlines()) == ("My_network.py", said), done.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_screens(new_page: Callable[..., Page], scheme: str) -> None:
    """Nothing is wider than a phone's screen, and the grid can be typed in."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    visit(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.get_by_role("radio", name="Mini-ResNet").click()
    expect(total(page)).to_have_text("175,258 in all")


def test_an_answer_comes_at_once(page: Page) -> None:
    """A warm edit is on the page within a second, browser and all."""
    visit(page)
    write(page, 1, CHANNELS, "7")
    expect(results(page)).to_contain_text("7 × 28 × 28")
    idle(page)
    field = opened(page, 1, CHANNELS)
    field.fill("9")
    began = time.monotonic()
    field.press("Enter")
    expect(results(page)).to_contain_text("9 × 28 × 28")
    assert time.monotonic() - began < 3.0  # under 0.4 s on an idle computer
