"""Engines that start without torch, in a runtime folder of their own, and always end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from explorer import config
from explorer.engine import client, folder


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A private runtime root (short, for sockets) in which nothing may be left at the end."""
    with private_runtime(monkeypatch) as root:
        yield root


@contextmanager
def private_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime root as `runtime` gives it, for as long as one likes."""
    root = Path(tempfile.mkdtemp(prefix="cz-"))
    monkeypatch.setenv("CONVZOO_RUNTIME_DIR", str(root))
    monkeypatch.setenv("CONVZOO_RUNS", str(root / "runs"))
    monkeypatch.setenv("CONVZOO_EXTRA_CALLS", "engine_calls")
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "60")
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}:{config.checkout()}")
    yield root
    for home in folder.folders_of_checkout():
        client.stop(home)
    left = list(root.glob("convzoo-*"))
    shutil.rmtree(root)
    assert not left
    assert not processes_of(root)


@pytest.fixture
def engine(runtime: Path) -> client.Engine:
    """A running engine that knows the calls of engine_calls.py."""
    return client.connect()


@pytest.fixture
def processes(runtime: Path) -> Callable[[], list[psutil.Process]]:
    """The engine processes of this test, now."""
    return lambda: processes_of(runtime)


def processes_of(root: Path) -> list[psutil.Process]:
    """Return the processes that were started with this runtime root."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CONVZOO_RUNTIME_DIR") == str(root):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found
