"""A ready experiment in a real browser: guess, watch, reload, and be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from explorer.training.experiments import find

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 120_000
"""Milliseconds for a cold engine, and for five small runs beside whatever else is going on."""


def test_a_guess_is_answered_after_a_reload(page: Page) -> None:
    """Five folds start with one press; a reload finds them, and the answer appears by itself."""
    experiment = find("folds")
    page.goto("/experiments")
    page.locator(".st-key-experiments_open_folds button").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", level=1)).to_have_text(experiment.question)
    expect(page).to_have_url(re.compile(r"[?&]experiment=folds"))
    page.get_by_text("More than 8 points", exact=True).click()
    page.get_by_role("button", name="Guess and start 5 runs").click()
    expect(page.get_by_text("You said More than 8 points.")).to_be_visible(timeout=PATIENCE)

    page.reload()
    verdict = page.locator(".st-key-experiments_verdict")
    expect(verdict).to_be_visible(timeout=PATIENCE)
    expect(verdict).to_contain_text(re.compile("You said so: right|You said More than 8 points"))
    expect(verdict).to_contain_text("points apart")
    expect(page.get_by_text(experiment.lesson)).to_be_visible()
    expect(page.locator(".st-key-experiments_folds .plotly").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Again with seed 1")).to_be_visible()
