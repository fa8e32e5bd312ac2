"""A lane of the engine: one worker process, and the calls that wait for it in order.

No torch here: it is loaded by the worker, a fresh interpreter (never a fork of this one).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, cast

from explorer.engine import library
from explorer.engine.protocol import (
    Cancel,
    Final,
    LaneStatus,
    Ready,
    Told,
    refusal,
)
from explorer.errors import EngineError, EngineUnavailable, WorkerDied

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.engine.jobs import Job

GRACE = 2.0
"""Seconds a cancelled call has to stop by itself before its worker is killed."""


def worker_threads() -> int:
    """Return how many threads a worker may use: one core is left to the page server."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores - 1)


class WorkerProcess:
    """A worker and the socket to it."""

    def __init__(self, lane: str) -> None:
        threads = os.environ.get("OMP_NUM_THREADS", str(worker_threads()))
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "explorer.engine.worker", lane, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
            )
        self.connection = Connection(ours.detach())
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it now; whoever reads from it sees the end of file."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> int:
        """Make sure it is gone and return its exit status, negative for a signal."""
        self.kill()
        return self._process.wait()


class Lane:
    """Runs jobs one after the other in a worker that is replaced when it dies."""

    def __init__(self, name: str, log: Path, finished: Callable[[Job, Final], None]) -> None:
        self.name = name
        self._log = log
        self._finished = finished
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._ready = False
        self._current: Job | None = None
        self._closed = False
        threading.Thread(target=self._run, name=f"lane {name}", daemon=True).start()

    def warm(self) -> None:
        """Start the worker before the first job comes."""
        self._queue.put(None)

    def submit(self, job: Job) -> None:
        """Put a job at the end of the line."""
        if not self._ready:
            torchless = self.name in library.WITHOUT_TORCH
            job.tell(Told(0.0, "Starting" if torchless else "Loading PyTorch"))
        elif self._current is not None:
            job.tell(Told(0.0, "Waiting for its turn"))
        self._queue.put(job)

    def abandon(self, job: Job) -> None:
        """Stop a job nobody waits for: first ask, then kill."""
        with self._lock:
            if self._current is job and self._worker is not None:
                with contextlib.suppress(OSError):
                    self._worker.connection.send(Cancel(job.number))
                timer = threading.Timer(GRACE, self._kill, (job,))
                timer.daemon = True
                timer.start()

    def close(self) -> None:
        """Kill the worker and start no other."""
        with self._lock:
            self._closed = True
            if self._worker is not None:
                self._worker.end()

    def status(self) -> LaneStatus:
        """Say what the lane is doing."""
        worker, current = self._worker, self._current
        return LaneStatus(
            name=self.name,
            worker=worker.pid if worker is not None and worker.alive else None,
            ready=self._ready,
            doing=current.doing if current is not None else "",
            waiting=self._queue.qsize(),
        )

    def _kill(self, job: Job) -> None:
        with self._lock:
            if self._current is job and self._worker is not None:
                self._worker.kill()

    def _run(self) -> None:
        while True:
            job = self._queue.get()
            try:
                worker = self._ready_worker()
                if job is not None and (outcome := self._outcome(worker, job)) is not None:
                    self._finished(job, outcome)
            except EngineError as error:
                if job is not None:
                    self._finished(job, refusal(error))

    def _outcome(self, worker: WorkerProcess, job: Job) -> Final | None:
        try:
            with self._lock:
                if job.abandoned:
                    return None
                self._current = job
                worker.connection.send(job.work())
            while isinstance(message := worker.connection.recv(), Told):
                job.tell(message)
            return cast("Final", message)
        except (EOFError, OSError):
            status = self._bury(worker)
            self.warm()
            raise WorkerDied(self._obituary(job, status)) from None
        finally:
            with self._lock:
                self._current = None

    def _ready_worker(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.alive:
            self._bury(self._worker)
        if self._worker is None:
            with self._lock:
                if self._closed:
                    raise EngineUnavailable("The engine is stopping; try again.")
                try:
                    self._worker = WorkerProcess(self.name)
                except OSError as error:
                    raise EngineUnavailable(f"No worker could be started: {error}.") from None
        worker = self._worker
        try:
            if not self._ready:
                self._ready = isinstance(worker.connection.recv(), Ready)
        except (EOFError, OSError):
            status = self._bury(worker)
            raise EngineUnavailable(
                f"The engine's worker ended while it was starting ({_ending(status)}); "
                f"its report is in {self._log}."
            ) from None
        return worker

    def _bury(self, worker: WorkerProcess) -> int:
        with self._lock:
            self._worker = None
            self._ready = False
            worker.connection.close()
            return worker.end()

    def _obituary(self, job: Job, status: int) -> str:
        if status == -signal.SIGKILL:
            return (
                f"The worker that was {job.doing} was killed, most likely because memory ran out; "
                "choose a smaller size and try again."
            )
        return (
            f"The worker that was {job.doing} crashed ({_ending(status)}); "
            f"its report is in {self._log}."
        )


def _ending(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
