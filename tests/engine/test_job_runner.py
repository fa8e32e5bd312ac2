"""What the broker does about its jobs where neither a process nor a disk helps it."""

from __future__ import annotations

import time
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace

import pytest

from explorer.engine import job_runner
from explorer.engine.job_runner import JobRunner
from explorer.errors import DiskFull
from explorer.runs.store import RunStore
from tests.engine.jobs_at_work import line

NOBODY = 1 << 30
"""No system gives a process this number."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, which the broker finds too."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    return RunStore()


@pytest.fixture
def runner(store: RunStore, tmp_path: Path) -> JobRunner:
    """A broker's side that looks when it is told to."""
    return JobRunner(tmp_path / "log")


def job(run: str, *, alive: bool) -> job_runner._Job:
    """A job of a process that is none of this test's."""
    process = SimpleNamespace(
        is_alive=lambda: alive, join=lambda: None, exitcode=None if alive else 1, sentinel=-1
    )
    lifeline, _ = Pipe(duplex=False)
    return job_runner._Job(run, process, lifeline, NOBODY, "")  # type: ignore[arg-type]


def test_an_end_that_a_full_disk_kept_from_being_told_is_told_later(
    store: RunStore, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose process died at its start does not count as running for ever."""
    run = store.create(line())
    assert store.claim(run)
    runner._jobs[run] = job(run, alive=False)

    def full(*_: object) -> None:
        raise DiskFull("The disk is full; delete files or runs.")

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "finish", full)
        runner._tick()
    assert store.run(run).state == "running"
    assert runner.busy
    runner._tick()
    assert store.run(run).state == "failed"
    assert "could not be started" in store.run(run).sentence
    assert not runner.busy


def test_a_job_that_failed_has_time_for_its_last_words(
    store: RunStore, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its best weights are written after its state; one that was cancelled is killed sooner."""
    killed: list[str] = []
    monkeypatch.setattr(job_runner._Job, "kill", lambda each: killed.append(each.run))
    failed, cancelled = (store.create(line(), queue=False) for _ in range(2))
    store.finish(failed, "failed", "The loss is no number any more.")
    store.wish(cancelled, "cancel")
    for run in (failed, cancelled):
        runner._jobs[run] = job(run, alive=True)
    runner._tick()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + job_runner.GRACE + 0.1)
    runner._tick()
    assert killed == [cancelled]
    monkeypatch.setattr(time, "monotonic", lambda: now + job_runner.LAST_WORDS + 0.1)
    runner._tick()
    assert failed in killed
