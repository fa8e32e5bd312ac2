"""How long a knob of the Cost lab takes to new numbers on the page, in a real browser.

    python -m benchmarks.cost_lab [--runs 4]

Starts a page server of its own and opens the page in Debian's Chromium. Every figure is wall time
from the key that moves a slider to the number it changes standing in the table, warm, for values
that nobody asked for before. Run it on a quiet machine; the budget is 400 ms.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 90_000
BUDGET = 400

KNOBS = (
    ("stack", "Kernels in the stack", lambda step: f"{9 * (step + 2) * 64**2:,}"),
    ("factorised", "Side of the kernel", lambda step: f"{2 * (7 + 2 * step) * 192**2:,}"),
    ("inverted", "Expansion", lambda step: f"{(6 + step) * 64 * (2 * 64 + 9):,}"),
    ("dense", "Layers", lambda step: f"{9 * (6 + step) * (64 + (6 + step) * 32) ** 2:,}"),
)
"""Comparison, slider, and the parameters that stand in the table so many steps to the right."""


def main() -> None:
    """Print the milliseconds of every change, a line a comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=4, help="steps of each slider")
    chosen = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with served() as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(base_url=url, viewport={"width": 1400, "height": 900})
        for key, slider, expected in KNOBS:
            open_lab(page, key)
            found = [change(page, slider, expected(step)) for step in range(1, chosen.runs + 1)]
            each = " ".join(f"{milliseconds:.0f}" for milliseconds in found)
            print(f"{key:<12}{median(found):6.0f} ms median of {each} (budget {BUDGET})")
        chromium.close()


@contextmanager
def served() -> Iterator[str]:
    """A page server and an engine of its own, which end with it."""
    folder = tempfile.mkdtemp(prefix="cz-")
    os.environ["CONVZOO_RUNTIME_DIR"] = folder
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}",
               "--server.headless=true", "--server.fileWatcherType=none"]  # fmt: skip
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(10)
        subprocess.run([sys.executable, "-m", "explorer.engine", "stop"], cwd=ROOT, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(port: int) -> None:
    """Return once the server accepts connections."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("The page server did not start.")


def open_lab(page: Page, key: str) -> None:
    """Open a comparison with its numbers shown, and wait until all of it stands there."""
    page.goto(f"/cost_lab?lab={key}&guess=off")
    expect(page.get_by_test_id("stTable").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-lab_curve .main-svg").first).to_be_visible(timeout=PATIENCE)
    settle(page)


def settle(page: Page) -> None:
    """Wait until no script runs."""
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE
    )


def change(page: Page, slider: str, expected: str) -> float:
    """Milliseconds from the key to the number."""
    page.get_by_role("slider", name=slider).focus()
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "text => document.querySelector('[data-testid=stTable]')?.innerText.includes(text)",
        arg=expected,
        timeout=PATIENCE,
    )
    taken = 1e3 * (time.perf_counter() - start)
    settle(page)
    return taken


if __name__ == "__main__":
    main()
