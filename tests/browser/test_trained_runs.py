"""A network that was trained here, on every page that opens one, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run
from explorer.runs.store import RunStore
from explorer.training.recipe import checked

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 120_000
"""Milliseconds for a cold engine, which loads torch and a network."""
TITLE = "A net of two minutes"


@pytest.fixture(scope="module")
def trained() -> Run:
    """A small network that knows the digits, and that everybody may see."""
    store = RunStore()
    recipe = checked(network="small_cnn", depth=4, width=8, length=2, samples=300)
    run = record(store.create(NewRun(recipe, TITLE, shared=True), queue=False), store)
    assert run.state == "done", run.sentence
    return run


def visit(page: Page, path: str) -> None:
    """Open a link and wait for its answer."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(150)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.parametrize("path", ["predict", "feature_maps", "attribution", "receptive_field"])
def test_pages_of_pictures_open_a_run(page: Page, trained: Run, path: str) -> None:
    """By its link, with the weights it kept and a grey picture; nothing is complained of."""
    visit(page, f"/{path}?model=run:{trained.id}&picture=digit_5")
    weights = page.get_by_role("combobox", name="Weights")
    expect(weights).to_have_value(re.compile(f"Its last weights · {TITLE} · .+ top-1"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.get_by_role("img").count()


def test_structure_pages_open_a_run(page: Page, trained: Run) -> None:
    """Anatomy counts it, and Compare sets it beside a network of the zoo."""
    assert trained.began is not None
    visit(page, f"/anatomy?model=run:{trained.id}")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.get_by_text(f"{trained.began.params:,} in all")).to_be_visible()
    visit(page, f"/compare?models=run:{trained.id}~lenet5")
    expect(page.get_by_text(TITLE).first).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_run_that_is_gone_is_said(page: Page) -> None:
    """In one sentence, and the pages go on with another network."""
    visit(page, "/anatomy?model=run:nobody")
    expect(page.get_by_text("There is no run called 'nobody', or it was deleted")).to_be_visible()
    expect(page.get_by_role("heading", name="ResNet-50")).to_be_visible()


def test_a_run_deleted_while_it_is_looked_at_is_said(page: Page) -> None:
    """The page that shows it is drawn anew and names what stands in."""
    store = RunStore()
    recipe = checked(network="linear", length=1, samples=50)
    run = record(store.create(NewRun(recipe, "Short-lived", shared=True), queue=False), store)
    visit(page, f"/anatomy?model=run:{run.id}")
    expect(page.get_by_role("heading", name="Short-lived")).to_be_visible()
    store.delete(run.id)
    page.get_by_label("Batch").fill("2")
    page.get_by_label("Batch").press("Enter")
    expect(page.get_by_role("heading", name="ResNet-50")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("or it was deleted")).to_be_visible()
