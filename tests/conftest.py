"""What tests share: an engine of their own, real data, a page server and a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # as in the Makefile
BROWSER_ARGUMENTS = (
    "--no-sandbox",  # continuous integration runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVER_START_SECONDS = 60


def pytest_configure(config: pytest.Config) -> None:
    """Give the session an engine of its own, which no running app shares and which ends with it."""
    # Workers side by side share the cores: more threads than cores only wait for each other.
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    folder = tempfile.mkdtemp(prefix="convzoo-tests-")
    os.environ["CONVZOO_RUNTIME_DIR"] = folder
    os.environ["CONVZOO_ENGINE_IDLE"] = "120"
    os.environ["CONVZOO_RUNS"] = str(Path(folder) / "runs")  # nobody's own runs
    config.add_cleanup(lambda: _stop_engines(Path(folder)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests last: they are slow, and Playwright keeps an event loop running."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def _stop_engines(folder: Path) -> None:
    """Stop every engine that tests started in a runtime folder, and remove the folder."""
    command = [sys.executable, "-m", "explorer.engine", "stop"]
    if any(folder.glob("convzoo-*")):
        subprocess.run(command, cwd=ROOT, check=False, timeout=30, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def fresh_streamlit_caches() -> Iterator[None]:
    """Empty Streamlit's caches around a test: they outlive an AppTest, session-scoped ones too."""
    _clear_streamlit_caches()
    yield
    _clear_streamlit_caches()


def _clear_streamlit_caches() -> None:
    streamlit = sys.modules.get("streamlit")
    if streamlit is not None:
        streamlit.cache_data.clear()
        streamlit.cache_resource.clear()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs, data sets and weights, which the repository does not hold."""
    folder = Path(os.environ.get("CONVZOO_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (CONVZOO_SHARED_DATA names another place)")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + SERVER_START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"the page server did not start:\n{log.read_text(errors='replace')[-4000:]}")


@contextmanager
def _served(log: Path) -> Iterator[str]:
    port = _free_port()
    url = f"http://localhost:{port}"
    arguments = ("run", "app.py", f"--server.port={port}", "--server.headless=true")
    quiet = ("--browser.serverAddress=localhost", "--server.fileWatcherType=none")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", *arguments, *quiet],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(server, url, log)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture(scope="session")
def page_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of one `streamlit run app.py` that all tests share."""
    with _served(tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture
def start_page_server(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Start another, cold page server; each call gives the address of a new one."""
    with ExitStack() as servers:
        yield lambda: servers.enter_context(_served(tmp_path / f"log-{time.monotonic_ns()}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium through Playwright. Without one: skip, or fail when CI is true."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        said = f"no browser: none of {', '.join(BROWSERS)} is installed (`make chromium`)"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(said)
        pytest.skip(said)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only these tests need it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=list(BROWSER_ARGUMENTS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, page_server: str) -> Iterator[Callable[..., Page]]:
    """Open pages with the server's address as base; a script error in any fails the test.

    Each call is a fresh visitor and takes what `browser.new_context` does (viewport,
    color_scheme, is_mobile, ...).
    """
    errors: list[str] = []
    with ExitStack() as visitors:

        def open_page(**settings: object) -> Page:
            defaults = {"base_url": page_server, "viewport": {"width": 1280, "height": 900}}
            context = browser.new_context(**{**defaults, **settings})
            visitors.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield open_page
    assert not errors, errors


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One visitor on a wide screen."""
    return new_page()
