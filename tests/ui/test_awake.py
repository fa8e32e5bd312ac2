"""Whether somebody who looks at a run that waits has an engine there to do it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from explorer.engine import control
from explorer.errors import EngineUnavailable
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.ui import awake, server, visitor
from tests.runs import made
from tests.ui.visits import opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who asked for an engine; each one at once, as after a long while."""
    found: list[str] = []
    monkeypatch.setattr(control, "prepare", lambda: found.append(threading.current_thread().name))
    monkeypatch.setattr(awake, "_asked", -awake.AGAIN)
    return found


def settled() -> None:
    """Wait for threads that ask."""
    for each in threading.enumerate():
        if each.name == "convzoo-prepare":
            each.join()


def test_it_is_asked_for_once_a_minute(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread of its own; an engine that cannot be had is nobody's business here."""
    awake.keep()
    awake.keep()
    settled()
    assert asked == ["convzoo-prepare"]

    def gone() -> None:
        raise EngineUnavailable("The engine did not start within 30 s; try again.")

    monkeypatch.setattr(control, "prepare", gone)
    monkeypatch.setattr(awake, "_asked", -awake.AGAIN)
    awake.keep()
    settled()


@pytest.mark.parametrize("waits", [True, False])
def test_a_run_that_waits_is_enough(
    asked: list[str], waits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine it was given to may have been killed, and nobody else starts another."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(visitor, "owner", str)
    monkeypatch.setattr(server, "start", lambda: None)  # an engine of the session would begin it
    store = RunStore()
    if waits:
        store.create(NewRun(made.recipe(length=2), "waiting"))
    else:
        made.kept(store)
    assert not opened("pages/training/runs.py").exception
    settled()
    assert bool(asked) == waits
