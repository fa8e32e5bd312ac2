"""The Runs page in a real browser: overlay two, reproduce one, take both away."""

from __future__ import annotations

import csv
import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from explorer.engine import control
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import Recipe, checked
from tests.browser.waiting import idle

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds for a cold engine, which loads torch, and a run of two epochs."""
SETTINGS = len(dataclasses.fields(Recipe))
ROW = 35
"""Pixels of a row of the table, and of its head."""


@pytest.fixture(scope="module")
def trained() -> tuple[str, str]:
    """Two short runs that everybody sees, done by the engine."""
    store = RunStore()
    recipes = [checked(network="mlp", width=8, depth=2, length=2, seed=seed) for seed in (1, 2)]
    news = [
        NewRun(recipe, f"Seed {number}", shared=True) for number, recipe in enumerate(recipes, 1)
    ]
    one, two = control.submit(news)
    deadline = time.monotonic() + PATIENCE / 1000
    while any(store.run(each).state != "done" for each in (one, two)):
        assert time.monotonic() < deadline, [store.run(each).sentence for each in (one, two)]
        time.sleep(0.1)
    return one, two


def tick(page: Page, run: str) -> None:
    """Click the box before a run's row; the table is drawn on a canvas."""
    listed = [each.id for each in RunStore().runs() if each.shared]
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": ROW * (listed.index(run) + 1) + ROW // 2})
    idle(page, PATIENCE)


def test_runs_are_overlaid_reproduced_and_taken_away(page: Page, trained: tuple[str, str]) -> None:
    """From a link to one run to three curves, the third equal to the first, to a file of all."""
    one, two = trained
    page.goto(f"/runs?run={one}")
    expect(page.get_by_role("heading", name="Seed 1")).to_be_visible(timeout=PATIENCE)
    idle(page, PATIENCE)
    tick(page, two)
    expect(page.locator(".cz-line")).to_have_text(["Seed 1", "Seed 2"])
    page.wait_for_url(
        lambda url: {one, two} == set(url.partition("runs=")[2].partition("&")[0].split("%2C")),
        wait_until="commit",
    )
    expect(page.get_by_text(f"1 of {SETTINGS} settings differ")).to_be_visible()

    tick(page, two)
    expect(page.locator(".cz-line")).to_have_count(0)
    page.get_by_role("button", name="Reproduce").click()
    expect(page.get_by_text("Equal to the bit: 42 steps and 2 epochs")).to_be_visible(
        timeout=PATIENCE
    )
    idle(page, PATIENCE)
    expect(page.locator(".cz-line")).to_have_text(["Seed 1", "Seed 1, again"])

    page.reload()
    expect(page.get_by_text("Equal to the bit: 42 steps and 2 epochs")).to_be_visible(
        timeout=PATIENCE
    )
    idle(page, PATIENCE)
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Steps, CSV").click()
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == {"Seed 1", "Seed 1, again"}
    losses = [
        [row["loss"] for row in rows if row["name"] == name] for name in ("Seed 1", "Seed 1, again")
    ]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 42


def test_it_fits_a_phone(new_page: Callable[..., Page], trained: tuple[str, str]) -> None:
    """Nothing is wider than the screen."""
    page = new_page(viewport={"width": 390, "height": 844}, is_mobile=True)
    page.goto(f"/runs?runs={','.join(trained)}")
    expect(page.get_by_role("heading", name="What differs")).to_be_visible(timeout=PATIENCE)
    idle(page, PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
