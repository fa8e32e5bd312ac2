"""The app in a real browser: links opened cold, picking, folding, rows, narrow screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.waiting import idle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for the first answer of a cold engine, which loads torch."""

SECTIONS = (
    "Layers",
    "Diagram",
    "Figures",
    "Memory",
    "Build it here",
    "Why do other tools say something else?",
    "About",
    "Export",
)


def visit(page: Page, path: str) -> None:
    """Open a link and wait for its totals or title."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    idle(page)


def metric(page: Page, name: str) -> Locator:
    """The value of one of the totals."""
    block = page.get_by_test_id("stMetric").filter(has_text=re.compile(f"^{name}"))
    return block.get_by_test_id("stMetricValue")


def choose(page: Page, name: str) -> None:
    """Press a segment of a segmented control."""
    page.get_by_role("radio", name=name, exact=True).click()
    idle(page)


def pick(page: Page, words: str) -> None:
    """Search in the frame's picker and take the first that is found."""
    box = page.get_by_role("combobox", name="Model")
    box.click()
    box.fill(words)
    page.get_by_role("option").first.click()
    idle(page)


def expect_rows(page: Page, number: int) -> None:
    """The table has so many rows, by its accessible twin (which counts the header too)."""
    grid = page.get_by_test_id("stDataFrame").locator("canvas table").first
    expect(grid).to_have_attribute("aria-rowcount", str(number + 1), timeout=PATIENCE)


def click_row(page: Page, number: int) -> None:
    """Tick a row of the table, counted from 0."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 36 + 35 * number + 17)
    idle(page)


def test_a_link_opens_the_same_view_on_a_cold_server(
    browser: Browser, start_page_server: Callable[[], str]
) -> None:
    """The first visitor of a fresh server comes by a deep link; nothing says "not found"."""
    page = browser.new_page(base_url=start_page_server())
    link = "/anatomy?model=resnet18&h=192&w=256&unit=FLOPs&depth=layers&layer=layer1.0.conv1"
    visit(page, link)
    expect(metric(page, "Parameters")).to_have_text("11.7 M", timeout=PATIENCE)
    expect(page.get_by_role("heading", name="ResNet-18")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name="layer1.0.conv1")).to_be_visible()
    expect(page.get_by_label("Width")).to_have_value("256")
    expect(metric(page, "FLOPs")).to_be_visible()
    assert page.url.endswith(link)
    page.close()


def test_picking_searches_and_back_undoes(page: Page) -> None:
    """Family and year find a model; the browser's back button returns to the one before."""
    visit(page, "/anatomy?model=resnet18&h=160")
    pick(page, "densenet 2016")
    expect(page.get_by_role("heading", name="DenseNet-121")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/anatomy\?model=densenet121$"))
    page.go_back()
    expect(page.get_by_role("heading", name="ResNet-18")).to_be_visible()
    expect(page.get_by_label("Height")).to_have_value("160")
    page.go_forward()
    expect(page.get_by_role("heading", name="DenseNet-121")).to_be_visible()
    expect(page.get_by_label("Height")).to_have_value("224")


def test_folding_and_opening_a_block(page: Page) -> None:
    """Stages, then blocks; a closed stage is opened by choosing its row."""
    visit(page, "/anatomy?model=resnet50")
    expect(metric(page, "Sees")).to_have_text("427 px")
    expect_rows(page, 6)
    click_row(page, 1)
    expect(page.get_by_role("heading", name="layer1", exact=True)).to_be_visible()
    page.locator(".st-key-detail_open button").click()
    idle(page)
    expect(page).to_have_url(re.compile("open=layer1"))
    expect_rows(page, 9)
    expect(page.locator(".st-key-detail_open button")).to_have_text(re.compile("Close"))
    page.locator(".st-key-detail_open button").click()
    idle(page)
    expect_rows(page, 6)
    choose(page, "blocks")
    expect(page).to_have_url(re.compile("depth=blocks"))
    # Four stages opened: their headers, 3 + 4 + 6 + 3 blocks, the stem and the head.
    expect_rows(page, 22)


def test_a_row_opens_its_arithmetic(page: Page) -> None:
    """LeNet-5's first row: 32 - 5 + 1 = 28, and 156 parameters."""
    visit(page, "/anatomy?model=lenet5")
    click_row(page, 0)
    expect(page.get_by_role("heading", name="c1", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("layer=c1"))
    detail = page.get_by_test_id("stColumn").last
    expect(detail).to_contain_text("28 × 28")
    expect(detail).to_contain_text("156")
    expect(detail.locator(".katex").first).to_be_visible()


def test_a_point_of_the_zoo_opens_its_model(page: Page) -> None:
    """Clicking a point of the front page's figure leads to that network."""
    visit(page, "/")
    point = page.locator(".scatterlayer .trace .point").last
    expect(point).to_be_visible(timeout=PATIENCE)
    point.click(force=True)
    expect(page).to_have_url(re.compile(r"/anatomy\?model="))
    expect(metric(page, "Parameters")).to_be_visible(timeout=PATIENCE)


def test_the_navigation_keeps_the_model(page: Page) -> None:
    """Home and back again: the picker stands in the frame of every page."""
    visit(page, "/anatomy?model=vgg11")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("taken apart"))
    idle(page)
    expect(page).to_have_url(re.compile(r"/\?model=vgg11$"))


def test_an_unknown_model_is_one_sentence(page: Page) -> None:
    """The page says what is wrong with the link, and is usable."""
    visit(page, "/anatomy?model=resnet51")
    expect(page.get_by_test_id("stAlert")).to_contain_text("resnet50")
    expect(metric(page, "Parameters")).to_have_text("25.6 M")
    pick(page, "lenet5")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(metric(page, "Parameters")).to_have_text("61.7 k")


@pytest.mark.parametrize("path", ["/", "/?view=timeline", "/?view=all", "/anatomy?model=resnet18"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(
    new_page: Callable[..., Page], path: str, scheme: str
) -> None:
    """At 390 pixels nothing makes the page scroll sideways, in either theme."""
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True)
    visit(page, path)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    if path.startswith("/anatomy"):
        for section in SECTIONS:
            choose(page, section)
            assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), section


def test_figures_have_their_numbers_and_a_file(page: Page) -> None:
    """The table beneath a figure opens, and the HTML file needs no network."""
    visit(page, "/anatomy?model=lenet5&section=memory")
    page.locator(".st-key-figure_training_numbers label").click()
    # Three optimisers of five parts each.
    expect_rows(page, 15)
    with page.expect_download() as download:
        page.locator(".st-key-figure_training_html button").first.click()
    assert download.value.suggested_filename == "lenet5_training_memory.html"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "saved activations" in text
    assert "cdn.plot.ly" not in text.partition("<body>")[2].partition("plotly.js")[0]


@pytest.mark.parametrize(
    ("link", "button", "name", "content"),
    [
        ("section=export", "export_csv", "lenet5_32x32.csv", "lenet5,0,c1,Conv2d"),
        ("section=export", "export_json", "lenet5_32x32.json", '"params": 61706'),
        ("section=export", "export_md", "lenet5_32x32.md", "| `c1` |"),
        ("section=diagram", "graph_svg", "lenet5_layers.svg", "<svg"),
    ],
)
def test_files_to_take_away(page: Page, link: str, button: str, name: str, content: str) -> None:
    """Each button gives a file of the right name with this network in it."""
    visit(page, f"/anatomy?model=lenet5&{link}")
    with page.expect_download() as download:
        page.locator(f".st-key-{button} button").click()
    assert download.value.suggested_filename == name
    assert content in Path(download.value.path()).read_text(encoding="utf-8")


def server_process(url: str) -> psutil.Process:
    """The page server that listens at this address."""
    port = url.rpartition(":")[2]
    return next(
        child for child in psutil.Process().children() if f"--server.port={port}" in child.cmdline()
    )


def test_the_page_server_never_loads_torch(page: Page, page_server: str) -> None:
    """After every page and every section was used, its memory maps hold no torch."""
    for view in ("/", "/?view=timeline", "/?view=all"):
        visit(page, view)
    visit(page, "/anatomy?model=lenet5")
    for section in SECTIONS:
        choose(page, section)
    maps = [each.path for each in server_process(page_server).memory_maps()]
    assert any("numpy" in each for each in maps), "the maps are those of the right process"
    assert not [each for each in maps if "torch" in each]
