"""Waiting for a page in a browser until it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def idle(page: Page, patience: int = 60_000) -> None:
    """Wait until no script runs, for so many milliseconds at most."""
    page.wait_for_timeout(150)  # a click takes a moment to reach the server
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=patience
    )
