"""The engine's first process: takes calls, shares and remembers results. No torch here.

One thread per caller, one per lane; the main thread accepts connections until the engine is told
to stop or has been idle for long enough.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, get_args

from explorer.engine import library
from explorer.engine.job_runner import JobRunner
from explorer.engine.jobs import Inbox, Job, Key, Memory
from explorer.engine.lane import Lane
from explorer.engine.protocol import (
    Accepted,
    Answer,
    Ask,
    AskStatus,
    EngineStatus,
    Final,
    LookAtRuns,
    Stop,
    Told,
    prove_to_client,
    refusal,
)
from explorer.errors import BadRequest, Cancelled, ExplorerError, TimeLimit

if TYPE_CHECKING:
    from explorer.engine.folder import RuntimeFolder


class Broker:
    """Answers callers until `serve` returns."""

    def __init__(
        self, folder: RuntimeFolder, calls: dict[str, library.Call], idle_limit: float
    ) -> None:
        self._folder = folder
        self._calls = calls
        self._lanes = {
            name: Lane(name, folder.log, self._finished) for name in get_args(library.Lane)
        }
        self._runner = JobRunner(folder.log)
        self._memory = Memory()
        self._in_flight: dict[Key, Job] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._callers = 0
        self._idle_limit = idle_limit
        self._started = self._last_used = time.monotonic()
        self._woken, self._alarm = os.pipe()
        self._stopping = False

    def serve(self, listener: socket.socket, key: bytes) -> None:
        """Take calls until SIGTERM, `Stop` or the idle limit; then kill the workers."""
        os.set_blocking(self._alarm, False)
        signal.set_wakeup_fd(self._alarm, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        self._lanes["meta"].warm()
        self._runner.start()
        while not self._stopping and (left := self._idle_limit - self._idle_for()) > 0:
            readable, _, _ = select.select([listener.fileno(), self._woken], [], [], left)
            if self._woken in readable:
                os.read(self._woken, 64)
            if listener.fileno() in readable:
                self._receive(listener, key)
        listener.close()
        for lane in self._lanes.values():
            lane.close()
        self._runner.close()

    def _receive(self, listener: socket.socket, key: bytes) -> None:
        try:
            caller = Connection(listener.accept()[0].detach())
        except OSError:  # no descriptors left: wait until a caller hangs up
            time.sleep(0.05)
            return
        threading.Thread(target=self._attend, args=(caller, key), daemon=True).start()

    def _stop(self) -> None:
        self._stopping = True
        os.write(self._alarm, b"!")

    def _idle_for(self) -> float:
        with self._lock:
            if self._callers or self._runner.busy:
                self._last_used = time.monotonic()
            return time.monotonic() - self._last_used

    def _attend(self, connection: Connection, key: bytes) -> None:
        with connection, contextlib.suppress(EOFError, OSError, AuthenticationError):
            prove_to_client(connection, key)
            message = connection.recv()
            if isinstance(message, Ask):
                connection.send(Accepted())
                with self._counted():
                    self._answer(connection, message)
            elif isinstance(message, AskStatus):
                connection.send(self._status())
            elif isinstance(message, LookAtRuns):
                connection.send(Accepted())
                with self._counted():
                    self._runner.look(prepare=message.prepare)
            elif isinstance(message, Stop):
                self._stop()
                connection.recv()  # never comes: that this end closes says the process is gone

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._callers += 1
        try:
            yield
        finally:
            with self._lock:
                self._callers -= 1
                self._last_used = time.monotonic()

    def _answer(self, connection: Connection, ask: Ask) -> None:
        inbox = Inbox()
        try:
            job = self._enter(ask, inbox)
        except ExplorerError as error:
            connection.send(refusal(error))
            return
        try:
            connection.send(self._await(connection, ask, inbox))
        finally:
            if job is not None:
                self._leave(job, inbox)
            inbox.close()

    def _await(self, connection: Connection, ask: Ask, inbox: Inbox) -> Final:
        deadline = time.monotonic() + ask.timeout
        while True:
            ready = wait([connection, inbox.bell], max(0.0, deadline - time.monotonic()))
            if connection in ready:
                connection.recv()  # a Cancel, or EOFError from a caller that is gone
                return refusal(Cancelled("Cancelled."))
            for message in inbox.take() if inbox.bell in ready else ():
                if not isinstance(message, Told):
                    return message
                connection.send(message)
            if not ready:
                doing = self._calls[ask.name].describe(ask.name, ask.subject)
                return refusal(
                    TimeLimit(
                        f"After {ask.timeout:g} s the engine was still {doing} or waiting to; "
                        "choose a smaller size, or try again when other work is done."
                    )
                )

    def _enter(self, ask: Ask, inbox: Inbox) -> Job | None:
        call = self._calls.get(ask.name)
        if call is None:
            raise BadRequest(
                f"The engine has no call {ask.name!r}; it has {', '.join(sorted(self._calls))}."
            )
        job = Job(next(self._numbers), ask, call)
        with self._lock:
            if job.key is not None:
                if (known := self._memory.recall(job.key)) is not None:
                    inbox.put(known)
                    return None
                running = self._in_flight.get(job.key)
                if running is not None and running.join(inbox):
                    return running
                self._in_flight[job.key] = job
            job.join(inbox)
        self._lanes[call.lane].submit(job)
        return job

    def _leave(self, job: Job, inbox: Inbox) -> None:
        if job.leave(inbox):
            with self._lock:
                self._forget(job)
            self._lanes[job.call.lane].abandon(job)

    def _finished(self, job: Job, outcome: Final) -> None:
        with self._lock:
            self._forget(job)
            if job.key is not None and isinstance(outcome, Answer):
                self._memory.keep(job.key, outcome)
        job.tell(outcome)

    def _forget(self, job: Job) -> None:
        if job.key is not None and self._in_flight.get(job.key) is job:
            del self._in_flight[job.key]

    def _status(self) -> EngineStatus:
        jobs, waiting, slots = self._runner.status()
        return EngineStatus(
            pid=os.getpid(),
            folder=str(self._folder.path),
            up_for=time.monotonic() - self._started,
            idle_for=self._idle_for(),
            stops_after=self._idle_limit,
            lanes=tuple(lane.status() for lane in self._lanes.values()),
            remembered=len(self._memory),
            remembered_bytes=self._memory.size,
            jobs=jobs,
            waiting=waiting,
            slots=slots,
        )
