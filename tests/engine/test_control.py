"""Runs wait in a fair line, are done in processes of their own, and do what they are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.engine import client, control
from explorer.engine.__main__ import describe
from explorer.engine.client import connect
from explorer.errors import BadRequest, EngineUnavailable, UnknownRun
from explorer.runs.store import RunStore
from tests.engine.conftest import private_runtime
from tests.engine.jobs_at_work import at_step, line, over, process_of, state, until

if TYPE_CHECKING:
    import psutil


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """Have an engine do one run at a time; its store."""
    monkeypatch.setenv("CONVZOO_EXTRA_CALLS", "engine_jobs")
    monkeypatch.setenv("CONVZOO_JOBS", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return RunStore()


@pytest.fixture
def one_slot(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of an engine of the test's own."""
    return one_at_a_time(monkeypatch)


@pytest.fixture(scope="module")
def runs() -> Iterator[RunStore]:
    """The store of an engine that tests share, since it takes seconds until it has torch."""
    with pytest.MonkeyPatch.context() as monkeypatch, private_runtime(monkeypatch):
        yield one_at_a_time(monkeypatch)


def test_run_is_done_in_a_process_of_its_own(runs: RunStore) -> None:
    """A modest one, which goes before anything else when memory runs out."""
    control.prepare()
    (run,) = control.submit([line("slow", length=10)])
    until(lambda: at_step(run, 1))
    process = process_of(run)
    assert process.nice() == 10
    assert int(Path(f"/proc/{process.pid}/oom_score_adj").read_text()) == 800
    engine = connect().status()
    assert (engine.slots, engine.waiting, [job.run for job in engine.jobs]) == (1, 0, [run])
    assert f"run {run}: process {process.pid}" in describe(engine)
    control.look(run)
    until(lambda: runs.histograms(run) is not None)
    until(lambda: over(run))
    assert state(run) == "done"
    assert runs.steps(run).step.tolist() == list(range(1, 101))
    until(lambda: not connect().status().jobs)


def test_owners_take_turns(runs: RunStore) -> None:
    """Bob, who asks for one after Ada asked for three, gets it after her first."""
    first, second, third = control.submit([line("slow", length=100), line(), line()])
    (bobs,) = control.submit([line("slow", length=1, owner="bob")])
    until(lambda: at_step(first, 5))
    assert [runs.position(run) for run in (first, bobs, second, third)] == [0, 1, 2, 3]
    estimates = [runs.estimate(run) for run in (bobs, second, third)]
    assert all(each is not None and 0 < each < 600 for each in estimates)
    assert estimates == sorted(estimates, key=lambda each: each or 0.0)
    control.cancel(third)
    assert state(third) == "cancelled"
    control.stop(first)
    until(lambda: over(first, second, bobs))
    started = [runs.run(run).started or 0.0 for run in (first, bobs, second)]
    assert started == sorted(started)
    assert runs.run(third).started is None


def test_pausing_loses_nothing(runs: RunStore) -> None:
    """Paused and continued, the curve is that of a run that was left alone."""
    alone, paused = control.submit([line(length=20), line("slow", length=20)])
    until(lambda: at_step(paused, 20))
    control.pause(paused)
    until(lambda: state(paused) == "paused")
    assert runs.run(paused).step < 200
    control.resume(paused)
    until(lambda: over(paused))
    assert state(paused) == "done"
    for name in ("step", "loss", "gradient_norm"):
        assert np.array_equal(
            getattr(runs.steps(paused), name), getattr(runs.steps(alone), name)
        ), name


@pytest.mark.parametrize("data", ["slow", "stubborn"])
def test_cancelling_frees_memory_within_three_seconds(runs: RunStore, data: str) -> None:
    """A run that looks up ends by itself; one that does not is killed."""
    (run,) = control.submit([line(data, length=100)])
    until(lambda: at_step(run, 1))
    process = process_of(run)
    started = time.monotonic()
    control.cancel(run)
    until(lambda: not process.is_running())
    assert time.monotonic() - started < 3.0
    until(lambda: over(run))
    found = runs.run(run)
    assert (found.state, found.sentence) == ("cancelled", "Cancelled.")
    assert (found.weights, found.continues) == ((), False)
    assert len(runs.steps(run).step) >= 1


def test_failures_are_told(runs: RunStore) -> None:
    """A crash is lost, an error is failed; the next run is done all the same."""
    crashed, broken, fine = control.submit([line("crash"), line("buggy"), line()])
    until(lambda: over(crashed, broken, fine))
    assert [state(run) for run in (crashed, broken, fine)] == ["lost", "failed", "done"]
    assert runs.run(crashed).sentence.startswith("Its process crashed (SIGABRT); ")
    assert "ZeroDivisionError" in runs.run(broken).sentence
    assert "division by zero" in connect().folder.log.read_text()


def test_extending(runs: RunStore) -> None:
    """A run that is done goes on, to the very same curve as a long one."""
    short, long = control.submit([line(length=2), line(length=5)])
    until(lambda: over(short, long))
    with pytest.raises(BadRequest, match="give it a greater length"):
        control.resume(short)
    control.extend(short, 5)
    until(lambda: at_step(short, 50) and over(short))
    assert np.array_equal(runs.steps(short).loss, runs.steps(long).loss)


def test_unknown_runs_are_sentences(runtime: Path) -> None:
    """No engine is started for them."""
    for verb in (control.pause, control.stop, control.cancel, control.look):
        with pytest.raises(UnknownRun, match="no run 'x'"):
            verb("x")
    assert not list(runtime.glob("convzoo-*"))


def test_nothing_is_kept_without_an_engine(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was refused does not come to life later."""
    monkeypatch.setenv("CONVZOO_JOBS", "many")
    with pytest.raises(EngineUnavailable, match="CONVZOO_JOBS must be a number"):
        control.submit([line()])
    assert RunStore().runs() == ()


def test_engine_lives_as_long_as_its_runs(
    one_slot: RunStore,
    monkeypatch: pytest.MonkeyPatch,
    processes: Callable[[], list[psutil.Process]],
) -> None:
    """Idle for a second it stops, but not while one run is going and another waits."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "1")
    first, second = control.submit([line("slow", length=12), line("slow", length=12)])
    home = connect().folder
    until(lambda: over(first, second))
    assert [state(run) for run in (first, second)] == ["done", "done"]
    until(lambda: not processes() and not home.path.exists(), 10.0)


@pytest.mark.slow
def test_stopped_engine_leaves_checkpoints(
    one_slot: RunStore, processes: Callable[[], list[psutil.Process]]
) -> None:
    """`stop` waits for them, and the next engine does what was in line."""
    going, waiting = control.submit([line("slow", length=100), line()])
    until(lambda: at_step(going, 5))
    assert client.stop(connect().folder)
    assert not processes()
    found = one_slot.run(going)
    assert (found.state, found.continues) == ("lost", True)
    assert state(waiting) == "queued"
    connect()
    until(lambda: over(waiting))
    assert state(waiting) == "done"
    control.resume(going)
    until(lambda: at_step(going, found.step + 5))
    steps = one_slot.steps(going).step
    assert steps.tolist() == list(range(1, len(steps) + 1))
    control.cancel(going)
    until(lambda: over(going))
