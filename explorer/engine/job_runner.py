"""The broker's side of training: takes runs out of the line, each into a process of its own.

No torch here: the fork server has it, an interpreter of its own that was started afresh. Whatever
counts stands in the store, so that another broker can go on where this one was killed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.context import ForkServerProcess
from typing import TYPE_CHECKING

import psutil

from explorer.engine import job, slots
from explorer.engine.protocol import JobStatus
from explorer.errors import ExplorerError
from explorer.runs import artefacts, coding, processes
from explorer.runs.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

PRELOADED = ["explorer.engine.preload"]
GRACE = 1.5
"""Seconds a cancelled job has to end by itself before it is killed."""
LAST_WORDS = 15.0
"""Seconds it has once it said how it ended: the best weights of one that failed come after that."""
CLOSING = 6.0
"""Seconds all jobs have to save their checkpoints when the engine stops."""
STARTS, START_PAUSE = 4, 0.5
"""Tries to start a process, and seconds between them."""
TICK = 1.0
"""Seconds between two looks at the store while there is anything to look for."""


@dataclass(slots=True)
class _Job:
    run: str
    process: ForkServerProcess
    lifeline: Connection
    pid: int
    birth: str
    kill_at: float | None = None

    @property
    def watched(self) -> bool:
        """Whether the fork server will say when it ends: not if that was killed."""
        return self.process.is_alive()

    @property
    def alive(self) -> bool:
        return self.watched or processes.alive(self.pid, self.birth)

    def kill(self) -> None:
        if processes.alive(self.pid, self.birth):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class JobRunner:
    """Does the store's queued runs, as many at a time as there are slots."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._store = RunStore()
        self._slots, self._threads = slots.slots(), slots.threads()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._jobs: dict[str, _Job] = {}
        self._woken, self._alarm = Pipe(duplex=False)
        self._waiting = 0
        self._called = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Take over what another engine left in line, and wait for more."""
        # torch then asks NVIDIA's driver for GPUs: CUDA started before a fork is broken after it.
        os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
        self._thread.start()

    def look(self, *, prepare: bool) -> None:
        """Look at the store now; or have the fork server load torch, since runs will come."""
        if prepare:
            forkserver.ensure_running()
        else:
            self._called = True
            self._wake()

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self._jobs or self._waiting)

    def status(self) -> tuple[tuple[JobStatus, ...], int, int]:
        """Return the jobs, how many runs wait, and the number of slots."""
        jobs = list(self._jobs.values())
        told = tuple(JobStatus(each.run, each.pid) for each in jobs)
        return told, self._waiting, self._slots

    def close(self) -> None:
        """Have all jobs save a checkpoint and end; kill what does not, and the fork server."""
        self._closed = True
        self._wake()
        self._thread.join(CLOSING)
        jobs = list(self._jobs.values())
        for each in jobs:
            each.lifeline.close()
        self._outlast(jobs)
        with contextlib.suppress(ExplorerError):
            for each in jobs:
                self._bury(each)
        # The fork server and multiprocessing's tracker of resources are what is left.
        children = psutil.Process().children()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=2.0)

    def _outlast(self, jobs: list[_Job]) -> None:
        deadline = time.monotonic() + CLOSING
        left = jobs
        while left and (seconds := deadline - time.monotonic()) > 0:
            wait(self._sentinels(left), min(seconds, TICK / 10))
            left = [each for each in left if each.alive]
        for each in left:
            each.kill()
            each.process.join()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._alarm.send_bytes(b"!")

    def _run(self) -> None:
        while not self._closed:
            try:
                timeout = self._tick()
            except Exception:  # a full disk, a busy store, no descriptors: it may pass
                traceback.print_exc()
                timeout = TICK
            bells: list[Connection | int] = [self._woken, *self._sentinels(self._jobs.values())]
            if self._woken in wait(bells, timeout):
                self._woken.recv_bytes()

    def _sentinels(self, jobs: Iterable[_Job]) -> list[int]:
        return [each.process.sentinel for each in jobs if each.watched]

    def _tick(self) -> float | None:
        """Look after all jobs and the line; return after how many seconds to look again."""
        self._bury_ended()
        self._store.settle()
        self._end_cancelled()
        self._fill_slots()
        deadlines = [one.kill_at for one in self._jobs.values() if one.kill_at is not None]
        if deadlines:
            return min(TICK, max(0.0, min(deadlines) - time.monotonic()))
        return TICK if self.busy else None

    def _bury_ended(self) -> None:
        for each in [one for one in self._jobs.values() if not one.alive]:
            try:
                self._bury(each)
            except ExplorerError:  # a full disk, a busy store: its end is written down later
                traceback.print_exc()
                continue
            del self._jobs[each.run]

    def _end_cancelled(self) -> None:
        now = time.monotonic()
        for each in self._jobs.values():
            if each.kill_at is not None and now >= each.kill_at:
                each.kill()
                each.kill_at = now + GRACE
                continue
            if each.kill_at is not None:
                continue
            doer = self._store.doer(each.run)
            if doer is None:
                each.kill_at = now + LAST_WORDS
            elif doer.wish == "cancel":
                each.kill_at = now + GRACE

    def _fill_slots(self) -> None:
        line = self._store.line()
        # There may be brokers of other sources or settings: the one told last starts these.
        if line and self._called:
            self._store.lead(self._slots)
        elif line and not self._store.leads(self._slots):
            line = ()
        self._called = False
        self._waiting = len(line)
        while line and not self._closed and len(self._store.going()) < self._slots:
            self._begin(line[0].id)
            line = self._store.line()
            self._waiting = len(line)

    def _begin(self, run: str) -> None:
        if not self._store.claim(run):
            return
        for _ in range(STARTS):
            theirs, ours = Pipe(duplex=False)
            try:
                process = self._started(run, theirs)
            except Exception:  # a fork server that was just killed is replaced by the next try
                traceback.print_exc()
                ours.close()
                time.sleep(START_PAUSE)
                continue
            finally:
                theirs.close()
            pid = process.pid or 0
            self._jobs[run] = _Job(run, process, ours, pid, processes.birth(pid) or "")
            return
        self._store.finish(run, "failed", self._not_started())

    def _started(self, run: str, lifeline: Connection) -> ForkServerProcess:
        arguments = (run, str(self._store.folder), self._threads, lifeline)
        process = self._context.Process(target=job.main, args=arguments, name=f"run {run}")
        process.start()
        return process

    def _bury(self, ended: _Job) -> None:
        """Write down how a process ended that could not do so itself."""
        ended.process.join()
        ended.lifeline.close()
        status = ended.process.exitcode
        doer = self._store.doer(ended.run)
        if doer is None or doer.pid not in (ended.pid, os.getpid()):
            return
        if doer.wish == "cancel":
            artefacts.drop(self._store.folder / ended.run)
            self._store.artefacts(ended.run, continues=False, weights=())
            self._store.finish(ended.run, "cancelled", "Cancelled.", doer.pid)
        elif doer.claimed:
            self._store.finish(ended.run, "failed", self._not_started(), doer.pid)
        else:
            continues = self._store.run(ended.run).continues
            sentence = coding.lost_sentence(_ending(status), continues=continues)
            self._store.finish(ended.run, "lost", sentence, doer.pid)

    def _not_started(self) -> str:
        return f"Its process could not be started; the report is in {self._log}."


def _ending(status: int | None) -> str:
    if status == -signal.SIGKILL:
        return "was killed, perhaps because memory ran out"
    if status is not None and status < 0:
        return f"crashed ({signal.Signals(-status).name})"
    return f"ended before it was done (exit status {status})"
