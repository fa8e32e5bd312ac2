"""`kill -9` of every process in turn while two runs go on: states stay true, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from explorer.engine import client, control
from explorer.engine.client import connect
from explorer.runs.store import RunStore
from tests.engine.jobs_at_work import at_step, line, over, process_of, state, until

PAGE_SERVER = """
import sys, time
sys.path.insert(0, {here!r})
from tests.engine.jobs_at_work import line
from explorer.engine import control
print(*control.submit([line("slow", length=100), line("slow", length=6)]), flush=True)
time.sleep(600)
"""


@pytest.fixture
def runs(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of an engine that does two runs at a time."""
    monkeypatch.setenv("CONVZOO_EXTRA_CALLS", "engine_jobs")
    monkeypatch.setenv("CONVZOO_JOBS", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return RunStore()


@pytest.mark.slow
def test_killed_one_after_the_other(runs: RunStore) -> None:
    """Page server, job process, broker, fork server; a run that is done before stays done."""
    whole, done = control.submit([line("slow", length=100), line()])
    until(lambda: over(done))

    long, short = _killed_page_server(runs)
    _killed_job(runs, long, short)
    control.cancel(whole)
    _killed_broker(runs, long)
    _killed_fork_server(runs)

    assert state(done) == "done"
    assert runs.steps(done).step.tolist() == list(range(1, 31))
    assert sorted(path.name for path in runs.run(done).folder.glob("*.safetensors")) == [
        "best.safetensors",
        "last.safetensors",
    ]
    control.resume(long)
    until(lambda: at_step(long, 40))
    steps = runs.steps(long).step
    assert steps.tolist() == list(range(1, len(steps) + 1))
    control.cancel(long)
    until(lambda: over(long))


def _killed_page_server(runs: RunStore) -> tuple[str, str]:
    """Whoever asked for runs may go: they go on, and any other page server finds them."""
    code = PAGE_SERVER.format(here=str(Path(__file__).parent))
    page_server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert page_server.stdout is not None
    long, short = page_server.stdout.readline().split()
    page_server.send_signal(signal.SIGKILL)
    page_server.communicate()
    # Both slots are taken by a run of before and one of these; the other one waits or runs.
    until(lambda: at_step(long, 5))
    assert state(long) == "running"
    assert {each.id for each in runs.runs("ada")} >= {long, short}
    return long, short


def _killed_job(runs: RunStore, long: str, short: str) -> None:
    """The run is lost at once; the next in line takes its place; the other goes on."""
    until(lambda: runs.run(long).continues)
    process_of(long).kill()
    until(lambda: state(long) == "lost", 2.0)
    until(lambda: "was killed" in runs.run(long).sentence, 3.0)
    assert runs.run(long).sentence.endswith("continue it from its last checkpoint.")
    assert len(runs.steps(long).step) >= 5
    until(lambda: over(short))
    assert state(short) == "done"
    assert runs.steps(short).step.tolist() == list(range(1, 61))
    control.resume(long)
    until(lambda: state(long) == "running")


def _killed_broker(runs: RunStore, long: str) -> None:
    """Its jobs save a checkpoint and end; what waits is done by the next one; pages say lost."""
    other, waiting = control.submit([line("slow", length=100), line(length=2)])
    until(lambda: state(other) == "running")
    (third,) = control.submit([line("slow", length=3)])
    until(lambda: at_step(long, 10) and at_step(other, 5))
    before = connect().status()
    jobs = [psutil.Process(job.process) for job in before.jobs]
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: not any(job.is_running() for job in jobs), 30.0)
    lost = [run for run in (long, other) if state(run) == "lost"]
    assert long in lost
    assert all(runs.run(run).continues for run in lost)
    after = connect().status()
    assert after.pid != before.pid
    until(lambda: over(waiting, third))
    assert (state(waiting), state(third)) == ("done", "done")


def _killed_fork_server(runs: RunStore) -> None:
    """Runs that go on do so; for the next one there is another fork server."""
    (going,) = control.submit([line("slow", length=100)])
    until(lambda: at_step(going, 5))
    job = process_of(going)
    server = job.parent()
    assert server is not None
    assert server.pid != connect().status().pid
    server.kill()
    (after,) = control.submit([line()])
    until(lambda: over(after))
    assert state(after) == "done"
    control.cancel(going)
    until(lambda: over(going))


@pytest.mark.slow
def test_whole_engine_killed_between_checkpoints(runs: RunStore) -> None:
    """Broker and job at the same moment: going on gives the curve of a run left alone."""
    (alone,) = control.submit([line("slow", length=6)])
    until(lambda: over(alone))
    (run,) = control.submit([line("slow", length=6)])
    until(lambda: at_step(run, 15) and runs.run(run).continues)
    job, broker = process_of(run), psutil.Process(connect().status().pid)
    broker.suspend()  # so that neither sees the other go
    job.kill()
    broker.kill()
    until(lambda: not broker.is_running(), 5.0)
    assert state(run) == "lost"
    control.resume(run)
    until(lambda: over(run))
    assert state(run) == "done"
    for name in ("step", "loss", "gradient_norm", "seconds"):
        one, other = getattr(runs.steps(run), name), getattr(runs.steps(alone), name)
        assert np.array_equal(one, other), name
    client.stop(connect().folder)


def test_first_point_comes_within_two_seconds(runs: RunStore) -> None:
    """From asking for a run of a real network to its first row, once the engine is prepared."""
    control.prepare()
    (first,) = control.submit([line()])  # done when the fork server has loaded torch
    until(lambda: over(first))
    started = time.monotonic()
    (run,) = control.submit([line(network="lenet5", data="digits")])
    until(lambda: len(runs.steps(run).step) > 0)
    assert time.monotonic() - started < 2.0
    control.cancel(run)
    until(lambda: over(run))
