"""How long a choice takes to what it changes on the page, in a real browser.

    python -m benchmarks.pages [lab] [maps] [first] [--runs 4]

Starts a page server of its own and opens pages in Debian's Chromium. Every figure is wall time: in
the Cost lab, warm, from the key that moves a slider to the number it changes, in the Feature maps
from the click on "the layer behind" to its sheet of maps, both for choices that nobody made before.
`first` has empty folders for weights, data and runs, as on a first start without a network: from
opening a page by its address to what the shipped networks show there. The first of its figures is
that of a cold engine. Run it on a quiet machine.
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
LAB_BUDGET, MAPS_BUDGET, FIRST_BUDGET = 400, 500, 2000
"""Milliseconds."""

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
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--runs", type=int, default=4, help="choices of each kind")
    parser.add_argument("--model", default="squeezenet1_0", help="whose feature maps")
    chosen = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for part in chosen.parts or PARTS:
            with served(empty=part == "first") as url:
                page = chromium.new_page(base_url=url, viewport={"width": 1400, "height": 900})
                PARTS[part](page, chosen)
                page.close()
        chromium.close()


def lab(page: Page, chosen: argparse.Namespace) -> None:
    """Sliders of the Cost lab."""
    for key, slider, expected in KNOBS:
        open_lab(page, key)
        steps = range(1, chosen.runs + 1)
        told(key, [change(page, slider, expected(step)) for step in steps], LAB_BUDGET)


def maps(page: Page, chosen: argparse.Namespace) -> None:
    """One layer after the other of a network's feature maps."""
    page.goto(f"/feature_maps?model={chosen.model}")
    expect(page.locator(SHEET).first).to_be_visible(timeout=PATIENCE)
    settle(page)
    next_layer(page)  # the first has the network's rows looked up
    told(chosen.model, [next_layer(page) for _ in range(chosen.runs)], MAPS_BUDGET)


def first(page: Page, chosen: argparse.Namespace) -> None:
    """What the networks that come with the app show, each page opened by its address."""
    for address, shown in SHIPPED.items():
        found = []
        for _ in range(chosen.runs):
            start = time.perf_counter()
            page.goto(address)
            expect(page.locator(shown).first).to_be_visible(timeout=PATIENCE)
            found.append(1e3 * (time.perf_counter() - start))
            settle(page)
        told(address.partition("?")[0], found, FIRST_BUDGET)


def next_layer(page: Page) -> float:
    """Milliseconds from the click on the next layer to its sheet."""
    before = page.locator(SHEET).first.get_attribute("src")
    start = time.perf_counter()
    page.locator(".st-key-maps_behind button:visible").first.click()
    expect(page.locator(SHEET).first).not_to_have_attribute("src", before or "", timeout=PATIENCE)
    taken = 1e3 * (time.perf_counter() - start)
    settle(page)
    return taken


def told(name: str, found: list[float], budget: int) -> None:
    """Print a line: the median, and each."""
    each = " ".join(f"{milliseconds:.0f}" for milliseconds in found)
    print(f"{name:<16}{median(found):6.0f} ms median of {each} (budget {budget})", flush=True)


@contextmanager
def served(*, empty: bool) -> Iterator[str]:
    """A page server and an engine of its own, which end with it; if `empty`, nothing on disk."""
    folder = tempfile.mkdtemp(prefix="cz-")
    os.environ["CONVZOO_RUNTIME_DIR"] = folder
    before = {name: os.environ.get(name) for name in KEPT}
    if empty:
        os.environ.update({name: f"{folder}/{name.lower()}" for name in KEPT})
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
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})
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


PARTS = {"lab": lab, "maps": maps, "first": first}
"""What can be measured, by name."""
SHEET = ".sheet img"
SHIPPED = {
    "/predict": "h3:has-text('automobile')",
    "/feature_maps": SHEET,
    "/attribution": "img[alt^='Grad-CAM of automobile in']",
    "/runs": ".cz-line:has-text('ResNet-56')",
    "/compare?section=recipe": ".js-plotly-plot .scatterlayer path.point",
}
"""Pages, and what tells on each that a network's own numbers are there."""
KEPT = ("TORCH_HOME", "CONVZOO_DATA", "CONVZOO_RUNS")
"""Where weights, data and runs are looked for."""


if __name__ == "__main__":
    main()
