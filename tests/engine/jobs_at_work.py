"""What tests of the engine's jobs share: runs to ask for, and waiting for what they become."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from explorer.engine.client import connect
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import checked

SECONDS = 60.0
"""Longer than anything here takes, the fork server's imports on a busy machine included."""


def line(data: str = "", length: int = 3, owner: str = "ada", **more: object) -> NewRun:
    """A run of the network `line` of engine_jobs.py; ten steps an epoch."""
    recipe = checked(**{"network": "line", "data": data, "length": length, **more})
    return NewRun(recipe, f"{owner}'s {data or 'quick'}", owner)


def until(what: Callable[[], object], seconds: float = SECONDS) -> float:
    """Wait until something is so, and return after how many seconds it was."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < seconds, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - started


def state(run: str) -> str:
    """The state of a run, as any process reads it."""
    return RunStore().run(run).state


def over(*runs: str) -> bool:
    """Whether all of them ended."""
    return all(state(run) in ("done", "failed", "cancelled", "lost", "paused") for run in runs)


def at_step(run: str, step: int) -> bool:
    """Whether a run has come as far as this."""
    return RunStore().run(run).step >= step


def process_of(run: str) -> psutil.Process:
    """The process that does a run."""
    found = next(job.process for job in connect().status().jobs if job.run == run)
    return psutil.Process(found)
