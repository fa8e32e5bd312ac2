"""Start, pause, stop and continue runs of training. No torch and no Streamlit here.

Everything is written into the store of runs first, then the engine is told to look: what is
asked for is neither lost with a page nor with the engine.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from explorer.engine.client import START_TIMEOUT, Engine, connect
from explorer.engine.folder import this_configuration
from explorer.errors import EngineUnavailable, ExplorerError
from explorer.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.runs.records import NewRun, Wish


def submit(runs: Sequence[NewRun]) -> tuple[str, ...]:
    """Put runs in line, all of them or none, and return their ids in order.

    Raises `DiskFull` where no more are kept, `EngineUnavailable`.
    """
    engine, store = connect(), RunStore()
    ids = store.create_all(runs)
    try:
        engine.look_at_runs()
    except EngineUnavailable:
        for id in ids:
            with contextlib.suppress(ExplorerError):  # one that was begun nevertheless stays
                store.delete(id)
        raise
    return ids


def prepare() -> None:
    """Have the engine load torch for jobs, since somebody is about to start one.

    Raises `EngineUnavailable`.
    """
    connect().look_at_runs(prepare=True)


def pause(id: str) -> None:
    """End a run after the step that runs, to continue it later. Raises `UnknownRun`."""
    _ask(id, "pause")


def stop(id: str) -> None:
    """End a run for good and keep its weights; its state is then cancelled. Raises `UnknownRun`."""
    _ask(id, "stop")


def cancel(id: str) -> None:
    """End a run at once and keep its rows alone: its memory is free within 3 s.

    Raises `UnknownRun`.
    """
    _ask(id, "cancel")


def resume(id: str) -> None:
    """Continue a run that is paused, stopped, failed or lost, from its last checkpoint.

    It waits in line again. Raises `UnknownRun`, `BadRequest` where there is nothing to go on
    from, `EngineUnavailable`.
    """
    _again(id, None)


def extend(id: str, length: float) -> None:
    """Continue a run that is over to a greater length, in its recipe's own unit.

    Raises `UnknownRun`, `BadRequest`, `EngineUnavailable`.
    """
    _again(id, length)


def look(id: str) -> None:
    """Ask a run for histograms: `RunStore.histograms` has them a moment later.

    Raises `UnknownRun`, `BadRequest` where it does not run.
    """
    RunStore().look(id)


def _ask(id: str, wish: Wish) -> None:
    RunStore().wish(id, wish)
    # Without an engine nothing runs but the command line's own, which looks by itself.
    with contextlib.suppress(EngineUnavailable):
        Engine(this_configuration(), START_TIMEOUT).look_at_runs(start=False)


def _again(id: str, length: float | None) -> None:
    engine = connect()
    RunStore().requeue(id, length)
    engine.look_at_runs()
